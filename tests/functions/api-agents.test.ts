import { expect, test } from 'vitest';
import { AssignedTask } from '../../supabase/functions/_shared/contracts/api.ts';
import { callApi } from '../support/call-api.ts';
import { makeCaller } from '../support/caller.ts';
import { taskInStatus } from '../support/ended-task.ts';
import { makeAgent } from '../support/make-agent.ts';
import { setPlan } from '../support/organization.ts';
import { sayScript } from '../support/task-answers.ts';
import { playScripts, readUpstreamUrl } from '../support/upstream-client.ts';

test('[API17] a task is assigned in the name of who asks, within the plan’s tasks of the month', async () => {
  const caller = await makeCaller('openai');
  const { owner, organizationId: teamId } = caller;
  const agentId = await makeAgent(caller);
  await playScripts(readUpstreamUrl(), caller.upstreamKey, sayScript(['Done.']));
  const assign = (changes: object = {}, token = owner.accessToken) =>
    callApi('/agents/assign', { token, body: { agentId, title: 'Write a haiku', ...changes } });
  const answer = await assign();
  expect(answer.status).toBe(201);
  const task = AssignedTask.parse(answer.data);
  expect(task).toMatchObject({ teamId, agentId, title: 'Write a haiku' });
  expect(await taskInStatus(task.id)).toMatchObject({ status: 'completed', result: 'Done.' });
  const { data } = await owner.db
    .from('tasks')
    .select('created_by')
    .eq('id', task.id)
    .single()
    .throwOnError();
  expect(data.created_by).toBe(owner.userId);

  const foreign = await makeCaller('openai');
  const theirs = await makeAgent(foreign);
  expect(await assign({ agentId: theirs })).toMatchObject({
    status: 404,
    error: { code: 'agent_not_found' },
  });
  expect(await assign({ teamId: foreign.organizationId })).toMatchObject({
    status: 404,
    error: { code: 'organization_not_found' },
  });
  expect(await assign({ title: '' })).toMatchObject({ status: 400, error: { code: 'invalid_request' } });
  expect(await assign({}, 'nobody')).toMatchObject({ status: 401 });
  await setPlan(teamId, 'pro', { tasks_month: '1' });
  expect(await assign()).toMatchObject({
    status: 402,
    error: { code: 'plan_limit_exceeded', resource: 'tasks_month', limit: 1, used: 1, plan: 'pro' },
  });
  await setPlan(teamId, 'free');
  expect(await assign()).toMatchObject({ status: 402, error: { resource: 'api_access' } });
});
