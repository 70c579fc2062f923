import type {
  Admitted,
  ArrayFunction,
  Database,
  CachedAnswer,
  CacheWish,
  Extension,
  RememberedAnswer,
  LoggedBodies,
  Reroute,
  ReserveCall,
  Settlement,
} from '../ledger.ts';

type Answer = Readonly<Record<string, unknown>>;

/** A ledger without SQL: admits everything, settles a call once, and remembers what it was asked. */
export interface FakeDatabase extends Omit<Database, 'authenticateKey' | 'callArray'> {
  /** Tells the proxy that something was frozen. */
  freeze: () => void;
  readonly reserved: ReserveCall[];
  readonly rerouted: Reroute[];
  readonly extended: Extension[];
  readonly settled: Settlement[];
  readonly logged: LoggedBodies[];
  readonly wished: CacheWish[];
  readonly remembered: RememberedAnswer[];
  authenticateKey: Database['authenticateKey'];
  callArray: Database['callArray'];
  /** Replace an answer; undefined leaves the usual one. Thrown errors are the database's. */
  onReserve: (call: ReserveCall) => Answer | undefined;
  onReroute: (reroute: Reroute) => Answer | undefined;
  onExtend: (extension: Extension) => Answer | undefined;
  onSettle: (settlement: Settlement) => Answer | undefined;
  onFindAnswer: (wish: CacheWish) => CachedAnswer | null;
}

export const owner = {
  organizationId: '11111111-1111-4111-8111-111111111111',
  credentialId: '22222222-2222-4222-8222-222222222222',
  projectId: '33333333-3333-4333-8333-333333333333',
} as const;

export function admission(ciphertext: string): Admitted {
  return {
    ok: true,
    created_at: '2026-11-21T12:00:00.123456+00:00',
    organization_id: owner.organizationId,
    project_id: owner.projectId,
    credential: { id: owner.credentialId, ciphertext, is_sandbox: false },
    provider: 'openai',
    model: 'gpt-4o',
    max_attempts: 3,
    held_output_tokens: 1000,
    on_client_abort: 'drain',
  };
}

export function createFakeDatabase(ciphertext: string): FakeDatabase {
  const fake: FakeDatabase = {
    reserved: [],
    rerouted: [],
    extended: [],
    settled: [],
    logged: [],
    wished: [],
    remembered: [],
    onReserve: () => undefined,
    onReroute: () => undefined,
    onExtend: () => undefined,
    onSettle: () => undefined,
    onFindAnswer: () => null,
    freeze: () => {},
    watchFreezes: (onFreeze) => {
      fake.freeze = onFreeze;
      return Promise.resolve();
    },
    callArray: async (name, items) => {
      await Promise.resolve();
      return items.map((item) => answers[name](item));
    },
    authenticateKey: () => Promise.resolve({ ok: false, code: 'invalid_proxy_key' }),
    isItemsFault: () => false,
  };
  const answers: Readonly<Record<ArrayFunction, (item: unknown) => unknown>> = {
    reserve_calls(item) {
      const call = itemOf<ReserveCall>(item);
      fake.reserved.push(call);
      const { provider, model } = call;
      return { ...(fake.onReserve(call) ?? admission(ciphertext)), provider, model };
    },
    reroute_calls(item) {
      const reroute = itemOf<Reroute>(item);
      fake.rerouted.push(reroute);
      return fake.onReroute(reroute) ?? { ok: false, code: 'nobody_left' };
    },
    extend_calls(item) {
      const extension = itemOf<Extension>(item);
      fake.extended.push(extension);
      const held_output_tokens = Math.ceil(extension.output_tokens * 1.5);
      return fake.onExtend(extension) ?? { ok: true, held_output_tokens };
    },
    settle_calls(item) {
      const settlement = itemOf<Settlement>(item);
      const answer = fake.onSettle(settlement) ?? { settled: true, cost_usd: '0.0012340000' };
      fake.settled.push(settlement);
      return answer;
    },
    find_cached_answers(item) {
      const wish = itemOf<CacheWish>(item);
      fake.wished.push(wish);
      return fake.onFindAnswer(wish);
    },
    remember_answers: (item) => fake.remembered.push(itemOf<RememberedAnswer>(item)) > 0,
    log_bodies: (item) => fake.logged.push(itemOf<LoggedBodies>(item)) > 0,
  };
  return fake;
}

/** Guarantee: the ledger sends each function its own kind of items. */
function itemOf<Item>(item: unknown): Item {
  return item as Item;
}
