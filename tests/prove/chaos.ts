import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { makeCaller, type Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { readBalance, settledLedger } from '../support/ledger.ts';
import { liftRateLimits } from '../support/organization.ts';
import {
  encodeEvents,
  openaiChunks,
  openaiCompletion,
  openaiUsageChunk,
} from '../support/provider-answers.ts';
import { storeProviderKey } from '../support/provider-key.ts';
import { paths, postToProxy } from '../support/proxy-request.ts';
import { bytesStep, jsonScript, playScripts, readJournal, streamScript } from '../support/upstream-client.ts';
import type { Script } from '../support/upstream.ts';
import { runProof, showChecks, type Check } from './run-proof.ts';

/*
 * Two providers' keys that answer badly: of a hundred answers ten are a 500, ten a 429, five break off, five make no
 * sense, five are none because the connection ends, and all are late by chance. Two thousand calls at 32 connections, half of them streamed, and then the books.
 */

const calls = 2_000;
const connections = 32;
const model = 'gpt-4o-mini';
const nanodollarsPerToken = { input: 150n, output: 600n };
/** Ledger money in its tenth decimals. */
const unitsOf = (usd: string): bigint => BigInt(usd.replace('.', ''));

type Fault = 'none' | '500' | '429' | 'cut' | 'malformed' | 'dead';

/** What one request will be answered, and what the provider would put on its bill. */
type Played = { fault: Fault; inputTokens: number; outputTokens: number };

/** A sequence that looks random and is the same each time: the minimal standard generator of Park and Miller. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function chooseFault(random: () => number): Fault {
  const dice = random() * 100;
  if (dice < 10) return '500';
  if (dice < 20) return '429';
  if (dice < 25) return 'cut';
  if (dice < 30) return 'malformed';
  return dice < 35 ? 'dead' : 'none';
}

function scriptOf(
  { fault, inputTokens, outputTokens }: Played,
  requestId: string,
  isStream: boolean,
  delayMs: number,
): Script {
  if (fault === 'dead') return { isDead: true, delayMs, steps: [] };
  const usage = {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  };
  const withId = (script: Script): Script => ({
    ...script,
    delayMs,
    headers: { ...script.headers, 'x-request-id': requestId },
  });
  if (fault === '500' || fault === '429') {
    const error = { message: 'Not now.', type: 'server_error', param: null, code: `their_${fault}` };
    return withId(jsonScript({ error }, Number(fault)));
  }
  const words = Array.from({ length: outputTokens }, (_, n) => ({ content: ` word${n}` }));
  if (!isStream) {
    const content = words.map((word) => word.content).join('');
    const whole = JSON.stringify(openaiCompletion(model, usage, { content }));
    if (fault === 'malformed') return withId(jsonScript(whole.slice(0, -20)));
    const script = withId(jsonScript(whole));
    const half = bytesStep(whole.slice(0, whole.length / 2));
    return fault === 'cut' ? { ...script, steps: [half, { disconnect: true }] } : script;
  }
  const events = openaiChunks(model, words);
  if (fault === 'malformed') events[2] = { data: '{"choices": [{"delta"' };
  const all = [...events, openaiUsageChunk(model, usage), { data: '[DONE]' }];
  const script = withId(streamScript(encodeEvents(all)));
  const begun = bytesStep(encodeEvents(events.slice(0, Math.ceil(events.length / 2))));
  return fault === 'cut' ? { ...script, steps: [begun, { disconnect: true }] } : script;
}

/** Gives each provider key more answers than can be asked of it; tells which they are by request id. */
async function playChaos(
  upstreamUrl: string,
  keys: readonly string[],
  isStream: boolean,
): Promise<Map<string, Played>> {
  const random = createRandom(isStream ? 2026 : 11);
  const played = new Map<string, Played>();
  for (const [place, key] of keys.entries()) {
    const scripts = Array.from({ length: calls * 2 }, (_, n) => {
      const answer: Played = {
        fault: chooseFault(random),
        inputTokens: 20 + Math.floor(random() * 400),
        outputTokens: 1 + Math.floor(random() * 40),
      };
      const requestId = `${isStream ? 'stream' : 'plain'}-${place}-${n}`;
      played.set(requestId, answer);
      return scriptOf(answer, requestId, isStream, Math.floor(random() * 40));
    });
    await playScripts(upstreamUrl, key, ...scripts);
  }
  return played;
}

/** Each of the callers' calls one after another per connection; whatever comes back is read to its end, or to its break. */
async function makeCalls(
  callers: readonly { caller: Caller; stream: boolean }[],
): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  let next = 0;
  const connection = async (): Promise<void> => {
    while (next < calls) {
      const turn = callers[next++ % callers.length];
      if (turn === undefined) return;
      const { caller, stream } = turn;
      const body = JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'How are you?' }] });
      const response = await postToProxy(caller.proxyKey, paths.openai, body);
      await response.text().catch(() => null);
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  return statuses;
}

const Row = z.object({
  id: z.string(),
  status: z.string(),
  usage_source: z.string(),
  cost_usd: z.string(),
  held_usd: z.string(),
  error_code: z.string().nullable(),
  upstream_request_id: z.string().nullable(),
  attempts: z.array(z.object({ cost_usd: z.string() })).nullable(),
});

async function readRows(organizationIds: readonly string[]): Promise<z.infer<typeof Row>[]> {
  const rows = await operatorSql()`
    select id, status, usage_source, cost_usd::text, held_usd::text, error_code, upstream_request_id, attempts
    from public.ai_usage where organization_id = any(${[...organizationIds]})`;
  return z.array(Row).parse([...rows]);
}

const billOf = ({ inputTokens, outputTokens }: Played): bigint =>
  // A nanodollar is ten of the ledger's last decimals.
  (BigInt(inputTokens) * nanodollarsPerToken.input + BigInt(outputTokens) * nanodollarsPerToken.output) * 10n;

async function prove(upstreamUrl: string): Promise<Check[]> {
  // One for streams and one for plain calls, so that the stand-in knows which to play; each has two credentials.
  const callers = await Promise.all(
    [true, false].map(async (stream) => {
      const caller = await makeCaller('openai');
      const second = await storeProviderKey(caller.organizationId, caller.owner, 'openai');
      await liftRateLimits(caller.organizationId);
      return { caller, stream, keys: [caller.upstreamKey, second] };
    }),
  );
  const played: Map<string, Played>[] = [];
  for (const { keys, stream } of callers) played.push(await playChaos(upstreamUrl, keys, stream));
  const statuses = await makeCalls(callers);
  for (const { caller } of callers) await settledLedger(caller.organizationId, 60_000);
  await wait(500);

  const rows = await readRows(callers.map(({ caller }) => caller.organizationId));
  const journal = await Promise.all(
    callers.flatMap(({ keys }) => keys).map((key) => readJournal(upstreamUrl, key)),
  );
  const requests = journal.flat().filter(({ method }) => method === 'POST').length;
  const attempts = rows.reduce((sum, row) => sum + 1 + (row.attempts?.length ?? 0), 0);
  const exact = rows.filter(
    ({ usage_source, status }) => usage_source === 'reported' && status === 'succeeded',
  );
  const all = new Map(played.flatMap((one) => [...one]));
  const billed = exact.reduce((sum, row) => {
    const answer = all.get(row.upstream_request_id ?? '');
    return answer === undefined ? sum : sum + billOf(answer);
  }, 0n);
  const recorded = exact.reduce((sum, row) => sum + unitsOf(row.cost_usd), 0n);
  const estimated = rows.filter(({ usage_source }) => usage_source === 'estimated');
  // Of a call that succeeded only what its attempts may have cost is an estimate; its own usage may outgrow its hold.
  const guessOf = ({ status, cost_usd, attempts }: (typeof rows)[number]): bigint =>
    status === 'succeeded'
      ? (attempts ?? []).reduce((sum, attempt) => sum + unitsOf(attempt.cost_usd), 0n)
      : unitsOf(cost_usd);
  const beyond = estimated.filter((row) => guessOf(row) > unitsOf(row.held_usd) || guessOf(row) <= 0n);
  const balances = await Promise.all(callers.map(({ caller }) => readBalance(caller.organizationId)));
  const counted = balances.reduce((sum, { spent_usd }) => sum + unitsOf(spent_usd), 0n);
  const total = rows.reduce((sum, { cost_usd }) => sum + unitsOf(cost_usd), 0n);
  const kinds = Map.groupBy(
    estimated,
    ({ error_code }) => error_code ?? 'succeeded after an attempt that may have cost',
  );
  for (const [kind, ones] of kinds) console.log(`estimated: ${ones.length} × ${kind}`);
  return [
    {
      claim: 'every call was answered',
      isTrue: [...statuses.values()].reduce((a, b) => a + b, 0) === calls,
      facts: [...statuses].map(([status, n]) => `${n} × ${status}`).join(', '),
    },
    {
      claim: 'every call has one settled row',
      isTrue: rows.length === calls && new Set(rows.map(({ id }) => id)).size === calls,
      facts: `${rows.length}`,
    },
    {
      claim: 'attempts add up to what upstream saw',
      isTrue: attempts === requests && requests > calls,
      facts: `${attempts} of ${requests}`,
    },
    {
      claim: 'exact rows cost what upstream bills',
      isTrue: billed === recorded && exact.length > calls / 2,
      facts: `${exact.length} rows, $${recorded} and $${billed}, in tenth decimals`,
    },
    {
      claim: 'no estimate is beyond its hold',
      isTrue: beyond.length === 0 && estimated.length > 0,
      facts: `${estimated.length} estimated`,
    },
    {
      claim: 'the counter is the ledger',
      isTrue: counted === total,
      facts: `${counted} and ${total}`,
    },
    {
      claim: 'nothing is held afterwards',
      isTrue: balances.every(({ held_usd, open_calls }) => unitsOf(held_usd) === 0n && open_calls === 0),
      facts: balances.map(({ held_usd }) => `$${held_usd}`).join(', '),
    },
  ];
}

await runProof({ STACK_PROXY_PROCESSES: '2' }, async (upstreamUrl) =>
  showChecks(`${calls} calls at ${connections} connections, amid faults`, await prove(upstreamUrl)),
);
