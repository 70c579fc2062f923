import { beforeAll, describe, expect, test } from 'vitest';
import { addBudget } from '../support/add-budget.ts';
import { callApi } from '../support/call-api.ts';
import { makeCaller, type Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { readBalance, settledLedger } from '../support/ledger.ts';
import { makeProject, mintProxyKey } from '../support/organization.ts';
import {
  anthropicMessage,
  doneEvent,
  encodeEvents,
  openaiChunks,
  openaiCompletion,
  openaiUsageChunk,
} from '../support/provider-answers.ts';
import { paths, postToProxy } from '../support/proxy-request.ts';
import { setRateLimit } from '../support/set-rate-limit.ts';
import {
  bytesStep,
  jsonScript,
  playScripts,
  readJournal,
  readUpstreamUrl,
  streamScript,
} from '../support/upstream-client.ts';

const model = 'gpt-4o-mini';
const usage = { prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500 };
const anHour = { 'x-khq-cache': '3600' };

let upstreamUrl: string;
beforeAll(() => {
  upstreamUrl = readUpstreamUrl();
});

const answer = (content: string) => jsonScript(openaiCompletion(model, usage, { content }));

const question = (content = 'Hello', more: Record<string, unknown> = {}): string =>
  JSON.stringify({ model, ...more, messages: [{ role: 'user', content }] });

async function ask(
  proxyKey: string,
  body: string,
  headers: Record<string, string> = {},
  path: string = paths.openai,
) {
  const response = await postToProxy(proxyKey, path, body, { headers });
  return {
    status: response.status,
    mark: response.headers.get('x-khq-cache'),
    costUsd: response.headers.get('x-khq-cost-usd'),
    type: response.headers.get('content-type'),
    code: response.headers.get('x-khq-error-code'),
    bytes: Buffer.from(await response.arrayBuffer()),
  };
}

/** Answers are remembered after they were given. */
async function remembered(projectId: string, count = 1): Promise<void> {
  const read = async () => {
    const [row] = await operatorSql()`
      select count(*)::int as count from private.cached_answers where project_id = ${projectId}`;
    return row?.['count'];
  };
  await expect.poll(read).toBe(count);
}

/** Until all that is going to be written after answers must be there. */
async function nothingRemembered({ organizationId, projectId }: Caller): Promise<void> {
  await settledLedger(organizationId);
  await operatorSql()`select pg_sleep(0.5)`;
  await remembered(projectId, 0);
}

const timesAsked = async ({ upstreamKey }: Caller) => (await readJournal(upstreamUrl, upstreamKey)).length;

describe('a call that was answered before', () => {
  test('[CCH1] is answered from the cache byte for byte, costs nothing, and its row says what it saved', async () => {
    const caller = await makeCaller('openai');
    await playScripts(upstreamUrl, caller.upstreamKey, answer('Grüße 🙂'));
    const first = await ask(caller.proxyKey, question(), anHour);
    expect(first).toMatchObject({ status: 200, mark: 'miss' });
    await remembered(caller.projectId);
    const [kept] = await operatorSql()`
      select body from private.cached_answers where project_id = ${caller.projectId}`;
    expect(Buffer.from(kept?.['body']).includes('Grüße')).toBe(false);
    const second = await ask(caller.proxyKey, question(), anHour);
    expect(second).toMatchObject({ status: 200, mark: 'hit', costUsd: '0.0000000000', type: first.type });
    expect(second.bytes).toEqual(first.bytes);
    expect(await timesAsked(caller)).toBe(1);
    const [paid, cached] = await settledLedger(caller.organizationId);
    expect(Number(paid?.cost_usd)).toBeGreaterThan(0);
    expect(paid).toMatchObject({ is_cached: false, saved_usd: null, cost_usd: first.costUsd });
    expect(cached).toMatchObject({
      is_cached: true,
      saved_usd: paid?.cost_usd,
      cost_usd: '0.0000000000',
      status: 'succeeded',
      http_status: 200,
      usage_source: 'reported',
      input_tokens: 0,
      output_tokens: 0,
      upstream_request_id: null,
    });
  });

  test('[CCH2] moves neither counters nor budgets nor sums of money, and leaves no hold', async () => {
    const caller = await makeCaller('openai');
    const id = await addBudget(caller, { limit_usd: 10 });
    await playScripts(upstreamUrl, caller.upstreamKey, answer('Hello'));
    await ask(caller.proxyKey, question(), anHour);
    await remembered(caller.projectId);
    const before = await readBalance(caller.organizationId);
    for (let i = 0; i < 3; i++) expect((await ask(caller.proxyKey, question(), anHour)).mark).toBe('hit');
    const [, ...cached] = await settledLedger(caller.organizationId);
    const after = await readBalance(caller.organizationId);
    expect(after).toEqual({ ...before, ledger_calls: 4, rollup_calls: 4 });
    const [budget] = await operatorSql()`
      select spent_usd::text as spent, held_usd::text as held from public.budgets where id = ${id}`;
    expect(budget).toEqual({ spent: before.spent_usd, held: '0.0000000000' });
    const { data } = await caller.owner.db
      .rpc('summarize_usage', {
        organization_id: caller.organizationId,
        from_at: new Date(Date.now() - 3_600_000).toISOString(),
        to_at: new Date(Date.now() + 3_600_000).toISOString(),
      })
      .single();
    expect(data).toMatchObject({ calls: 4, cached_calls: 3, cost_usd: before.spent_usd });
    const saved = cached.reduce((sum, { saved_usd }) => sum + Number(saved_usd), 0);
    expect(Number(data?.saved_usd)).toBeCloseTo(saved, 9);
  });

  test('[CCH3] is admitted like any other: a full minute and a budget of nothing refuse it', async () => {
    const caller = await makeCaller('openai');
    await playScripts(upstreamUrl, caller.upstreamKey, answer('Hello'));
    await ask(caller.proxyKey, question(), anHour);
    await remembered(caller.projectId);
    await setRateLimit(caller, { requests_per_minute: 0 });
    expect(await ask(caller.proxyKey, question(), anHour)).toMatchObject({
      mark: null,
      code: 'rate_limited',
    });
    await setRateLimit(caller, {});
    await addBudget(caller, { limit_usd: 0 });
    expect(await ask(caller.proxyKey, question(), anHour)).toMatchObject({
      mark: null,
      code: 'budget_exceeded',
    });
    expect(await timesAsked(caller)).toBe(1);
  });

  test('[CCH4] of another project is made, and paid', async () => {
    const caller = await makeCaller('openai');
    const otherProjectId = await makeProject(caller.organizationId, caller.owner, 'Other');
    const otherKey = await mintProxyKey(otherProjectId, caller.owner);
    await playScripts(upstreamUrl, caller.upstreamKey, answer('First'), answer('Second'));
    await ask(caller.proxyKey, question(), anHour);
    await remembered(caller.projectId);
    expect((await ask(otherKey, question(), anHour)).mark).toBe('miss');
    expect(await timesAsked(caller)).toBe(2);
    // Another key of the same project is served.
    const sameProject = await mintProxyKey(caller.projectId, caller.owner, { name: 'Second key' });
    expect((await ask(sameProject, question(), anHour)).mark).toBe('hit');
  });

  test('[CCH5] is made again when its answer is older than the key or the call accepts', async () => {
    const caller = await makeCaller('openai');
    await playScripts(upstreamUrl, caller.upstreamKey, answer('Old'), answer('New'));
    await ask(caller.proxyKey, question(), anHour);
    await remembered(caller.projectId);
    const age = (minutes: number) => operatorSql()`update private.cached_answers
      set created_at = created_at - make_interval(mins => ${minutes}), expires_at = expires_at - make_interval(mins => ${minutes})
      where project_id = ${caller.projectId}`;
    await age(30);
    expect((await ask(caller.proxyKey, question(), anHour)).mark).toBe('hit');
    const fresh = await ask(caller.proxyKey, question(), { 'x-khq-cache': '60' });
    expect(fresh.mark).toBe('miss');
    await expect
      .poll(async () => (await ask(caller.proxyKey, question(), anHour)).bytes.toString())
      .toContain('New');
    await age(61);
    expect((await ask(caller.proxyKey, question(), anHour)).mark).toBe('miss');
    expect(await timesAsked(caller)).toBe(3);
    await age(120);
    const purged = await operatorSql()`select private.purge_cached_answers(now())`;
    expect(purged).toHaveLength(1);
    await remembered(caller.projectId, 0);
  });

  test('[CCH6] streamed, is given again as the very bytes of the stream, apart from what is not streamed', async () => {
    const caller = await makeCaller('openai');
    const texts = ['Grüße, ', '世界 ', '🙂'];
    const before = openaiChunks(
      model,
      texts.map((content) => ({ content })),
    );
    const events = encodeEvents([...before, openaiUsageChunk(model, usage), doneEvent]);
    await playScripts(
      upstreamUrl,
      caller.upstreamKey,
      streamScript(events, [3, 200, 201]),
      answer('Not a stream'),
    );
    const streamed = question('Hello', { stream: true });
    const first = await ask(caller.proxyKey, streamed, anHour);
    expect(first.mark).toBe('miss');
    await remembered(caller.projectId);
    const second = await ask(caller.proxyKey, streamed, anHour);
    expect(second.mark).toBe('hit');
    expect(second.type).toBe('text/event-stream; charset=utf-8');
    expect(second.bytes.equals(first.bytes)).toBe(true);
    // What the proxy asked for itself it keeps to itself, then and now.
    expect(second.bytes.equals(Buffer.from(encodeEvents([...before, doneEvent])))).toBe(true);
    expect((await ask(caller.proxyKey, question(), anHour)).mark).toBe('miss');
    const asksUsage = question('Hello', { stream: true, stream_options: { include_usage: true } });
    expect((await ask(caller.proxyKey, asksUsage, anHour)).mark).toBe('miss');
  });

  test('[CCH7] by another name of the same model is the same; by another byte, model or header it is another', async () => {
    const caller = await makeCaller('openai');
    await playScripts(upstreamUrl, caller.upstreamKey, answer('Hello'));
    await ask(caller.proxyKey, question(), anHour);
    await remembered(caller.projectId);
    const renamed = question().replace(model, `openai/${model}`);
    expect((await ask(caller.proxyKey, renamed, anHour)).mark).toBe('hit');
    for (const [body, headers, path] of [
      [`${question()} `, {}, paths.openai],
      [question('hello'), {}, paths.openai],
      [question('Hello', { temperature: 0 }), {}, paths.openai],
      [question().replace(model, 'gpt-4o'), {}, paths.openai],
      [question(), { 'openai-beta': 'something=v1' }, paths.openai],
      [question(), {}, `${paths.openai}?beta=true`],
    ] as const) {
      expect(
        (await ask(caller.proxyKey, body, { ...anHour, ...headers }, path)).mark,
        `${body} ${path}`,
      ).toBe('miss');
    }
  });

  test('[CCH8] through a translation is given again as it was translated', async () => {
    const caller = await makeCaller('anthropic');
    const claude = 'claude-haiku-4-5';
    const message = anthropicMessage(claude, { input_tokens: 12, output_tokens: 3 });
    await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(message));
    const body = question().replace(model, claude);
    const first = await ask(caller.proxyKey, body, anHour);
    expect(JSON.parse(first.bytes.toString())).toMatchObject({ object: 'chat.completion' });
    await remembered(caller.projectId);
    const second = await ask(caller.proxyKey, body, anHour);
    expect(second).toMatchObject({ mark: 'hit', type: 'application/json' });
    expect(second.bytes.equals(first.bytes)).toBe(true);
  });
});

describe('who asks for it', () => {
  test('[CCH9] nobody: nothing is looked up, remembered or said', async () => {
    const caller = await makeCaller('openai');
    await playScripts(upstreamUrl, caller.upstreamKey, answer('Hello'));
    expect((await ask(caller.proxyKey, question())).mark).toBeNull();
    await nothingRemembered(caller);
    expect((await ask(caller.proxyKey, question())).mark).toBeNull();
    expect(await timesAsked(caller)).toBe(2);
  });

  test('[CCH10] a key, for all of its calls but those that say off', async () => {
    const caller = await makeCaller('openai');
    const key = await mintProxyKey(caller.projectId, caller.owner, { name: 'Cached', cache_seconds: 600 });
    await playScripts(upstreamUrl, caller.upstreamKey, answer('Hello'));
    expect((await ask(key, question())).mark).toBe('miss');
    await remembered(caller.projectId);
    expect((await ask(key, question())).mark).toBe('hit');
    for (const off of ['off', '0', 'OFF'])
      expect((await ask(key, question(), { 'x-khq-cache': off })).mark).toBeNull();
    expect(await timesAsked(caller)).toBe(4);
    // From the next call on.
    const { error } = await caller.owner.db
      .from('proxy_keys')
      .update({ cache_seconds: null })
      .eq('name', 'Cached')
      .eq('organization_id', caller.organizationId);
    expect(error).toBeNull();
    expect((await ask(key, question())).mark).toBeNull();
  });

  test.each(['-1', '2592001', '1.5', 'yes', '', '99999999999'])(
    '[CCH11] in words that mean nothing (%j): refused before anything is held',
    async (wish) => {
      const caller = await makeCaller('openai');
      const refused = await ask(caller.proxyKey, question(), { 'x-khq-cache': wish });
      expect(refused.status).toBe(400);
      expect(JSON.parse(refused.bytes.toString())).toMatchObject({
        error: { code: 'invalid_request', param: 'x-khq-cache', message: expect.stringContaining('30 days') },
      });
      expect(await settledLedger(caller.organizationId)).toHaveLength(0);
    },
  );
});

test('[CCH16] the REST API’s chat asks for it the same way', async () => {
  const caller = await makeCaller('openai');
  await playScripts(upstreamUrl, caller.upstreamKey, answer('Hello'));
  const chat = async () => {
    const { headers, data } = await callApi('/chat', {
      token: caller.proxyKey,
      headers: anHour,
      body: {
        provider: 'openai',
        model,
        messages: [{ role: 'user', content: 'Hello' }],
        teamId: caller.organizationId,
        userId: caller.owner.userId,
      },
    });
    return { mark: headers.get('x-khq-cache'), data };
  };
  const first = await chat();
  expect(first.mark).toBe('miss');
  await remembered(caller.projectId);
  const second = await chat();
  expect(second.mark).toBe('hit');
  expect(second.data).toMatchObject({ costUsd: '0.0000000000', message: { content: 'Hello' } });
});

describe('what is not remembered', () => {
  test.each([
    ['the web is searched', { web_search_options: {} }],
    ['the provider runs a tool', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
    ['the provider stores it', { store: true }],
  ])('[CCH12] where %s: the call is made, and says that the cache was passed by', async (_, more) => {
    const caller = await makeCaller('openai');
    await playScripts(upstreamUrl, caller.upstreamKey, answer('Hello'));
    for (let i = 0; i < 2; i++) {
      const made = await ask(caller.proxyKey, question('Hello', more), anHour);
      expect(made).toMatchObject({ status: 200, mark: 'bypass' });
    }
    await nothingRemembered(caller);
  });

  test('[CCH13] errors, streams that broke off and answers above 256 KB', async () => {
    const caller = await makeCaller('openai');
    const broken = streamScript(encodeEvents(openaiChunks(model, [{ content: 'Half' }]).slice(0, 2)));
    await playScripts(
      upstreamUrl,
      caller.upstreamKey,
      jsonScript({ error: { message: 'No', code: 'bad' } }, 400),
      { ...broken, steps: [...broken.steps, { disconnect: true }] },
      answer('x'.repeat(256 * 1024)),
      { headers: { 'content-type': 'application/json' }, steps: [bytesStep('{"choices":[')] },
    );
    expect((await ask(caller.proxyKey, question(), anHour)).status).toBe(400);
    await ask(caller.proxyKey, question('Hello', { stream: true }), anHour).catch(() => null);
    const long = await ask(caller.proxyKey, question('Long'), anHour);
    expect(long).toMatchObject({ status: 200, mark: 'miss' });
    await ask(caller.proxyKey, question('Garbled'), anHour);
    await nothingRemembered(caller);
  });

  test('[CCH14] of two calls at once that nobody has answered yet, both are made and paid, and one answer is kept', async () => {
    const caller = await makeCaller('openai');
    const slow = { ...answer('Hello'), delayMs: 2_000 };
    await playScripts(upstreamUrl, caller.upstreamKey, slow);
    const both = await Promise.all([1, 2].map(() => ask(caller.proxyKey, question(), anHour)));
    expect(both.map(({ mark }) => mark)).toEqual(['miss', 'miss']);
    await remembered(caller.projectId);
    const rows = await settledLedger(caller.organizationId);
    expect(rows.map(({ is_cached, cost_usd }) => [is_cached, cost_usd])).toEqual([
      [false, both[0]?.costUsd],
      [false, both[1]?.costUsd],
    ]);
    expect(await timesAsked(caller)).toBe(2);
    expect((await ask(caller.proxyKey, question(), anHour)).mark).toBe('hit');
  });

  test('[CCH15] what an admin forgets: the next call is made', async () => {
    const caller = await makeCaller('openai');
    await playScripts(upstreamUrl, caller.upstreamKey, answer('Hello'));
    await ask(caller.proxyKey, question(), anHour);
    await remembered(caller.projectId);
    const { data } = await caller.owner.db.rpc('forget_cached_answers', { project_id: caller.projectId });
    expect(data).toBe(1);
    expect((await ask(caller.proxyKey, question(), anHour)).mark).toBe('miss');
  });
});
