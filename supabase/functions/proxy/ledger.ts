import { z } from 'zod';
import { createLanes, type LaneOptions } from './lanes.ts';
import { Price } from './quote-cost.ts';
import { Rates } from './rate-headers.ts';
import type { Dialect, Operation, ProviderName } from './call.ts';
import type { TokenUsage } from './tally.ts';

/** The proxy's whole view of the database: eight functions. Arrays go in and out in the same order. */
export interface Ledger {
  readonly reserve: (call: ReserveCall) => Promise<Reservation>;
  readonly reroute: (organizationId: string, reroute: Reroute) => Promise<Rerouted>;
  readonly extend: (organizationId: string, extension: Extension) => Promise<Extended>;
  /** What nobody waits for goes in company. */
  readonly settle: (
    organizationId: string | null,
    settlement: Settlement,
    isAwaited: boolean,
  ) => Promise<Settled>;
  /** Answers whether they were written: the project may have stopped logging meanwhile. */
  readonly logBodies: (organizationId: string, bodies: LoggedBodies) => Promise<boolean>;
  readonly findAnswer: (organizationId: string, wish: CacheWish) => Promise<CachedAnswer | null>;
  /** Answers whether it was remembered: the project may have gone meanwhile. */
  readonly rememberAnswer: (organizationId: string, answer: RememberedAnswer) => Promise<boolean>;
  readonly authenticate: (keyId: string, keyHash: string) => Promise<Authenticated>;
}

export interface ReserveCall {
  readonly id: string;
  readonly key_id: string;
  readonly key_hash: string;
  readonly dialect: Dialect;
  readonly operation: Operation;
  /** What the model's name says by itself; null: only an alias can tell. */
  readonly provider: ProviderName | null;
  readonly model: string;
  /** Who serves the endpoint. */
  readonly providers: readonly ProviderName[];
  readonly stream: boolean;
  readonly input_tokens: number;
  readonly max_output_tokens: number | null;
  readonly user_id: string | null;
  readonly agent_id: string | null;
  readonly task_id: string | null;
  readonly tags: readonly string[];
  readonly lease_seconds: number;
  /** Its id was chosen by whoever calls, and its answer is kept. */
  readonly is_internal?: boolean;
}

/** An attempt that failed before its first byte. */
export interface Reroute {
  readonly call: ReserveCall;
  /** How many there are by now, this one included: told again, it is known as the same. */
  readonly failed_attempts: number;
  readonly attempt: {
    readonly code: string;
    readonly http_status: number;
    readonly usage: TokenUsage;
    readonly usage_source: 'reported' | 'estimated';
    readonly latency_ms: number;
    readonly retry_after_seconds: number | null;
  };
}

export interface Extension {
  readonly id: string;
  readonly created_at: string;
  /** Output tokens that the hold has to cover; 0 only renews the lease. */
  readonly output_tokens: number;
  readonly lease_seconds: number;
}

export interface Settlement {
  readonly id: string;
  /** Null where the answer to the reservation was lost. */
  readonly created_at: string | null;
  readonly status: 'succeeded' | 'failed' | 'aborted';
  readonly http_status: number | null;
  readonly error_code: string | null;
  readonly usage_source: 'reported' | 'estimated';
  readonly served_model: string | null;
  readonly usage: TokenUsage;
  readonly raw_usage: unknown;
  readonly latency_ms: number;
  readonly first_byte_ms: number | null;
  readonly overhead_ms: number;
  readonly upstream_request_id: string | null;
  /** To be held against the credential: how the last attempt failed. */
  readonly upstream_failure: { readonly code: string; readonly retry_after_seconds: number | null } | null;
  /** The response cache answered; what the call cost whose answer it was, null where that had no price. */
  readonly is_cached?: true;
  readonly saved_usd?: string | null;
  /** Of an internal call, as its client was answered, where it is whole. */
  readonly answer?: string;
}

export interface LoggedBodies {
  readonly id: string;
  readonly organization_id: string;
  readonly project_id: string;
  readonly logging: 'redacted' | 'full';
  readonly request: string | null;
  readonly response: string | null;
  readonly request_bytes: number;
  readonly response_bytes: number;
}

/** Which answer would do for a call of this project. */
export interface CacheWish {
  readonly project_id: string;
  readonly digest: string;
  readonly max_age_seconds: number;
}

/** What a call leaves in its project's response cache; the body sealed, in base64. */
export interface RememberedAnswer extends CacheWish {
  /** Of the key's secret that it came with: with the key its answers go. */
  readonly key_id: string;
  readonly is_own_wish: boolean;
  readonly call_id: string;
  readonly cost_usd: string | null;
  readonly content_type: string;
  readonly body: string;
}

const CachedAnswer = z.object({
  content_type: z.string(),
  body: z.string(),
  cost_usd: z.string().nullable(),
});
export type CachedAnswer = z.infer<typeof CachedAnswer>;

const Refused = z.object({
  ok: z.literal(false),
  code: z.string(),
  organization_id: z.string().nullish(),
  details: z.record(z.string(), z.unknown()).nullish(),
  rates: Rates.nullish(),
});
export type Refused = z.infer<typeof Refused>;

/** Who is to be asked, and on what terms. */
const Candidate = z.object({
  provider: z.enum(['openai', 'anthropic', 'moonshot']),
  model: z.string(),
  credential: z.object({ id: z.string(), ciphertext: z.string().nullable(), is_sandbox: z.boolean() }),
  price: Price.nullish(),
});
export type Candidate = z.infer<typeof Candidate>;

const Admitted = Candidate.extend({
  ok: z.literal(true),
  created_at: z.string(),
  organization_id: z.string(),
  project_id: z.string(),
  /** How old an answer the key's calls accept in place of their own. */
  cache_seconds: z.number().nullish(),
  max_attempts: z.number(),
  held_output_tokens: z.number(),
  on_client_abort: z.enum(['drain', 'cancel']),
  /** What of its bodies is to be kept, where its project logs them. */
  bodies: z.object({ logging: z.enum(['redacted', 'full']), project_id: z.string() }).nullish(),
  /** Room in the tightest budget that binds, this call's hold taken; null where nothing limits. */
  budget_remaining_usd: z.string().nullish(),
  rates: Rates.nullish(),
});
export type Admitted = z.infer<typeof Admitted>;

const Reservation = z.discriminatedUnion('ok', [Admitted, Refused]);
export type Reservation = z.infer<typeof Reservation>;

const Rerouted = z.discriminatedUnion('ok', [
  Candidate.extend({ ok: z.literal(true), held_output_tokens: z.number(), is_repeated: z.boolean() }),
  Refused,
]);
export type Rerouted = z.infer<typeof Rerouted>;

const Extended = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), held_output_tokens: z.number() }),
  Refused,
]);
export type Extended = z.infer<typeof Extended>;

const Settled = z.object({ settled: z.boolean(), cost_usd: z.string().nullable() });
export type Settled = z.infer<typeof Settled>;

const Model = z.object({
  id: z.string(),
  provider: z.enum(['openai', 'anthropic', 'moonshot']),
  display_name: z.string().nullish(),
  created: z.number(),
});
export type Model = z.infer<typeof Model>;

const Authenticated = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), organization_id: z.string(), models: z.array(Model) }),
  Refused,
]);
export type Authenticated = z.infer<typeof Authenticated>;

/** How the ledger reaches the database; `connect-database.ts` is the real one. */
export interface Database {
  readonly callArray: (name: ArrayFunction, items: readonly unknown[]) => Promise<unknown>;
  readonly authenticateKey: (keyId: string, keyHash: string) => Promise<unknown>;
  /** Calls `onFreeze` whenever something may have been frozen; also when that could have been missed. */
  readonly watchFreezes: (onFreeze: () => void) => Promise<void>;
  /** True when the items, not the connection, made a call fail: it left no trace. */
  readonly isItemsFault: (error: unknown) => boolean;
}

/** The database did not answer in time, and may still do what it was asked: `outcome` settles when that is known. */
export class NoAnswer extends Error {
  readonly outcome: Promise<unknown>;

  constructor(outcome: Promise<unknown>) {
    super('The database did not answer in time.');
    this.outcome = outcome;
  }
}

export type ArrayFunction =
  | 'reserve_calls'
  | 'reroute_calls'
  | 'extend_calls'
  | 'settle_calls'
  | 'log_bodies'
  | 'find_cached_answers'
  | 'remember_answers';

export function createLedger(database: Database): Ledger {
  const through = <Item, Answer>(
    name: ArrayFunction,
    answer: z.ZodType<Answer>,
    options: LaneOptions = {},
  ) => {
    const answers = z.array(answer);
    const run = async (items: readonly Item[]) => answers.parse(await database.callArray(name, items));
    return createLanes(run, { ...options, isItemsFault: database.isItemsFault });
  };
  const reserve = through<ReserveCall, Reservation>('reserve_calls', Reservation);
  const reroute = through<Reroute, Rerouted>('reroute_calls', Rerouted);
  const extend = through<Extension, Extended>('extend_calls', Extended);
  const settle = through<Settlement, Settled>('settle_calls', Settled, { lingerMs: settleLingerMs });
  const settleAtOnce = through<Settlement, Settled>('settle_calls', Settled);
  const log = through<LoggedBodies, boolean>('log_bodies', z.boolean(), { maxItems: maxBodiesAtOnce });
  const findAnswer = through<CacheWish, CachedAnswer | null>('find_cached_answers', CachedAnswer.nullable(), {
    maxItems: maxBodiesAtOnce,
  });
  const rememberAnswer = through<RememberedAnswer, boolean>('remember_answers', z.boolean(), {
    maxItems: maxBodiesAtOnce,
  });
  const organizations = createOrganizationMemory();
  return {
    async reserve(call) {
      const reservation = await reserve(organizations.laneOf(call.key_id), call);
      if (reservation.ok) organizations.learn(call.key_id, reservation.organization_id);
      return reservation;
    },
    reroute,
    extend,
    settle: (organizationId, settlement, isAwaited) =>
      (isAwaited ? settleAtOnce : settle)(organizationId ?? `call:${settlement.id}`, settlement),
    logBodies: log,
    findAnswer,
    rememberAnswer,
    authenticate: async (keyId, keyHash) =>
      Authenticated.parse(await database.authenticateKey(keyId, keyHash)),
  };
}

/** Few wait for a settlement but dashboards; in company it costs the database half as much. */
const settleLingerMs = 15;

/** Each may be more than a hundred kilobytes. */
const maxBodiesAtOnce = 8;

const maxRemembered = 10_000;

/** Which organization a key belongs to, as answers told; until then a key is its own lane. */
function createOrganizationMemory() {
  const organizations = new Map<string, string>();
  return {
    laneOf: (keyId: string): string => organizations.get(keyId) ?? `key:${keyId}`,
    learn(keyId: string, organizationId: string): void {
      if (organizations.size >= maxRemembered && !organizations.has(keyId)) organizations.clear();
      organizations.set(keyId, organizationId);
    },
  };
}
