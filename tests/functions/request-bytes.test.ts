import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeCaller, type Caller } from '../support/caller.ts';
import { anthropicMessage, openaiCompletion } from '../support/provider-answers.ts';
import { paths, postToProxy } from '../support/proxy-request.ts';
import { readReady } from '../support/ready.ts';
import { jsonScript, playScripts, readJournal, readUpstreamUrl } from '../support/upstream-client.ts';
import type { ReceivedRequest } from '../support/upstream.ts';

const chat = jsonScript(
  openaiCompletion('gpt-4o-mini', { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }),
);
const message = jsonScript(anthropicMessage('claude-haiku-4-5', { input_tokens: 1, output_tokens: 1 }));

let upstreamUrl: string;
beforeAll(() => {
  upstreamUrl = readUpstreamUrl();
});

const lastRequest = async ({ upstreamKey }: Caller): Promise<ReceivedRequest> => {
  const received = (await readJournal(upstreamUrl, upstreamKey)).at(-1);
  if (received === undefined) throw new Error('Upstream was not asked.');
  return received;
};
const bodyOf = (received: ReceivedRequest): string => Buffer.from(received.body, 'base64').toString();

/** What a parser and a writer would change: numbers, spaces, escapes, the order of keys, keys that come twice. */
const oddMembers = String.raw`"seed":12345678901234567890,"temperature":1.0,"top_p" : 1e-0 ,
  "2":{"b":1,"a":-0.0,"1":"\u00e9\/é\uD83D\uDE42"},"1":[ ] ,	"logit_bias":{"50256":-100,"11":5},
  "messages":[{"content":"Grüße 🙂 \" } ] {","role":"user","name":"x","name":"y"}],"x_unknown":null`;
const usageOption = '"include_usage":true';

describe("[BYTE10] upstream receives the client's bytes", () => {
  const cases: [string, string, string][] = [
    ['as they are', `{"model":"gpt-4o-mini",${oddMembers}}`, `{"model":"gpt-4o-mini",${oddMembers}}`],
    [
      'as they are, around white space',
      `\r\n\t {${oddMembers}, "model" : "gpt-4o-mini" }\n `,
      `\r\n\t {${oddMembers}, "model" : "gpt-4o-mini" }\n `,
    ],
    [
      'without the prefix of the model',
      `{${oddMembers},"model" :  "openai\\/gpt-4o-mini" }`,
      `{${oddMembers},"model" :  "gpt-4o-mini" }`,
    ],
    [
      'with the option that makes a stream tell its usage',
      `{${oddMembers},"stream":true,"model":"gpt-4o-mini"}`,
      `{"stream_options":{${usageOption}},${oddMembers},"stream":true,"model":"gpt-4o-mini"}`,
    ],
    [
      'with that option among others',
      `{"stream_options": { "x":1.0 },"stream":true,${oddMembers},"model":"openai/gpt-4o-mini"}`,
      `{"stream_options": {${usageOption}, "x":1.0 },"stream":true,${oddMembers},"model":"gpt-4o-mini"}`,
    ],
    [
      'with that option in the place of null',
      `{"stream":true,"stream_options":null,${oddMembers},"model":"gpt-4o-mini"}`,
      `{"stream":true,"stream_options":{${usageOption}},${oddMembers},"model":"gpt-4o-mini"}`,
    ],
    [
      'with that option switched on',
      `{"stream":true,"stream_options":{"include_usage" : false},${oddMembers},"model":"gpt-4o-mini"}`,
      `{"stream":true,"stream_options":{"include_usage" : true},${oddMembers},"model":"gpt-4o-mini"}`,
    ],
    [
      'as they are where the client asks for usage itself',
      `{"stream_options":{"include_usage":true },"stream":true,${oddMembers},"model":"gpt-4o-mini"}`,
      `{"stream_options":{"include_usage":true },"stream":true,${oddMembers},"model":"gpt-4o-mini"}`,
    ],
  ];
  test.each(cases)('%s', async (_, sent, expected) => {
    const caller = await makeCaller('openai');
    await playScripts(upstreamUrl, caller.upstreamKey, chat);
    const response = await postToProxy(caller.proxyKey, paths.openai, sent);
    expect(await response.text()).not.toContain('"error"');
    expect(bodyOf(await lastRequest(caller))).toBe(expected);
  });

  test('as they are to Anthropic, streamed or not', async () => {
    const caller = await makeCaller('anthropic');
    await playScripts(upstreamUrl, caller.upstreamKey, message);
    for (const stream of ['true', 'false']) {
      const sent = `{"stream" : ${stream},"max_tokens":64,${oddMembers},"model":"claude-haiku-4-5"}`;
      await (await postToProxy(caller.proxyKey, paths.anthropic, sent)).text();
      expect(bodyOf(await lastRequest(caller))).toBe(sent);
    }
  });

  test('as they are when there are many of them, and sent in chunks', async () => {
    const caller = await makeCaller('openai');
    await playScripts(upstreamUrl, caller.upstreamKey, chat);
    const image = `data:image/png;base64,${'QUJD'.repeat(1_500_000)}`;
    const sent = `{"model":"gpt-4o-mini",${oddMembers},"image":"${image}"}`;
    const stream = new Blob([sent]).stream();
    const response = await postToProxy(caller.proxyKey, paths.openai, stream, { duplex: 'half' });
    expect(response.status).toBe(200);
    await response.text();
    expect(bodyOf(await lastRequest(caller)) === sent).toBe(true);
  });
});

/** Straight at the function's own port, where nothing else could have taken a header away. */
async function postRaw(headers: Record<string, string>, path: string = paths.openai) {
  const port = readReady().functionPorts['proxy']?.[0];
  const sent = httpRequest({ host: '127.0.0.1', port, path: `/proxy${path}`, method: 'POST', headers });
  sent.end(
    JSON.stringify({ model: path === paths.openai ? 'gpt-4o-mini' : 'claude-haiku-4-5', messages: [] }),
  );
  const [answer] = await once(sent, 'response');
  return { headers: answer.headers, body: await text(answer) };
}

test('[BYTE11] compressed answers are never asked for, and none is announced', async () => {
  const caller = await makeCaller('openai');
  await playScripts(upstreamUrl, caller.upstreamKey, chat);
  const answer = await postRaw({
    authorization: `Bearer ${caller.proxyKey}`,
    'accept-encoding': 'gzip, deflate, br, zstd',
  });
  expect((await lastRequest(caller)).headers['accept-encoding']).toBe('identity');
  expect(answer.headers).not.toHaveProperty('content-encoding');
  expect(JSON.parse(answer.body)).toMatchObject({ object: 'chat.completion' });
});

test("[BYTE12] what belongs to this hop or to us stays here; what is the client's own goes up", async () => {
  const caller = await makeCaller('openai');
  await playScripts(upstreamUrl, caller.upstreamKey, chat);
  await postRaw({
    authorization: `Bearer ${caller.proxyKey}`,
    connection: 'keep-alive, x-per-hop',
    'x-per-hop': 'here only',
    'keep-alive': 'timeout=5',
    te: 'trailers',
    'proxy-authorization': 'Basic c2VjcmV0',
    'x-forwarded-for': '10.1.2.3',
    'x-real-ip': '10.1.2.3',
    forwarded: 'for=10.1.2.3',
    cookie: 'session=secret',
    'x-khq-user': 'maya',
    'x-khq-tags': 'a,b',
    apikey: 'sb_publishable_x',
    'openai-organization': 'org-1',
    'openai-project': 'proj-1',
    'openai-beta': 'assistants=v2',
    'x-stainless-lang': 'js',
    'idempotency-key': 'once',
    'user-agent': 'Tests/1.0',
  });
  const { headers } = await lastRequest(caller);
  const stayed =
    'x-per-hop keep-alive te proxy-authorization x-forwarded-for x-real-ip forwarded cookie apikey';
  const ours = 'x-khq-user x-khq-tags x-api-key openai-organization openai-project';
  for (const name of `${stayed} ${ours}`.split(' ')) {
    expect(headers).not.toHaveProperty(name);
  }
  expect(headers).toMatchObject({
    'openai-beta': 'assistants=v2',
    'x-stainless-lang': 'js',
    'idempotency-key': 'once',
    'user-agent': 'Tests/1.0',
    authorization: `Bearer ${caller.upstreamKey}`,
    host: new URL(upstreamUrl).host,
  });
});

test.each(['openai', 'anthropic'] as const)(
  '[BYTE13] our key never reaches %s, and its key never the client',
  async (provider) => {
    const caller = await makeCaller(provider);
    const { proxyKey, upstreamKey } = caller;
    const leak = { error: { type: 'x', code: 'x', message: `Incorrect API key provided: ${upstreamKey}.` } };
    const good = provider === 'openai' ? chat : message;
    await playScripts(upstreamUrl, upstreamKey, good, good, jsonScript(leak, 401));
    const answers = [
      await postRaw({ authorization: `Bearer ${proxyKey}` }, paths[provider]),
      await postRaw({ 'x-api-key': proxyKey }, paths[provider]),
      await postRaw({ 'x-api-key': proxyKey, authorization: `Bearer ${proxyKey}` }, paths[provider]),
    ];
    expect(JSON.stringify(answers)).not.toContain(upstreamKey);
    const journal = await readJournal(upstreamUrl, upstreamKey);
    expect(journal).toHaveLength(3);
    for (const { headers, body } of journal) {
      expect(JSON.stringify(headers) + Buffer.from(body, 'base64').toString()).not.toContain('khq_');
      const own = provider === 'openai' ? 'authorization' : 'x-api-key';
      expect(headers[own]).toBe(provider === 'openai' ? `Bearer ${upstreamKey}` : upstreamKey);
    }
  },
);

test("[BYTE14] a redirect is handed on, not followed: the provider's key goes nowhere else", async () => {
  const caller = await makeCaller('openai');
  const location = `${upstreamUrl}/elsewhere`;
  await playScripts(upstreamUrl, caller.upstreamKey, { status: 307, headers: { location }, steps: [] });
  const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [] });
  const response = await postToProxy(caller.proxyKey, paths.openai, body, { redirect: 'manual' });
  expect(response.status).toBe(307);
  expect(await readJournal(upstreamUrl, caller.upstreamKey)).toHaveLength(1);
});
