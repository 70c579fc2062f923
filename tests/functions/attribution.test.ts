import { beforeAll, expect, test } from 'vitest';
import { makeCaller, type Caller } from '../support/caller.ts';
import { onlySettledCall } from '../support/ledger.ts';
import { anthropicMessage, openaiCompletion } from '../support/provider-answers.ts';
import { paths, postToProxy } from '../support/proxy-request.ts';
import { jsonScript, playScripts, readJournal, readUpstreamUrl } from '../support/upstream-client.ts';

const openaiAnswer = openaiCompletion('gpt-4o-mini', {
  prompt_tokens: 1000,
  completion_tokens: 10,
  total_tokens: 1010,
});
const anthropicAnswer = anthropicMessage('claude-haiku-4-5', { input_tokens: 1000, output_tokens: 10 });

let upstreamUrl: string;
beforeAll(() => {
  upstreamUrl = readUpstreamUrl();
});

async function call(
  dialect: 'openai' | 'anthropic',
  members: object,
  headers: Record<string, string> = {},
): Promise<Caller> {
  const caller = await makeCaller(dialect);
  await playScripts(
    upstreamUrl,
    caller.upstreamKey,
    jsonScript(dialect === 'openai' ? openaiAnswer : anthropicAnswer),
  );
  const model = { openai: 'gpt-4o-mini', anthropic: 'claude-haiku-4-5' }[dialect];
  const body = JSON.stringify({ model, max_tokens: 99, messages: [], ...members });
  const response = await postToProxy(caller.proxyKey, paths[dialect], body, { headers });
  expect(response.status).toBe(200);
  const [received] = await readJournal(upstreamUrl, caller.upstreamKey);
  // Whatever is recorded, upstream gets the body as it was.
  expect(Buffer.from(received?.body ?? '', 'base64').toString()).toBe(body);
  return caller;
}

test.each(['openai', 'anthropic'] as const)(
  '[ATT1] headers say for whom a call is made (%s)',
  async (dialect) => {
    const caller = await call(
      dialect,
      { metadata: { user_id: 'from the body' } },
      {
        'x-khq-user': 'maya@acme.test',
        'x-khq-agent': 'reviewer',
        'x-khq-task': 'pr-17',
        'x-khq-tags': ' nightly, team:web,, nightly ',
      },
    );
    expect(await onlySettledCall(caller.organizationId)).toMatchObject({
      user_id: 'maya@acme.test',
      agent_id: 'reviewer',
      task_id: 'pr-17',
      tags: ['nightly', 'team:web'],
      project_id: caller.projectId,
      dialect,
    });
  },
);

test.each([
  [
    'openai',
    { user: 'u-1', metadata: { agent_id: 'a-1', task_id: 't-1' } },
    { user_id: 'u-1', agent_id: 'a-1', task_id: 't-1' },
  ],
  ['openai', { metadata: { user_id: 'u-2' } }, { user_id: 'u-2', agent_id: null, task_id: null }],
  ['anthropic', { metadata: { user_id: 'u-3' } }, { user_id: 'u-3', agent_id: null, task_id: null }],
  ['openai', {}, { user_id: null, agent_id: null, task_id: null, tags: [] }],
] as const)("[ATT2] else the bodies' own fields do: %s %o", async (dialect, members, expected) => {
  const caller = await call(dialect, members);
  expect(await onlySettledCall(caller.organizationId)).toMatchObject(expected);
});

test('[ATT3] what is too long or not storable is cut to what is, and the call goes through', async () => {
  const caller = await call(
    'openai',
    { user: `\u0000bad\uD800 ${'x'.repeat(500)}`, metadata: { task_id: 7 } },
    {
      'x-khq-tags': Array.from({ length: 60 }, (_, index) => `tag-${index}`).join(','),
    },
  );
  const row = await onlySettledCall(caller.organizationId);
  expect(row.user_id).toMatch(/^bad\S? x{100,}$/u);
  expect(row.user_id?.length).toBeLessThanOrEqual(200);
  expect(row).toMatchObject({ task_id: '7', status: 'succeeded' });
  expect(row.tags).toHaveLength(20);
});

test('[ATT4] members read it as usage_logs, with the columns of that document', async () => {
  const { owner, organizationId, projectId } = await call('openai', {});
  const row = await onlySettledCall(organizationId);
  const { data: logs } = await owner.db.from('usage_logs').select('*').throwOnError();
  const { data: keys } = await owner.db.from('proxy_keys').select('id').throwOnError();
  expect(logs).toEqual([
    {
      id: row.id,
      tokens_in: 1000,
      tokens_out: 10,
      cost: 0.000156,
      model: 'gpt-4o-mini',
      timestamp: expect.any(String),
      organization: organizationId,
      project: projectId,
      api_key: keys[0]?.id,
    },
  ]);
});
