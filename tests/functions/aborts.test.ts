import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeCaller, type Caller } from '../support/caller.ts';
import {
  onlySettledCall,
  readBalance,
  readLedger,
  settledLedger,
  type LedgerRow,
} from '../support/ledger.ts';
import {
  anthropicEvents,
  anthropicMessage,
  doneEvent,
  encodeEvents,
  openaiChunks,
  openaiCompletion,
  openaiUsageChunk,
} from '../support/provider-answers.ts';
import { paths, postToProxy } from '../support/proxy-request.ts';
import { anthropicClient, openaiClient } from '../support/sdk.ts';
import {
  bytesStep,
  jsonScript,
  playScripts,
  readJournal,
  readUpstreamUrl,
} from '../support/upstream-client.ts';
import type { Script } from '../support/upstream.ts';

const models = { openai: 'gpt-4o-mini', anthropic: 'claude-haiku-4-5' } as const;
const openaiUsage = { prompt_tokens: 50, completion_tokens: 200, total_tokens: 250 };
const anthropicUsage = { input_tokens: 50, output_tokens: 200 };
const pieces = Array.from({ length: 20 }, (_, index) => `piece ${index} of the answer, `);
const firstPieces = 12;

const streams = {
  openai: [
    ...openaiChunks(
      models.openai,
      pieces.map((content) => ({ content })),
    ),
    openaiUsageChunk(models.openai, openaiUsage),
    doneEvent,
  ],
  anthropic: anthropicEvents(
    models.anthropic,
    anthropicUsage,
    pieces.map((text) => ({ type: 'text_delta', text })),
  ),
};
const plain = {
  openai: jsonScript(openaiCompletion(models.openai, openaiUsage)),
  anthropic: jsonScript(anthropicMessage(models.anthropic, anthropicUsage)),
};

let upstreamUrl: string;
beforeAll(() => {
  upstreamUrl = readUpstreamUrl();
});

/** Some pieces, a pause in which the client leaves, and the rest. */
function pausing(dialect: 'openai' | 'anthropic', pauseMs: number): Script {
  const [first, rest] = [streams[dialect].slice(0, firstPieces), streams[dialect].slice(firstPieces)];
  return {
    headers: { 'content-type': 'text/event-stream' },
    steps: [bytesStep(encodeEvents(first)), { waitMs: pauseMs }, bytesStep(encodeEvents(rest))],
  };
}

async function callerThat(dialect: 'openai' | 'anthropic', onAbort: 'drain' | 'cancel'): Promise<Caller> {
  const caller = await makeCaller(dialect);
  const changed = caller.owner.db.from('organizations').update({ on_client_abort: onAbort });
  await changed.eq('id', caller.organizationId).throwOnError();
  return caller;
}

type Leaving = 'with the first bytes' | 'once upstream has it' | number; // milliseconds

/** Sends a call and leaves before its answer is whole. */
async function askAndLeave(
  caller: Caller,
  dialect: 'openai' | 'anthropic',
  isStream: boolean,
  when: Leaving,
  content = 'Tell me more.',
): Promise<void> {
  const leaving = new AbortController();
  const messages = [{ role: 'user', content }];
  const body = JSON.stringify({ model: models[dialect], max_tokens: 99, stream: isStream, messages });
  const asked = postToProxy(caller.proxyKey, paths[dialect], body, { signal: leaving.signal });
  if (when === 'with the first bytes') await (await asked).body?.getReader().read();
  else if (when === 'once upstream has it') await untilUpstreamHasIt(caller);
  else await wait(when);
  leaving.abort();
  await asked.catch(() => {});
}

const untilUpstreamHasIt = ({ upstreamKey }: Caller): Promise<void> =>
  expect.poll(() => readJournal(upstreamUrl, upstreamKey)).not.toEqual([]);

/** The call's row once there is one: a client that left knows no request id, and not when. */
async function rowOf({ organizationId }: Pick<Caller, 'organizationId'>): Promise<LedgerRow> {
  await expect.poll(() => readLedger(organizationId), { timeout: 5000 }).toHaveLength(1);
  const row = await onlySettledCall(organizationId);
  await expectBalanced({ organizationId });
  return row;
}

async function expectBalanced({ organizationId }: Pick<Caller, 'organizationId'>): Promise<void> {
  const balance = await readBalance(organizationId);
  const { ledger_usd: spent_usd, ledger_usd: rollups_usd } = balance;
  expect(balance).toMatchObject({ spent_usd, rollups_usd, held_usd: '0.0000000000', open_calls: 0 });
}

const wasCancelled = async ({ upstreamKey }: Caller): Promise<boolean | undefined> =>
  (await readJournal(upstreamUrl, upstreamKey))[0]?.isAborted;
const reported = { status: 'aborted', usage_source: 'reported', input_tokens: 50, output_tokens: 200 };
const estimated = { status: 'aborted', usage_source: 'estimated' };

describe.each(['openai', 'anthropic'] as const)('%s', (dialect) => {
  test('[ABO1] a stream whose client leaves is heard out, and costs what upstream reports', async () => {
    const caller = await makeCaller(dialect);
    await playScripts(upstreamUrl, caller.upstreamKey, pausing(dialect, 2_000));
    await askAndLeave(caller, dialect, true, 'with the first bytes');
    expect(await rowOf(caller)).toMatchObject({ ...reported, http_status: 200 });
  });

  test('[ABO2] where the organization chose to cancel, upstream is, each time, and what passed is estimated', async () => {
    const caller = await callerThat(dialect, 'cancel');
    await playScripts(upstreamUrl, caller.upstreamKey, pausing(dialect, 5000));
    const times = [0, 1, 2, 3, 4, 5];
    for (const _ of times) await askAndLeave(caller, dialect, true, 'with the first bytes');
    const rows = await settledLedger(caller.organizationId);
    expect(rows).toMatchObject(times.map(() => estimated));
    for (const { input_tokens, output_tokens } of rows) {
      // Nine to eleven pieces of some six tokens: not upstream's placeholder of one, not the whole hold.
      expect(output_tokens).toBeGreaterThan(40);
      expect(output_tokens).toBeLessThan(100);
      expect(input_tokens).toBeGreaterThan(0);
    }
    const received = async () =>
      (await readJournal(upstreamUrl, caller.upstreamKey)).map(({ isAborted }) => isAborted);
    await expect.poll(received).toEqual(times.map(() => true));
    await expectBalanced(caller);
  });

  test.each([true, false])(
    '[ABO3] left before the first byte (stream: %s), it is heard out too',
    async (isStream) => {
      const caller = await makeCaller(dialect);
      const script = isStream ? pausing(dialect, 20) : plain[dialect];
      await playScripts(upstreamUrl, caller.upstreamKey, { ...script, delayMs: 2_500 });
      await askAndLeave(caller, dialect, isStream, 'once upstream has it');
      expect(await rowOf(caller)).toMatchObject(reported);
    },
  );

  test.each([true, false])('[ABO4] or cancelled (stream: %s), and is never free', async (isStream) => {
    const caller = await callerThat(dialect, 'cancel');
    await playScripts(upstreamUrl, caller.upstreamKey, { ...plain[dialect], delayMs: 5000 });
    await askAndLeave(caller, dialect, isStream, 'once upstream has it');
    const row = await rowOf(caller);
    expect(row).toMatchObject({ ...estimated, error_code: 'client_closed' });
    expect(row.output_tokens).toBeGreaterThan(1);
    expect(Number(row.cost_usd)).toBeGreaterThan(0);
    await expect.poll(() => wasCancelled(caller)).toBe(true);
  });

  test('[ABO5] the libraries can be told to stop in the middle', async () => {
    const caller = await makeCaller(dialect);
    await playScripts(upstreamUrl, caller.upstreamKey, pausing(dialect, 2_000));
    const ask = {
      model: models[dialect],
      max_tokens: 500,
      messages: [{ role: 'user' as const, content: 'Hi' }],
    };
    const stream = await {
      openai: () => openaiClient(caller.proxyKey).chat.completions.create({ ...ask, stream: true }),
      anthropic: () => anthropicClient(caller.proxyKey).messages.create({ ...ask, stream: true }),
    }[dialect]();
    for await (const _ of stream) break;
    expect(await rowOf(caller)).toMatchObject(reported);
  });
});

test.each(['drain', 'cancel'] as const)(
  '[ABO6] a long request whose client left before the first byte costs what upstream reports (%s)',
  async (onAbort) => {
    const caller = await callerThat('openai', onAbort);
    await playScripts(upstreamUrl, caller.upstreamKey, { ...plain.openai, delayMs: 2_500 });
    await askAndLeave(
      caller,
      'openai',
      false,
      'once upstream has it',
      'Tell me a story of some length, please. '.repeat(50),
    );
    const row = await rowOf(caller);
    // Deno 2.9 does not tell that a client left whose body came behind its head: then the answer is waited for.
    const isNoticed = row.status === 'aborted';
    const expected = isNoticed && onAbort === 'cancel' ? estimated : { ...reported, status: row.status };
    expect(row).toMatchObject(expected);
    expect(['aborted', 'succeeded']).toContain(row.status);
  },
);

test('[ABO7] whoever leaves in the first instant still leaves one settled row, if it came to a call', async () => {
  const caller = await makeCaller('openai');
  await playScripts(upstreamUrl, caller.upstreamKey, { ...plain.openai, delayMs: 30 });
  for (const leaveMs of [0, 1, 2, 4, 6, 8, 12, 16, 24, 32, 48])
    await askAndLeave(caller, 'openai', false, leaveMs);
  await wait(300);
  const received = await readJournal(upstreamUrl, caller.upstreamKey);
  const rows = await settledLedger(caller.organizationId);
  expect(rows.length).toBeGreaterThanOrEqual(received.length);
  expect(rows.every(({ cost_usd }) => cost_usd !== null)).toBe(true);
  expect(await readBalance(caller.organizationId)).toMatchObject({ held_usd: '0.0000000000', open_calls: 0 });
});
