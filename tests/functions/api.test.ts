import { randomUUID } from 'node:crypto';
import OpenAI, { APIError } from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import { CostHistory, RealtimeCosts, Session, Team } from '../../supabase/functions/_shared/contracts/api.ts';
import { apiUrl, callApi } from '../support/call-api.ts';
import { makeCaller, type Caller } from '../support/caller.ts';
import { onlySettledCall, readLedger, settledLedger } from '../support/ledger.ts';
import { makeOrganization, mintProxyKey, setPlan } from '../support/organization.ts';
import {
  anthropicMessage,
  doneEvent,
  encodeEvents,
  openaiChunks,
  openaiCompletion,
  openaiUsageChunk,
} from '../support/provider-answers.ts';
import { storeProviderKey } from '../support/provider-key.ts';
import { receivedBody } from '../support/received-body.ts';
import { openaiResponse } from '../support/response-answers.ts';
import { openaiClient } from '../support/sdk.ts';
import {
  jsonScript,
  playScripts,
  readJournal,
  readUpstreamUrl,
  streamScript,
} from '../support/upstream-client.ts';

const model = 'gpt-4o-mini';
const usage = { prompt_tokens: 21, completion_tokens: 7, total_tokens: 28 };
const messages = [{ role: 'user' as const, content: 'Grüße 🙂?' }];

let upstreamUrl: string;
beforeAll(() => {
  upstreamUrl = readUpstreamUrl();
});

/** A request as the caller may make it, with what this test changes. */
const requestOf = ({ organizationId, owner }: Caller, changes: object = {}) => ({
  provider: 'openai',
  model,
  messages,
  teamId: organizationId,
  userId: owner.userId,
  ...changes,
});

describe('auth', () => {
  test('[API1] who registers has a team and a token, and signs in again', async () => {
    const account = { email: `api-${randomUUID()}@example.com`, password: randomUUID() };
    const names = { fullName: 'Ada', teamName: 'Engines' };
    const registered = await callApi('/auth/register', { body: { ...account, ...names } });
    expect(registered.status).toBe(201);
    const { token, teams } = Session.parse(registered.data);
    expect(teams).toMatchObject([{ name: 'Engines', plan: 'free', role: 'owner', members: 1 }]);
    expect(token).not.toBeNull();

    const again = await callApi('/auth/login', { body: account });
    expect(again.status).toBe(200);
    const session = Session.parse(again.data);
    expect(session.user.email).toBe(account.email);
    expect(session.teams).toEqual(teams);
  });

  test('[API2] what cannot be is refused, and says why', async () => {
    const account = { email: `api-${randomUUID()}@example.com`, password: randomUUID() };
    await callApi('/auth/register', { body: account });
    const ask = async (path: string, body: unknown) => {
      const { status, error } = await callApi(path, { body });
      return [status, error];
    };
    const code = (value: string) => expect.objectContaining({ code: value });
    expect(await ask('/auth/register', account)).toEqual([409, code('email_taken')]);
    expect(await ask('/auth/register', { ...account, password: 'short' })).toEqual([
      400,
      expect.objectContaining({ code: 'invalid_request', param: 'password' }),
    ]);
    expect(await ask('/auth/register', { ...account, email: 'nobody' })).toEqual([
      400,
      code('invalid_request'),
    ]);
    expect(await ask('/auth/login', { ...account, password: 'wrong' })).toEqual([
      401,
      code('invalid_credentials'),
    ]);
    const nobody = { ...account, email: `api-${randomUUID()}@example.com` };
    expect(await ask('/auth/login', nobody)).toEqual([401, code('invalid_credentials')]);
    expect(await ask('/auth/logout', {})).toEqual([404, code('not_found')]);
  });
});

describe('chat', () => {
  test('[API3] a whole answer, priced, and attributed to user, agent and task', async () => {
    const caller = await makeCaller('openai');
    await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(openaiCompletion(model, usage)));
    const metadata = { agentId: 'agent-7', taskId: 'task-8' };
    const body = requestOf(caller, { metadata, maxTokens: 50, temperature: 0.5 });
    const { status, data, headers } = await callApi('/chat', { token: caller.proxyKey, body });
    const call = await onlySettledCall(caller.organizationId);
    expect([status, data]).toEqual([
      200,
      {
        requestId: call.request_id,
        provider: 'openai',
        model,
        message: { role: 'assistant', content: 'Hello.' },
        finishReason: 'stop',
        usage: { inputTokens: 21, outputTokens: 7 },
        costUsd: call.cost_usd,
      },
    ]);
    expect(headers.get('x-request-id')).toBe(call.request_id);
    expect(call).toMatchObject({
      user_id: caller.owner.userId,
      agent_id: 'agent-7',
      task_id: 'task-8',
      cost_usd: '0.0000073500',
    });
    expect(await receivedBody(caller)).toEqual({
      model,
      messages,
      max_completion_tokens: 50,
      temperature: 0.5,
    });
  });

  test('[API4] a stream comes as the chunks of a chat completion', async () => {
    const caller = await makeCaller('openai');
    const chunks = openaiChunks(model, [{ content: 'Grü' }, { content: 'ße 🙂' }]);
    const events = [...chunks, openaiUsageChunk(model, usage), doneEvent];
    await playScripts(upstreamUrl, caller.upstreamKey, streamScript(encodeEvents(events)));
    const response = await fetch(`${apiUrl()}/chat`, {
      method: 'POST',
      headers: { 'x-proxy-key': caller.proxyKey },
      body: JSON.stringify(requestOf(caller, { stream: true })),
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(await response.text()).toBe(new TextDecoder().decode(encodeEvents([...chunks, doneEvent])));
    const call = await onlySettledCall(caller.organizationId);
    expect(call).toMatchObject({ is_stream: true, status: 'succeeded', user_id: caller.owner.userId });
    expect(response.headers.get('x-request-id')).toBe(call.request_id);
  });

  test('[API5] Claude and Kimi answer the same request, tools included', async () => {
    const caller = await makeCaller('anthropic');
    const kimiKey = await storeProviderKey(caller.organizationId, caller.owner, 'moonshot');
    const block = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Köln' } };
    const called = anthropicMessage('claude-haiku-4-5', { input_tokens: 9, output_tokens: 4 }, [block]);
    await playScripts(upstreamUrl, caller.upstreamKey, jsonScript({ ...called, stop_reason: 'tool_use' }));
    await playScripts(upstreamUrl, kimiKey, jsonScript(openaiCompletion('kimi-k2.6', usage)));
    const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }];
    const claude = requestOf(caller, {
      provider: 'anthropic',
      model: 'claude-haiku-4-5',
      tools,
      toolChoice: 'required',
    });
    expect((await callApi('/chat', { token: caller.proxyKey, body: claude })).data).toMatchObject({
      provider: 'anthropic',
      message: {
        content: null,
        tool_calls: [{ function: { name: 'weather', arguments: '{"city":"Köln"}' } }],
      },
      finishReason: 'tool_calls',
      usage: { inputTokens: 9, outputTokens: 4 },
    });
    expect(await receivedBody(caller)).toMatchObject({ tool_choice: { type: 'any' } });
    const kimi = requestOf(caller, { provider: 'moonshot', model: 'moonshot/kimi-k2.6', maxTokens: 9 });
    expect((await callApi('/chat', { token: caller.proxyKey, body: kimi })).data).toMatchObject({
      provider: 'moonshot',
      message: { content: 'Hello.' },
    });
    expect(await receivedBody({ upstreamKey: kimiKey })).toMatchObject({ model: 'kimi-k2.6', max_tokens: 9 });
  });

  test('[API6] a team or a user that is not the key’s is refused, and so is what is not valid; nothing is asked', async () => {
    const caller = await makeCaller('openai');
    const other = await makeCaller(null);
    const ask = async (changes: object, token = caller.proxyKey) => {
      const { status, error } = await callApi('/chat', { token, body: requestOf(caller, changes) });
      return { status, error };
    };
    const mismatch = (param: string) => ({ status: 403, error: { code: 'caller_mismatch', param } });
    expect(await ask({ teamId: other.organizationId })).toMatchObject(mismatch('teamId'));
    expect(await ask({ teamId: randomUUID() })).toMatchObject(mismatch('teamId'));
    expect(await ask({ userId: other.owner.userId })).toMatchObject(mismatch('userId'));
    const invalid = (param: string) => ({ status: 400, error: { code: 'invalid_request', param } });
    expect(await ask({ provider: 'llama' })).toMatchObject(invalid('provider'));
    expect(await ask({ messages: [] })).toMatchObject(invalid('messages'));
    expect(await ask({ userId: undefined })).toMatchObject(invalid('userId'));
    expect(await ask({ metadata: { agentId: 'a\nb' } })).toMatchObject(invalid('metadata.agentId'));
    const unknown = { status: 401, error: { code: 'invalid_proxy_key' } };
    expect(await ask({}, 'khq_0123456789abcdef_0123456789abcdef')).toMatchObject(unknown);
    expect(await ask({}, caller.owner.accessToken)).toMatchObject(unknown);
    expect((await callApi('/chat', { body: requestOf(caller) })).status).toBe(401);
    expect(await readLedger(caller.organizationId)).toEqual([]);
    expect(await readJournal(upstreamUrl, caller.upstreamKey)).toEqual([]);
  });

  test('[API7] what the proxy and the provider refuse comes in the envelope, with the code and the status of both', async () => {
    const caller = await makeCaller('openai');
    const failure = {
      error: { message: 'Slow down.', type: 'requests', param: null, code: 'rate_limit_exceeded' },
    };
    await playScripts(upstreamUrl, caller.upstreamKey, {
      ...jsonScript(failure, 429),
      headers: { 'content-type': 'application/json', 'retry-after': '2' },
    });
    const ask = (changes: object) =>
      callApi('/chat', { token: caller.proxyKey, body: requestOf(caller, changes) });
    const limited = await ask({});
    expect(limited).toMatchObject({
      status: 429,
      error: { code: 'rate_limit_exceeded', message: 'Slow down.' },
    });
    expect(limited.headers.get('retry-after')).toBe('2');
    expect(await ask({ model: 'gpt-99' })).toMatchObject({ status: 404, error: { code: 'model_not_found' } });
    const claude = { provider: 'anthropic', model: 'claude-haiku-4-5' };
    expect(await ask(claude)).toMatchObject({ status: 403, error: { code: 'no_provider_credential' } });
    const audio = [{ role: 'user', content: [{ type: 'input_audio', input_audio: {} }] }];
    expect(await ask({ ...claude, messages: audio })).toMatchObject({
      status: 400,
      error: { code: 'unsupported_parameter', param: 'messages[0].content[0].input_audio' },
    });
    await setPlan(caller.organizationId, 'enterprise', { ai_budget_usd_month: '0' });
    const refused = await ask({});
    expect(refused).toMatchObject({ status: 402, error: { code: 'budget_exceeded' } });
    expect(refused.headers.get('x-should-retry')).toBe('false');
  });
});

describe('proxy', () => {
  test('[API8] an OpenAI body, OpenAI’s answer, byte for byte, the key in any of three headers', async () => {
    const caller = await makeCaller('openai');
    const answer = JSON.stringify(openaiCompletion(model, usage)).replace(
      '"usage"',
      ' "big":12345678901234567890, "usage"',
    );
    await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(answer));
    const body = `{ "model":"${model}","messages":[], "x":1.0}`;
    for (const headers of [
      { authorization: `Bearer ${caller.proxyKey}` },
      { 'x-api-key': caller.proxyKey },
      { 'x-proxy-key': caller.proxyKey },
    ]) {
      const response = await fetch(`${apiUrl()}/proxy`, { method: 'POST', headers, body });
      expect(await response.text()).toBe(answer);
      expect(response.headers.get('x-khq-cost-usd')).toBe('0.0000073500');
    }
    const received = await readJournal(upstreamUrl, caller.upstreamKey);
    expect(received.map((request) => Buffer.from(request.body, 'base64').toString())).toEqual(
      Array(3).fill(body),
    );
    expect(received[0]?.headers).not.toHaveProperty('x-proxy-key');
    expect(await settledLedger(caller.organizationId)).toHaveLength(3);
  });

  test('[API9] OpenAI’s own client may have it as its base, and gets its errors', async () => {
    const caller = await makeCaller('openai');
    const client = new OpenAI({ apiKey: caller.proxyKey, baseURL: `${apiUrl()}/proxy`, maxRetries: 2 });
    const chunks = openaiChunks(model, [{ content: 'Hi' }]);
    await playScripts(
      upstreamUrl,
      caller.upstreamKey,
      streamScript(encodeEvents([...chunks, openaiUsageChunk(model, usage), doneEvent])),
      jsonScript(openaiResponse(model, null)),
    );
    expect(await client.chat.completions.stream({ model, messages }).finalContent()).toBe('Hi');
    expect((await client.responses.create({ model, input: 'Hi' })).output_text).toBe('Hello.');
    expect((await client.models.retrieve(model)).id).toBe(model);
    const wrong = new OpenAI({ apiKey: 'khq_a_b', baseURL: `${apiUrl()}/proxy`, maxRetries: 0 });
    await expect(wrong.chat.completions.create({ model, messages })).rejects.toMatchObject({
      status: 401,
      code: 'invalid_api_key',
    });
  });

  test('[API10] a plan without API access is told so with 402, once; the proxy itself is on every plan', async () => {
    const caller = await makeCaller('openai');
    await setPlan(caller.organizationId, 'free', { ai_budget_usd_month: '10' });
    await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(openaiCompletion(model, usage)));
    const client = new OpenAI({ apiKey: caller.proxyKey, baseURL: `${apiUrl()}/proxy`, maxRetries: 2 });
    const error: unknown = await client.chat.completions
      .create({ model, messages })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({ status: 402, code: 'plan_limit_exceeded', type: 'insufficient_quota' });
    const refused = {
      status: 402,
      error: { code: 'plan_limit_exceeded', plan: 'free', limit: 0, resource: 'api_access' },
    };
    expect(await callApi('/chat', { token: caller.proxyKey, body: requestOf(caller) })).toMatchObject(
      refused,
    );
    const { accessToken } = caller.owner;
    for (const path of ['/team/profile', '/costs/realtime', '/costs/history']) {
      expect(await callApi(path, { token: accessToken })).toMatchObject(refused);
    }
    expect(await readLedger(caller.organizationId)).toEqual([]);
    await openaiClient(caller.proxyKey).chat.completions.create({ model, messages });

    await setPlan(caller.organizationId, 'pro');
    expect((await callApi('/team/profile', { token: accessToken })).status).toBe(200);
    await client.chat.completions.create({ model, messages });
  });
});

describe('team and costs', () => {
  test('[API11] the profile is the team’s, for its members only', async () => {
    const organization = await makeOrganization({ budgetUsd: '750' });
    const { organizationId, member, outsider } = organization;
    // Whoever signed up without an invitation has a team of their own as well.
    const severalTeams = await callApi('/team/profile', { token: member.accessToken });
    expect(severalTeams).toMatchObject({ status: 400, error: { code: 'invalid_request', param: 'teamId' } });
    const path = `/team/profile?teamId=${organizationId}`;
    const { status, data } = await callApi(path, { token: member.accessToken });
    expect(status).toBe(200);
    expect(Team.parse(data)).toMatchObject({
      id: organizationId,
      plan: 'enterprise',
      role: 'member',
      members: 3,
      monthlyBudgetUsd: '750',
    });
    const hidden = await callApi(path, { token: outsider.accessToken });
    const missing = await callApi(`/team/profile?teamId=${randomUUID()}`, { token: outsider.accessToken });
    expect(hidden).toMatchObject({ status: 404, error: { code: 'organization_not_found' } });
    expect({ ...hidden, headers: null }).toEqual({ ...missing, headers: null });
    const key = await mintProxyKey(organization.projectId, organization.admin);
    for (const token of [key, 'nonsense', undefined]) {
      expect((await callApi(path, token === undefined ? {} : { token })).status).toBe(401);
    }
  });

  test('[API12] costs are the ledger’s, now and by day, and nobody else’s', async () => {
    const caller = await makeCaller('openai');
    const { organizationId, owner } = caller;
    await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(openaiCompletion(model, usage)));
    for (let i = 0; i < 3; i++) await callApi('/chat', { token: caller.proxyKey, body: requestOf(caller) });
    await settledLedger(organizationId);
    const token = owner.accessToken;
    const now = RealtimeCosts.parse((await callApi('/costs/realtime', { token })).data);
    const spent = { costUsd: '0.0000220500', requestCount: 3 };
    expect(now).toMatchObject({ teamId: organizationId, today: spent, month: spent, budgetUsd: '1000' });
    expect(Number(now.heldUsd)).toBe(0);

    const history = CostHistory.parse((await callApi('/costs/history', { token })).data);
    expect(history.days).toEqual([
      {
        date: history.to,
        provider: 'openai',
        model,
        totalCostUsd: '0.0000220500',
        totalInput: 63,
        totalOutput: 21,
        requestCount: 3,
      },
    ]);
    const before = await callApi('/costs/history?from=2026-01-01&to=2026-01-31', { token });
    expect(before.data).toMatchObject({ from: '2026-01-01', to: '2026-01-31', days: [] });
    const other = await makeCaller(null);
    const foreign = await callApi(`/costs/history?teamId=${organizationId}`, {
      token: other.owner.accessToken,
    });
    expect(foreign).toMatchObject({ status: 404, error: { code: 'organization_not_found' } });
  });

  test('[API13] the plan bounds how far back one sees, and a range has its bounds', async () => {
    const caller = await makeCaller(null);
    await setPlan(caller.organizationId, 'pro', { history_days: '7' });
    const token = caller.owner.accessToken;
    const { from, to } = CostHistory.parse((await callApi('/costs/history', { token })).data);
    expect((Date.parse(to) - Date.parse(from)) / 86_400_000).toBe(6);
    for (const range of ['from=2020-01-01', 'from=2026-02-02&to=2026-02-01', 'from=yesterday']) {
      const { status, error } = await callApi(`/costs/history?${range}`, { token });
      expect([status, error]).toEqual([
        400,
        expect.objectContaining({ code: 'invalid_request', param: 'from' }),
      ]);
    }
  });
});
