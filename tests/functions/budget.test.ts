import { beforeAll, describe, expect, test } from 'vitest';
import { addBudget } from '../support/add-budget.ts';
import { makeCaller, type Caller } from '../support/caller.ts';
import { onlySettledCall, readBalance, readLedger, settledLedger } from '../support/ledger.ts';
import { setPlan } from '../support/organization.ts';
import { encodeEvents, openaiCompletion, pieceEvents, type SseEvent } from '../support/provider-answers.ts';
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

const models = { openai: 'gpt-4o', anthropic: 'claude-opus-4-5' } as const;
/** Dollars for an output token. */
const outputUsd = { openai: 10 / 1e6, anthropic: 25 / 1e6 } as const;

let upstreamUrl: string;
beforeAll(() => {
  upstreamUrl = readUpstreamUrl();
});

const bodyFor = (model: string, members: object = {}): string =>
  JSON.stringify({ model, messages: [{ role: 'user', content: 'Count to a million.' }], ...members });

async function expectBalanced({ organizationId }: Caller): Promise<number> {
  const balance = await readBalance(organizationId);
  const { ledger_usd: spent_usd, ledger_usd: rollups_usd } = balance;
  expect(balance).toMatchObject({ spent_usd, rollups_usd, held_usd: '0.0000000000', open_calls: 0 });
  return Number(spent_usd);
}

test('[BUD1] of calls that come at once only so many are let through as the budget covers', async () => {
  // Each holds some 8 + 1000 tokens of gpt-4o: a cent. Each then costs half a cent.
  const caller = await makeCaller('openai', { budgetUsd: '0.1' });
  const usage = { prompt_tokens: 0, completion_tokens: 500, total_tokens: 500 };
  const answer = { ...jsonScript(openaiCompletion(models.openai, usage)), delayMs: 2_000 };
  await playScripts(upstreamUrl, caller.upstreamKey, answer);
  const body = bodyFor(models.openai, { max_tokens: 1000 });
  const statuses = await Promise.all(
    Array.from({ length: 40 }, async () => (await postToProxy(caller.proxyKey, paths.openai, body)).status),
  );
  const through = statuses.filter((status) => status === 200).length;
  expect(through).toBe(9);
  expect(statuses.filter((status) => status === 429)).toHaveLength(31);
  expect(await readJournal(upstreamUrl, caller.upstreamKey)).toHaveLength(9);
  expect(await expectBalanced(caller)).toBeCloseTo(0.045, 10);

  // What was held and not spent is there again.
  expect((await postToProxy(caller.proxyKey, paths.openai, body)).status).toBe(200);
  const refused = (await settledLedger(caller.organizationId)).filter(({ status }) => status === 'refused');
  expect(refused).toHaveLength(31);
});

test('[BUD2] a hold is never more than max_tokens allows', async () => {
  const caller = await makeCaller('openai', { budgetUsd: '0.001' });
  const usage = { prompt_tokens: 8, completion_tokens: 20, total_tokens: 28 };
  await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(openaiCompletion(models.openai, usage)));
  const ask = async (members: object) =>
    (await postToProxy(caller.proxyKey, paths.openai, bodyFor(models.openai, members))).status;
  expect(await ask({})).toBe(429);
  expect(await ask({ max_tokens: 60 })).toBe(200);
  expect(await ask({ max_completion_tokens: 60, n: 5 })).toBe(429);
});

test('[BUD3] more budget holds from the next call on', async () => {
  const caller = await makeCaller('openai', { budgetUsd: '0.000001' });
  const usage = { prompt_tokens: 8, completion_tokens: 20, total_tokens: 28 };
  await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(openaiCompletion(models.openai, usage)));
  const ask = async () => (await postToProxy(caller.proxyKey, paths.openai, bodyFor(models.openai))).status;
  expect(await ask()).toBe(429);
  await setPlan(caller.organizationId, 'enterprise', { ai_budget_usd_month: '1' });
  expect(await ask()).toBe(200);
  await setPlan(caller.organizationId, 'enterprise', { ai_budget_usd_month: '0' });
  expect(await ask()).toBe(429);
});

test('[BUD6] an answer says how much room is left; a refusal names the budget and where it is, and is not retried', async () => {
  const caller = await makeCaller('openai');
  const usage = { prompt_tokens: 8, completion_tokens: 20, total_tokens: 28 };
  await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(openaiCompletion(models.openai, usage)));
  const budget = await addBudget(caller, {
    scope: 'project',
    scope_id: caller.projectId,
    period: 'day',
    // Room for one hold of a thousand tokens, and not for another once the first has cost anything.
    limit_usd: 0.0101,
  });
  const ask = {
    model: models.openai,
    max_tokens: 1000,
    messages: [{ role: 'user' as const, content: 'Hello' }],
  };
  const answered = await openaiClient(caller.proxyKey).chat.completions.create(ask).asResponse();
  const remaining = Number(answered.headers.get('x-khq-budget-remaining-usd'));
  expect(remaining).toBeGreaterThan(0);
  expect(remaining).toBeLessThan(0.0001);

  const refused = openaiClient(caller.proxyKey).chat.completions.create(ask);
  const message = new RegExp(`The daily budget of project Project of \\$0\\.0101 .*/budgets/${budget}$`);
  await expect(refused).rejects.toMatchObject({
    status: 429,
    code: 'project_spend_limit_exceeded',
    message: expect.stringMatching(message),
  });
  expect(await readJournal(upstreamUrl, caller.upstreamKey)).toHaveLength(1);
  const rows = await settledLedger(caller.organizationId);
  expect(rows.filter(({ status }) => status === 'refused')).toHaveLength(1);
});

/** Events every few milliseconds, without an end. */
function longStream(events: readonly SseEvent[]): Script {
  const steps = events.flatMap((event) => [bytesStep(encodeEvents([event])), { waitMs: 4 }]);
  return { headers: { 'content-type': 'text/event-stream' }, steps: [...steps, { waitMs: 20_000 }] };
}

describe.each(['openai', 'anthropic'] as const)('%s', (dialect) => {
  const events = pieceEvents(dialect, models[dialect], 700);
  const ask = {
    model: models[dialect],
    max_tokens: 100_000,
    messages: [{ role: 'user' as const, content: 'Count.' }],
  };

  test("[BUD4] a stream that outgrows its hold and the budget ends with the dialect's error, upstream cancelled", async () => {
    // Room for the first hold of a thousand tokens and two steps of five hundred.
    const limitUsd = outputUsd[dialect] * 2100;
    const caller = await makeCaller(dialect, { budgetUsd: limitUsd.toFixed(6) });
    await playScripts(upstreamUrl, caller.upstreamKey, longStream(events));
    const listen = {
      openai: () => openaiClient(caller.proxyKey).chat.completions.stream(ask).finalContent(),
      anthropic: () => anthropicClient(caller.proxyKey).messages.stream(ask).finalText(),
    }[dialect];
    const expected = {
      openai: { code: 'project_spend_limit_exceeded' },
      anthropic: { error: { error: { type: 'billing_error' } } },
    }[dialect];
    await expect(listen()).rejects.toMatchObject(expected);
    const row = await onlySettledCall(caller.organizationId);
    expect(row).toMatchObject({ status: 'failed', error_code: 'budget_exceeded', usage_source: 'estimated' });
    const spent = await expectBalanced(caller);
    expect(spent).toBeGreaterThan(outputUsd[dialect] * 1000);
    expect(spent).toBeLessThanOrEqual(limitUsd + outputUsd[dialect] * 500);
    const received = async () => (await readJournal(upstreamUrl, caller.upstreamKey))[0]?.isAborted;
    await expect.poll(received).toBe(true);
  });

  test('[BUD5] with room its hold grows with it', async () => {
    const caller = await makeCaller(dialect);
    await playScripts(upstreamUrl, caller.upstreamKey, longStream(events));
    const leaving = new AbortController();
    const body = bodyFor(models[dialect], { max_tokens: 100_000, stream: true });
    const response = await postToProxy(caller.proxyKey, paths[dialect], body, { signal: leaving.signal });
    const heldUsd = async () => Number((await readLedger(caller.organizationId))[0]?.held_usd);
    const first = await heldUsd();
    void response.arrayBuffer().catch(() => {}); // It is read until it is left.
    await expect.poll(heldUsd, { timeout: 8000 }).toBeGreaterThan(first * 2);
    leaving.abort();
  });
});
