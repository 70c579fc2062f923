import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { askBoards, createBoard } from '../support/board-client.ts';
import { makeCaller, type Caller } from '../support/caller.ts';
import { readSteps, readTask, taskInStatus } from '../support/ended-task.ts';
import { readLedger, settledLedger } from '../support/ledger.ts';
import { assignTask, makeAgent } from '../support/make-agent.ts';
import { operatorSql } from '../support/database.ts';
import { paths, postToProxy } from '../support/proxy-request.ts';
import { readReady } from '../support/ready.ts';
import { sayScript, taskModel, toolScript } from '../support/task-answers.ts';
import { jsonScript, playScripts, readJournal, readUpstreamUrl } from '../support/upstream-client.ts';

const upstreamUrl = readUpstreamUrl();

const Body = z.object({
  messages: z.array(z.looseObject({ role: z.string(), content: z.string().nullish() })),
  tools: z.array(z.object({ function: z.object({ name: z.string() }) })).optional(),
});

async function readAsked({ upstreamKey }: Caller): Promise<z.infer<typeof Body>[]> {
  const journal = await readJournal(upstreamUrl, upstreamKey);
  return journal.map(({ body }) => Body.parse(JSON.parse(Buffer.from(body, 'base64').toString())));
}

const costOf = (rows: readonly { cost_usd: string | null }[]): string =>
  rows.reduce((sum, { cost_usd }) => sum + Number(cost_usd), 0).toFixed(10);

let caller: Caller;
let agentId: string;
beforeAll(async () => {
  caller = await makeCaller('openai');
  agentId = await makeAgent(caller);
});

test('[EXE1] an assigned task is done at once, through the gateway, attributed to agent and task', async () => {
  await playScripts(
    upstreamUrl,
    caller.upstreamKey,
    toolScript('read_spending', {}),
    toolScript('hand_in', { result: '# Spent\n\nNothing yet.' }),
  );
  const id = await assignTask(caller, agentId, { title: 'What did we spend?' });
  const task = await taskInStatus(id);
  expect(task).toMatchObject({
    status: 'completed',
    result: '# Spent\n\nNothing yet.',
    attempts: 0,
    claims: 1,
  });
  const steps = await readSteps(id);
  expect(steps.map(({ kind, tool }) => tool ?? kind)).toEqual(['model', 'read_spending', 'model', 'hand_in']);
  const calls = (await settledLedger(caller.organizationId)).filter(({ task_id: taskId }) => taskId === id);
  expect(calls.map(({ agent_id, status }) => [agent_id, status])).toEqual([
    [agentId, 'succeeded'],
    [agentId, 'succeeded'],
  ]);
  expect(task.cost_usd).toBe(costOf(calls));
  expect(task.cost_usd).toBe(costOf(steps));
  const [first, second] = await readAsked(caller);
  expect(first?.tools?.map(({ function: { name } }) => name)).toContain('create_task');
  expect(first?.messages.map(({ role }) => role)).toEqual(['system', 'user']);
  expect(second?.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool']);
  const [left] = await operatorSql()`
    select count(answer)::int as answers from private.internal_calls where task_id = ${id}`;
  expect(left?.['answers']).toBe(0);
});

test('[EXE2] what is sent back goes on with the comment, and is approved at last', async () => {
  const { owner, upstreamKey } = caller;
  await playScripts(upstreamUrl, upstreamKey, sayScript(['A long ', 'result.']), sayScript(['Short.']));
  const id = await assignTask(caller, agentId, { needsApproval: true });
  expect(await taskInStatus(id)).toMatchObject({ status: 'awaiting_approval', result: 'A long result.' });
  await owner.db.rpc('return_task', { id, comment: 'Shorter.' }).throwOnError();
  await taskInStatus(id, ['awaiting_approval']);
  const task = await taskInStatus(id, ['awaiting_approval']);
  expect(task.result).toBe('Short.');
  const asked = (await readAsked(caller)).at(-1)?.messages.map(({ content }) => content ?? '');
  expect(asked?.slice(-2)).toEqual(['A long result.', expect.stringContaining('Shorter.')]);
  const { data } = await owner.db.from('tasks').select('result_hash').eq('id', id).single().throwOnError();
  await owner.db.rpc('approve_task', { id, result_hash: data.result_hash ?? '' }).throwOnError();
  expect(await readTask(id)).toMatchObject({ status: 'completed' });
});

test('[EXE3] stopping a task cuts its call off at the provider, and counts what it cost until then', async () => {
  const own = await makeCaller('openai');
  const words = Array.from({ length: 200 }, (_, index) => `word ${index} `);
  await playScripts(upstreamUrl, own.upstreamKey, sayScript(words, 100));
  const id = await assignTask(own, await makeAgent(own));
  await expect.poll(async () => (await readSteps(id))[0]?.text, { timeout: 20_000 }).toContain('word 1');
  await own.owner.db.rpc('stop_task', { id }).throwOnError();
  await expect
    .poll(async () => (await readJournal(upstreamUrl, own.upstreamKey))[0]?.isAborted, { timeout: 5_000 })
    .toBe(true);
  const [call] = await settledLedger(own.organizationId);
  expect(call).toMatchObject({ status: 'failed', error_code: 'call_cancelled' });
  await expect.poll(async () => (await readTask(id)).cost_usd, { timeout: 30_000 }).toBe(call?.cost_usd);
  expect(await readTask(id)).toMatchObject({ status: 'cancelled' });
});

test('[EXE10] when an agent’s time for a task is over, the call under way ends at the provider, and the task with that reason', async () => {
  const own = await makeCaller('openai');
  const words = Array.from({ length: 600 }, (_, index) => `word ${index} `);
  await playScripts(upstreamUrl, own.upstreamKey, sayScript(words, 100));
  const agent = await makeAgent(own);
  const change = { is_active: false, max_minutes: 1 };
  await own.owner.db.from('agents').update(change).eq('id', agent).throwOnError();
  const id = await assignTask(own, agent);
  // Of its minute a few seconds are left.
  await operatorSql()`update public.tasks set run_started_at = now() - interval '52 seconds' where id = ${id}`;
  await own.owner.db.from('agents').update({ is_active: true }).eq('id', agent).throwOnError();
  await expect.poll(async () => (await readSteps(id))[0]?.text, { timeout: 20_000 }).toContain('word 1');
  expect(await taskInStatus(id, undefined, 30_000)).toMatchObject({
    status: 'failed',
    failure_code: 'time_limit',
    attempts: 0,
  });
  await expect
    .poll(async () => (await readJournal(upstreamUrl, own.upstreamKey))[0]?.isAborted, { timeout: 5_000 })
    .toBe(true);
  const [call] = await settledLedger(own.organizationId);
  expect(call).toMatchObject({ status: 'failed', error_code: 'call_cancelled' });
  await expect.poll(async () => (await readTask(id)).cost_usd, { timeout: 30_000 }).toBe(call?.cost_usd);
});

test('[EXE4] a provider that fails is asked again later, and the task shows why it waits', async () => {
  const own = await makeCaller('openai');
  await operatorSql()`update public.organizations set max_attempts = 1 where id = ${own.organizationId}`;
  const failure = jsonScript({ error: { message: 'Overloaded.', code: 'overloaded' } }, 503);
  await playScripts(upstreamUrl, own.upstreamKey, failure, sayScript(['Well.']));
  const id = await assignTask(own, await makeAgent(own));
  await expect.poll(async () => (await readTask(id)).attempts, { timeout: 20_000 }).toBe(1);
  expect(await readTask(id)).toMatchObject({ status: 'pending', failure_code: 'overloaded' });
  // Five seconds and the schedule's ten.
  expect(await taskInStatus(id, ['completed'], 40_000)).toMatchObject({
    result: 'Well.',
    failure_code: null,
  });
  expect(await readSteps(id)).toHaveLength(1);
});

test('[EXE5] a budget that is used up stops the task with that reason, until a person restarts it', async () => {
  const own = await makeCaller('openai');
  await playScripts(upstreamUrl, own.upstreamKey, sayScript(['Done.']));
  const agent = await makeAgent(own, { budgetUsd: 0.0000001 });
  const id = await assignTask(own, agent);
  const blocked = await taskInStatus(id);
  expect(blocked).toMatchObject({
    status: 'failed',
    failure_code: 'budget_exceeded',
    is_blocked: true,
    attempts: 0,
  });
  expect(blocked.failure_message).toContain('budget of agent Ada');
  await own.owner.db.from('budgets').update({ limit_usd: 5 }).eq('scope_id', agent).throwOnError();
  await own.owner.db.rpc('restart_task', { id }).throwOnError();
  expect(await taskInStatus(id, ['completed'])).toMatchObject({ result: 'Done.' });
});

test('[EXE6] an agent hands a task on to another, once, and what was handed on hands on nothing', async () => {
  const own = await makeCaller('openai');
  const [first, second] = [await makeAgent(own), await makeAgent(own, { name: 'Grace' })];
  await playScripts(
    upstreamUrl,
    own.upstreamKey,
    toolScript('create_task', { title: 'Look it up', agent: 'grace' }),
    sayScript(['It is looked up.']),
  );
  const id = await assignTask(own, first);
  await taskInStatus(id, ['completed']);
  const children = await operatorSql()`select id, agent_id from public.tasks where parent_id = ${id}`;
  expect(children.map(({ agent_id: whose }) => String(whose))).toEqual([second]);
  await taskInStatus(String(children[0]?.['id']), ['completed']);
  const offered = (await readAsked(own)).map(({ tools }) =>
    tools?.some(({ function: { name } }) => name === 'create_task'),
  );
  expect(offered.filter((isOffered) => isOffered)).toHaveLength(2);
  expect(offered).toHaveLength(3);
});

test('[EXE11] an agent reads the notes on its organization’s boards, those that changed last first, and none of another’s', async () => {
  const [own, other] = await Promise.all([makeCaller('openai'), makeCaller('openai')]);
  const note = async (from: Caller, tab: string, text: string) => {
    const { owner, organizationId } = from;
    const boards = await owner.db.from('boards').select('id').eq('organization_id', organizationId);
    const boardId = boards.data?.[0]?.id ?? (await createBoard(owner, organizationId, 'Strategy'));
    const added = await askBoards(owner, '/notes', { boardId, tab, text });
    expect(added.status).toBe(201);
  };
  await note(own, 'Rules', 'Be kind');
  await note(own, 'Goals', 'Ship it');
  await note(other, 'Goals', 'Their secret');
  await playScripts(upstreamUrl, own.upstreamKey, toolScript('read_notes', {}), sayScript(['Noted.']));
  const id = await assignTask(own, await makeAgent(own));
  await taskInStatus(id, ['completed']);
  const answer = (await readSteps(id)).find(({ tool }) => tool === 'read_notes')?.text ?? '';
  expect(JSON.parse(answer)).toMatchObject([
    { board: 'Strategy', tab: 'Goals', text: 'Ship it' },
    { board: 'Strategy', tab: 'Rules', text: 'Be kind' },
  ]);
  expect(JSON.parse(answer)).toHaveLength(2);
  await playScripts(upstreamUrl, own.upstreamKey, sayScript(['Done.']));
  const toolless = await makeAgent(own, { name: 'Plain' });
  await own.owner.db.from('agents').update({ uses_tools: false }).eq('id', toolless).throwOnError();
  await taskInStatus(await assignTask(own, toolless), ['completed']);
  const offered = (await readAsked(own)).map(
    ({ tools }) => tools?.map(({ function: { name } }) => name) ?? [],
  );
  expect(offered[0]).toContain('read_notes');
  expect(offered.at(-1)).toEqual([]);
});

test('[EXE7] a paused agent takes up nothing until it is resumed', async () => {
  const own = await makeCaller('openai');
  const agent = await makeAgent(own);
  await playScripts(upstreamUrl, own.upstreamKey, sayScript(['Done.']));
  await own.owner.db.from('agents').update({ is_active: false }).eq('id', agent).throwOnError();
  const id = await assignTask(own, agent);
  await wait(1_000);
  expect(await readTask(id)).toMatchObject({ status: 'pending', claims: 0 });
  await own.owner.db.from('agents').update({ is_active: true }).eq('id', agent).throwOnError();
  await taskInStatus(id, ['completed']);
});

test('[EXE8] only internal keys name their calls, and a call is admitted once under its name', async () => {
  const own = await makeCaller('openai');
  await playScripts(upstreamUrl, own.upstreamKey, sayScript(['Hello.']));
  const body = JSON.stringify({
    model: taskModel,
    stream: true,
    messages: [{ role: 'user', content: 'Hello' }],
  });
  const callId = randomUUID();
  const ordinary = await postToProxy(own.proxyKey, paths.openai, body, { headers: { 'x-khq-call': callId } });
  await ordinary.text();
  expect(ordinary.headers.get('x-request-id')).not.toBe(callId);
  const forged = `khq_internal-0123456789abcdef_${'0'.repeat(64)}`;
  const refused = await postToProxy(forged, paths.openai, body, { headers: { 'x-khq-call': callId } });
  expect([refused.status, refused.headers.get('x-khq-error-code')]).toEqual([401, 'invalid_proxy_key']);
  expect((await readLedger(own.organizationId)).map(({ id }) => id)).not.toContain(callId);
});

test('[EXE9] the job is for holders of its secret', async () => {
  const { url, jobsSecret } = readReady();
  const run = (secret: string) =>
    fetch(`${url}/functions/v1/agents/jobs/run-due-tasks`, {
      method: 'POST',
      headers: { 'x-jobs-secret': secret },
    });
  expect((await run('wrong')).status).toBe(401);
  expect(await (await run(jobsSecret)).json()).toMatchObject({
    success: true,
    data: { started: expect.any(Number) },
  });
});
