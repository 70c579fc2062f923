import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { makeCaller, type Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { readBalance, readLedger, type Balance, type LedgerRow } from '../support/ledger.ts';
import {
  anthropicEvents,
  doneEvent,
  encodeEvents,
  openaiChunks,
  openaiUsageChunk,
} from '../support/provider-answers.ts';
import { paths, postToProxy } from '../support/proxy-request.ts';
import { readReady } from '../support/ready.ts';
import { bytesStep, playScripts, readJournal } from '../support/upstream-client.ts';
import type { Script } from '../support/upstream.ts';
import { runProof, showChecks, type Check } from './run-proof.ts';

/*
 * Kills the proxy (SIGKILL) with 200 calls in flight, in every phase that a call has, and shows that nothing is lost:
 * whatever reached a provider has its row, each row is settled once, and the money adds up wherever it is kept.
 */

const dialects = ['openai', 'anthropic'] as const;
type Dialect = (typeof dialects)[number];
const models = { openai: 'gpt-4o-mini', anthropic: 'claude-haiku-4-5' } as const;
/** Of each dialect: those that stream when the proxy dies, those that have ended by then, those that just begin. */
const counts = { streaming: 100, ended: 10, beginning: 25 } as const;
const leaseSeconds = 3;
const sweepTimeoutMs = 60_000;

type Sent = { name: string; requestId: string | null; isWhole: boolean };

function slowStream(dialect: Dialect, pieces: number): Script {
  const texts = Array.from({ length: pieces }, (_, index) => `piece ${index} of a slow answer, `);
  const usage = { prompt_tokens: 40, completion_tokens: 7 * pieces, total_tokens: 40 + 7 * pieces };
  const events = {
    openai: [
      ...openaiChunks(
        models.openai,
        texts.map((content) => ({ content })),
      ),
      openaiUsageChunk(models.openai, usage),
      doneEvent,
    ],
    anthropic: anthropicEvents(
      models.anthropic,
      { input_tokens: 40, output_tokens: 7 * pieces },
      texts.map((text) => ({ type: 'text_delta', text })),
    ),
  }[dialect];
  const steps = events.flatMap((event) => [
    bytesStep(encodeEvents([event])),
    { waitMs: pieces > 5 ? 150 : 1 },
  ]);
  return { headers: { 'content-type': 'text/event-stream' }, steps };
}

/** Upstream and the ledger both learn the call's name, each in its own way. Never rejects. */
async function send(caller: Caller, dialect: Dialect, name: string): Promise<Sent> {
  const body = {
    model: models[dialect],
    max_tokens: 2000,
    stream: true,
    messages: [{ role: 'user', content: name }],
  };
  const sent: Sent = { name, requestId: null, isWhole: false };
  try {
    const headers = { 'x-call-name': name, 'x-khq-task': name };
    const response = await postToProxy(caller.proxyKey, paths[dialect], JSON.stringify(body), { headers });
    if (!response.ok) return sent;
    sent.requestId = response.headers.get('x-request-id');
    await response.text();
    sent.isWhole = true;
  } catch {
    // The proxy died: that is what this is about.
  }
  return sent;
}

const named = (phase: keyof typeof counts): string[] =>
  Array.from({ length: counts[phase] }, (_, index) => `${phase}-${index}`);

/** All phases at once, of one dialect. `whenStreaming` resolves when upstream has all that were to be streaming. */
function sendAll(upstreamUrl: string, caller: Caller, dialect: Dialect) {
  const calls: Promise<Sent>[] = [];
  const begin = (phase: keyof typeof counts): void => {
    for (const name of named(phase)) calls.push(send(caller, dialect, name));
  };
  return {
    calls,
    endSome: async () => {
      await playScripts(upstreamUrl, caller.upstreamKey, slowStream(dialect, 3));
      begin('ended');
      await Promise.all(calls);
    },
    streamMany: async () => {
      await playScripts(upstreamUrl, caller.upstreamKey, slowStream(dialect, 60));
      begin('streaming');
      const expected = counts.ended + counts.streaming;
      while ((await readJournal(upstreamUrl, caller.upstreamKey)).length < expected) await wait(50);
    },
    beginMore: () => begin('beginning'),
  };
}

/** How long it takes until the restarted proxy answers a call, in milliseconds. */
async function serveAgain(upstreamUrl: string, caller: Caller, dialect: Dialect): Promise<number> {
  const startedAt = performance.now();
  await playScripts(upstreamUrl, caller.upstreamKey, slowStream(dialect, 1));
  while (performance.now() - startedAt < 30_000) {
    const { isWhole } = await send(caller, dialect, `again-${Math.round(performance.now())}`);
    if (isWhole) return performance.now() - startedAt;
    await wait(50);
  }
  throw new Error('The proxy does not serve again.');
}

async function countOpen(): Promise<number> {
  const [row] = await operatorSql()`select count(*)::int as count from public.open_calls`;
  return z.object({ count: z.int() }).parse(row).count;
}

/** The ledger once nothing is open any more: the sweeper has closed what the dead process left. */
async function sweptLedger(organizationId: string): Promise<LedgerRow[]> {
  const deadline = Date.now() + sweepTimeoutMs;
  for (;;) {
    const rows = await readLedger(organizationId);
    if (rows.every(({ settled_at }) => settled_at !== null) || Date.now() > deadline) return rows;
    await wait(250);
  }
}

function judge(sent: Sent[], reached: string[], rows: LedgerRow[], balance: Balance): Check[] {
  const names = rows.map(({ task_id }) => task_id ?? '');
  const lost = reached.filter((name) => !names.includes(name));
  const answered = sent.flatMap(({ requestId }) => requestId ?? []);
  const unknown = answered.filter((id) => !rows.some(({ request_id }) => request_id === id));
  const twice = names.length - new Set(names).size + (rows.length - new Set(rows.map(({ id }) => id)).size);
  const open = rows.filter(({ settled_at }) => settled_at === null);
  const unpriced = rows.filter(({ cost_usd, status }) => status !== 'failed' && !(Number(cost_usd) > 0));
  const unsaid = rows.filter(({ usage_source }) => usage_source === null);
  const { ledger_usd, spent_usd, rollups_usd, ledger_calls, rollup_calls, held_usd, open_calls } = balance;
  return [
    {
      claim: 'what reached upstream has its row',
      isTrue: lost.length === 0,
      facts: `${reached.length} requests, ${lost.length} lost`,
    },
    {
      claim: 'what was answered has its row',
      isTrue: unknown.length === 0,
      facts: `${answered.length} request ids, ${unknown.length} unknown`,
    },
    { claim: 'no call is there twice', isTrue: twice === 0, facts: `${rows.length} rows, ${twice} doubled` },
    { claim: 'each is settled', isTrue: open.length === 0 && open_calls === 0, facts: `${open.length} open` },
    { claim: 'reported or estimated', isTrue: unsaid.length === 0, facts: describe(rows) },
    {
      claim: 'none of them for free',
      isTrue: unpriced.length === 0,
      facts: `${unpriced.length} without a cost`,
    },
    { claim: 'nothing is held', isTrue: Number(held_usd) === 0, facts: `$${held_usd}` },
    {
      claim: 'the counter is the ledger',
      isTrue: spent_usd === ledger_usd,
      facts: `$${spent_usd} = $${ledger_usd}`,
    },
    {
      claim: 'so are the rollups',
      isTrue: rollups_usd === ledger_usd && rollup_calls === ledger_calls,
      facts: `$${rollups_usd}, ${rollup_calls} calls`,
    },
  ];
}

function describe(rows: LedgerRow[]): string {
  const counted = new Map<string, number>();
  for (const { status, usage_source } of rows) {
    const kind = `${status} ${usage_source ?? 'unsettled'}`;
    counted.set(kind, (counted.get(kind) ?? 0) + 1);
  }
  return [...counted].map(([kind, count]) => `${count} ${kind}`).join(', ');
}

async function prove(upstreamUrl: string): Promise<boolean> {
  const callers = { openai: await makeCaller('openai'), anthropic: await makeCaller('anthropic') };
  const later = { openai: await makeCaller('openai'), anthropic: await makeCaller('anthropic') };
  const waves = dialects.map((dialect) => sendAll(upstreamUrl, callers[dialect], dialect));
  await Promise.all(waves.map(({ endSome }) => endSome()));
  await Promise.all(waves.map(({ streamMany }) => streamMany()));
  const streaming = await countOpen();
  for (const { beginMore } of waves) beginMore();
  // Some of them are let in, none is through.
  while ((await countOpen()) < streaming + counts.beginning / 2) await wait(1);
  const pids = readReady().processes['proxy'] ?? [];
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  const inFlight = await countOpen();
  console.log(`Killed ${pids.length} proxy processes with ${inFlight} calls in flight.`);

  let isProven = true;
  const againMs = await Promise.all(
    dialects.map((dialect) => serveAgain(upstreamUrl, later[dialect], dialect)),
  );
  console.log(`A call is served again ${Math.round(Math.max(...againMs))} ms later.`);
  for (const [index, dialect] of dialects.entries()) {
    const { organizationId, upstreamKey } = callers[dialect];
    const sent = await Promise.all(waves[index]?.calls ?? []);
    const rows = await sweptLedger(organizationId);
    const journal = await readJournal(upstreamUrl, upstreamKey);
    const reached = journal.flatMap(({ headers }) => headers['x-call-name'] ?? []);
    const checks = judge(sent, reached, rows, await readBalance(organizationId));
    isProven = showChecks(dialect, checks) && isProven;
  }
  return isProven;
}

await runProof({ STACK_PROXY_PROCESSES: '2', HOLD_LEASE_SECONDS: String(leaseSeconds) }, prove);
