import { BadRequestError } from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeCaller, type Caller } from '../support/caller.ts';
import { anthropicMessage } from '../support/provider-answers.ts';
import { receivedBody } from '../support/received-body.ts';
import { openaiClient } from '../support/sdk.ts';
import { jsonScript, playScripts, readJournal, readUpstreamUrl } from '../support/upstream-client.ts';

/** What becomes of each part of a chat completion's body when the model is Claude. */

const old = 'claude-sonnet-4-5';
const recent = 'claude-opus-5';
const hello = { role: 'user', content: 'Hello' };
const said = { role: 'user', content: [{ type: 'text', text: 'Hello' }] };
const weather = { name: 'weather', description: 'Tells it.', parameters: { type: 'object', properties: {} } };
const tools = [{ type: 'function', function: weather }];
const tool = { name: 'weather', description: 'Tells it.', input_schema: weather.parameters };
const called = {
  role: 'assistant',
  content: null,
  tool_calls: [
    {
      id: 'functions.weather:0',
      type: 'function',
      function: { name: 'weather', arguments: '{"big":12345678901234567890}' },
    },
    { id: 'call_2', type: 'function', function: { name: 'weather', arguments: '' } },
  ],
};
const png = 'iVBORw0KGgo=';
const pdf = { filename: 'a.pdf', file_data: `data:application/pdf;base64,${png}` };
const schema = { type: 'object', properties: {}, additionalProperties: false };
const userSays = (content: unknown) => ({ messages: [{ role: 'user', content }] });

type Row = readonly [asked: object, sent: object];

const translated: readonly Row[] = [
  [{}, { model: old, max_tokens: 8192, messages: [said] }],
  [{ model: `anthropic/${old}` }, { model: old }],
  [{ model: 'claude-3-haiku-20240307' }, { max_tokens: 4096 }],
  [{ max_tokens: 7 }, { max_tokens: 7 }],
  [{ max_completion_tokens: 8 }, { max_tokens: 8 }],
  [{ stop: 'END' }, { stop_sequences: ['END'] }],
  [{ stop: ['A', 'B'] }, { stop_sequences: ['A', 'B'] }],
  [
    { temperature: 0.3, top_p: 0.9 },
    { temperature: 0.3, top_p: 0.9 },
  ],
  [{ temperature: 1.7 }, { temperature: 1 }],
  // As sums of floats come out.
  [{ temperature: 1.2000000000000002 }, { temperature: 1 }],
  [{ user: 'u-7' }, { metadata: { user_id: 'u-7' } }],
  [{ safety_identifier: 's-7' }, { metadata: { user_id: 's-7' } }],
  [{ service_tier: 'default' }, { service_tier: 'standard_only' }],
  [{ tools }, { tools: [tool], tool_choice: { type: 'auto' } }],
  [
    { tools: [{ type: 'function', function: { name: 'f', strict: true, parameters: schema } }] },
    { tools: [{ name: 'f', strict: true, input_schema: schema }] },
  ],
  [
    { tools: [{ type: 'function', function: { name: 'f', parameters: {} } }] },
    { tools: [{ name: 'f', input_schema: { type: 'object' } }] },
  ],
  [{ tools, tool_choice: 'required' }, { tool_choice: { type: 'any' } }],
  [{ tools, tool_choice: 'none' }, { tool_choice: { type: 'none' } }],
  [
    { tools, tool_choice: { type: 'function', function: { name: 'weather' } } },
    { tool_choice: { type: 'tool', name: 'weather' } },
  ],
  [{ tools, parallel_tool_calls: false }, { tool_choice: { type: 'auto', disable_parallel_tool_use: true } }],
  [
    { response_format: { type: 'json_schema', json_schema: { name: 'a', strict: true, schema } } },
    { output_config: { format: { type: 'json_schema', schema } } },
  ],
  [
    { model: recent, reasoning_effort: 'high' },
    { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } },
  ],
  [{ model: recent, reasoning_effort: 'none' }, { thinking: { type: 'disabled' } }],
  [
    { reasoning_effort: 'medium' },
    { max_tokens: 16_384, thinking: { type: 'enabled', budget_tokens: 8192 } },
  ],
  [
    { reasoning_effort: 'high', max_tokens: 5000 },
    { max_tokens: 5000, thinking: { type: 'enabled', budget_tokens: 4000 } },
  ],
  [
    { thinking: { type: 'enabled', budget_tokens: 2000 }, top_k: 5 },
    { thinking: { type: 'enabled', budget_tokens: 2000 }, top_k: 5 },
  ],
  [
    {
      messages: [
        { role: 'system', content: 'Be brief.' },
        hello,
        { role: 'developer', content: 'And kind.' },
      ],
    },
    {
      system: [
        { type: 'text', text: 'Be brief.' },
        { type: 'text', text: 'And kind.' },
      ],
      messages: [said],
    },
  ],
  [
    userSays([{ type: 'image_url', image_url: { url: `data:image/png;base64,${png}`, detail: 'low' } }]),
    userSays([{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } }]),
  ],
  [
    userSays([{ type: 'image_url', image_url: { url: `data:image/jpg;base64,${png}` } }]),
    userSays([{ type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: png } }]),
  ],
  [
    userSays([{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }]),
    userSays([{ type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }]),
  ],
  [
    userSays([{ type: 'file', file: pdf }]),
    userSays([
      {
        type: 'document',
        title: 'a.pdf',
        source: { type: 'base64', media_type: 'application/pdf', data: png },
      },
    ]),
  ],
  [
    userSays([{ type: 'text', text: 'Long', cache_control: { type: 'ephemeral' } }]),
    userSays([{ type: 'text', text: 'Long', cache_control: { type: 'ephemeral' } }]),
  ],
  [
    { messages: [hello, { role: 'assistant', content: 'Hi.' }, hello, hello] },
    {
      messages: [
        said,
        { role: 'assistant', content: [{ type: 'text', text: 'Hi.' }] },
        { role: 'user', content: [...said.content, ...said.content] },
      ],
    },
  ],
];

/** Taken, and not passed on: without them the answer is the same. */
const ignored: readonly object[] = [
  { metadata: { agent_id: 'a' } },
  { store: true },
  { seed: 7 },
  { prediction: { type: 'content', content: 'x' } },
  { prompt_cache_key: 'k', prompt_cache_retention: '24h' },
  { n: 1, logprobs: false, frequency_penalty: 0, presence_penalty: 0, logit_bias: {}, modalities: ['text'] },
  { response_format: { type: 'text' }, verbosity: 'medium', service_tier: 'auto' },
  { audio: null, functions: null },
  {
    messages: [
      { role: 'assistant', content: ' \n' },
      { role: 'user', content: [...said.content, { type: 'text', text: '\n' }] },
    ],
  },
];

const refused: readonly (readonly [param: string, asked: object])[] = [
  ['n', { n: 2 }],
  ['logprobs', { logprobs: true }],
  ['top_logprobs', { top_logprobs: 3 }],
  ['logit_bias', { logit_bias: { 50256: -100 } }],
  ['frequency_penalty', { frequency_penalty: 0.5 }],
  ['presence_penalty', { presence_penalty: -1 }],
  ['modalities', { modalities: ['text', 'audio'] }],
  ['audio', { audio: { voice: 'alloy', format: 'wav' } }],
  ['verbosity', { verbosity: 'low' }],
  ['web_search_options', { web_search_options: {} }],
  ['moderation', { moderation: {} }],
  ['functions', { functions: [weather] }],
  ['function_call', { function_call: 'auto' }],
  ['field_of_tomorrow', { field_of_tomorrow: 1 }],
  ['service_tier', { service_tier: 'flex' }],
  ['response_format', { response_format: { type: 'json_object' } }],
  ['reasoning_effort', { reasoning_effort: 'extreme' }],
  ['reasoning_effort', { model: 'claude-3-haiku-20240307', reasoning_effort: 'low' }],
  ['max_completion_tokens', { max_completion_tokens: 500, reasoning_effort: 'low' }],
  ['max_tokens', { max_tokens: 0 }],
  ['stop', { stop: '\n' }],
  ['stop', { stop: 7 }],
  ['tools', { tools: tools[0] }],
  [
    'tools[0].function.parameters',
    { tools: [{ type: 'function', function: { name: 'f', parameters: 'city' } }] },
  ],
  ['tool_choice', { tool_choice: 'required' }],
  [
    'tool_choice',
    { tools, tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [] } } },
  ],
  ['tools[1].type', { tools: [...tools, { type: 'custom', custom: { name: 'c' } }] }],
  ['messages', { messages: 'Hello' }],
  ['messages[0].role', { messages: [{ role: 'function', name: 'f', content: '1' }] }],
  ['messages[0].content', userSays(7)],
  [
    'messages[0].content[0].input_audio',
    userSays([{ type: 'input_audio', input_audio: { data: '', format: 'wav' } }]),
  ],
  [
    'messages[0].content[1].image_url',
    userSays([
      { type: 'text', text: 'a' },
      { type: 'image_url', image_url: { url: 'http://10.0.0.1/a.png' } },
    ]),
  ],
  ['messages[0].content[0].file.file_id', userSays([{ type: 'file', file: { file_id: 'file-1' } }])],
  [
    'messages[0].content[0].file.file_data',
    userSays([{ type: 'file', file: { file_data: 'data:text/csv;base64,YQ==' } }]),
  ],
  [
    'messages[1].tool_calls[0].function.arguments',
    {
      messages: [
        hello,
        {
          role: 'assistant',
          tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":' } }],
        },
      ],
    },
  ],
  [
    'messages[1].tool_calls[0].type',
    {
      messages: [
        hello,
        { role: 'assistant', tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'f', input: '' } }] },
      ],
    },
  ],
  ['messages[0].tool_call_id', { messages: [{ role: 'tool', content: '1' }] }],
  [
    'messages[0].audio',
    { messages: [{ role: 'assistant', content: null, audio: { id: 'audio_1' } }, hello] },
  ],
];

let caller: Caller;
beforeAll(async () => {
  caller = await makeCaller('anthropic');
  const answer = anthropicMessage(old, { input_tokens: 3, output_tokens: 2 });
  await playScripts(readUpstreamUrl(), caller.upstreamKey, jsonScript(answer));
});

const ask = (members: object): Promise<unknown> =>
  openaiClient(caller.proxyKey).post('/chat/completions', {
    body: { model: old, messages: [hello], ...members },
  });

describe('[TRN1] translated', () => {
  test.each(translated)('%j', async (asked, sent) => {
    await ask(asked);
    expect(await receivedBody(caller)).toMatchObject(sent);
  });
});

describe('[TRN2] ignored', () => {
  test.each(ignored)('%j', async (asked) => {
    await ask(asked);
    expect(await receivedBody(caller)).toEqual({ model: old, max_tokens: 8192, messages: [said] });
  });
});

describe('[TRN3] refused, named, before anything is reserved', () => {
  test.each(refused)('%s: %j', async (param, asked) => {
    const before = (await readJournal(readUpstreamUrl(), caller.upstreamKey)).length;
    const error: unknown = await ask(asked).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ param, message: expect.stringContaining(`"${param}"`) });
    expect(await readJournal(readUpstreamUrl(), caller.upstreamKey)).toHaveLength(before);
  });
});

test('[TRN4] a conversation with tools: calls and results stay pairs, numbers keep their digits', async () => {
  const results = [
    { role: 'tool', tool_call_id: 'functions.weather:0', content: '12 °C' },
    { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: '13 °C' }] },
  ];
  await ask({ messages: [hello, called, ...results, hello], tools });
  const uses = [
    { type: 'tool_use', id: 'functions_weather_0', name: 'weather' },
    { type: 'tool_use', id: 'call_2', name: 'weather', input: {} },
  ];
  const answers = [
    { type: 'tool_result', tool_use_id: 'functions_weather_0', content: [{ type: 'text', text: '12 °C' }] },
    { type: 'tool_result', tool_use_id: 'call_2', content: [{ type: 'text', text: '13 °C' }] },
  ];
  expect(await receivedBody(caller)).toMatchObject({
    messages: [
      said,
      { role: 'assistant', content: uses },
      { role: 'user', content: [...answers, ...said.content] },
    ],
    tools: [tool],
  });
  const received = (await readJournal(readUpstreamUrl(), caller.upstreamKey)).at(-1);
  expect(Buffer.from(received?.body ?? '', 'base64').toString()).toContain('"big":12345678901234567890');

  // Tools that were called stay known when none is offered any more, and an old model does not think without its thoughts.
  await ask({ messages: [hello, called, ...results], reasoning_effort: 'low' });
  const body = await receivedBody(caller);
  expect(body).toMatchObject({
    tools: [{ name: 'weather', input_schema: { type: 'object' } }],
    tool_choice: { type: 'none' },
  });
  expect(body).not.toHaveProperty('thinking');
});
