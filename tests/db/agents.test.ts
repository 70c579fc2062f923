import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { makeOrganization, makeProject, setPlan, type Organization } from '../support/organization.ts';
import { operatorSql } from '../support/database.ts';
import { readTask } from '../support/ended-task.ts';
import { refusalOf } from './refusal.ts';

let organization: Organization;
beforeAll(async () => {
  organization = await makeOrganization();
});

/** Paused, so that the stack's own executor leaves its tasks alone. */
async function makePausedAgent(
  { admin, projectId }: Organization,
  name = `Ada ${randomUUID()}`,
): Promise<string> {
  const { data, error } = await admin.db.rpc('create_agent', {
    project_id: projectId,
    name,
    model: 'gpt-4o',
    budget_usd: 3,
  });
  if (error) throw error;
  await admin.db.from('agents').update({ is_active: false }).eq('id', data).throwOnError();
  return data;
}

async function assign(
  { member, organizationId }: Organization,
  agentId: string | null = null,
  title = 'Task',
) {
  return member.db.rpc('assign_task', {
    organization_id: organizationId,
    title,
    ...(agentId !== null && { agent_id: agentId }),
  });
}

async function makeTask(from: Organization, values: Record<string, string | null> = {}): Promise<string> {
  const { data, error } = await assign(from, await makePausedAgent(from));
  if (error) throw error;
  const sql = operatorSql();
  if (Object.keys(values).length > 0) await sql`update public.tasks set ${sql(values)} where id = ${data}`;
  return data;
}

test('[AGT1] an admin makes an agent with a hard budget of its own; a member does not', async () => {
  const { admin, member, outsider, projectId, organizationId } = organization;
  const asked = { project_id: projectId, name: 'Grace', model: 'smart', budget_usd: 7.5, role: 'Researcher' };
  expect(refusalOf(await member.db.rpc('create_agent', asked))).toMatchObject({
    status: 403,
    code: 'role_required',
  });
  expect(refusalOf(await outsider.db.rpc('create_agent', asked))).toMatchObject({ status: 404 });
  const { data: id } = await admin.db.rpc('create_agent', asked).throwOnError();
  const [budget] = await operatorSql()`
    select scope, period, mode, limit_usd::text as limit from public.budgets
    where organization_id = ${organizationId} and scope_id = ${id}`;
  expect(budget).toEqual({ scope: 'agent', period: 'month', mode: 'hard', limit: '7.5000000000' });
  const again = await admin.db.rpc('create_agent', { ...asked, name: 'grace' });
  expect(again.error?.code).toBe('23505');
});

test('[AGT2] an agent spends of a project of its own organization only', async () => {
  const agentId = await makePausedAgent(organization);
  const foreign = await makeOrganization();
  const moved = await organization.admin.db
    .from('agents')
    .update({ project_id: foreign.projectId })
    .eq('id', agentId);
  expect(moved.error?.code).toBe('42501');
  const own = await makeProject(organization.organizationId, organization.owner, `Other ${randomUUID()}`);
  await organization.admin.db.from('agents').update({ project_id: own }).eq('id', agentId).throwOnError();
});

test('[TSK1] members assign tasks; the agent must be the organization’s', async () => {
  const foreign = await makeOrganization();
  const theirs = await makePausedAgent(foreign);
  expect(refusalOf(await assign(organization, theirs))).toMatchObject({
    status: 404,
    code: 'agent_not_found',
  });
  expect(refusalOf(await assign(organization, null, '  '))).toMatchObject({
    status: 400,
    code: 'title_invalid',
  });
  expect(await readTask(await makeTask(organization))).toMatchObject({ status: 'pending', claims: 0 });
});

test('[TSK2] the plan’s tasks of a month are exact, however many are assigned at once', async () => {
  const small = await makeOrganization();
  await setPlan(small.organizationId, 'free', { members: '10' });
  const answers = await Promise.all(Array.from({ length: 14 }, () => assign(small)));
  const refused = answers.flatMap((answer) => refusalOf(answer) ?? []);
  expect(refused).toHaveLength(4);
  expect(refused[0]).toEqual({
    status: 402,
    code: 'plan_limit_exceeded',
    details: { resource: 'tasks_month', limit: 10, used: 10, plan: 'free' },
  });
});

test('[TSK3] what is approved is exactly the result that was looked at', async () => {
  const { member } = organization;
  const id = await makeTask(organization, { status: 'awaiting_approval', result: '# One' });
  const { data: seen } = await member.db
    .from('tasks')
    .select('result_hash')
    .eq('id', id)
    .single()
    .throwOnError();
  await operatorSql()`update public.tasks set result = '# Another' where id = ${id}`;
  const approve = (hash: string | null) => member.db.rpc('approve_task', { id, result_hash: hash ?? '' });
  expect(refusalOf(await approve(seen.result_hash))).toMatchObject({ status: 409, code: 'result_changed' });
  const { data: now } = await member.db
    .from('tasks')
    .select('result_hash')
    .eq('id', id)
    .single()
    .throwOnError();
  await approve(now.result_hash).throwOnError();
  expect(await readTask(id)).toMatchObject({ status: 'completed', result: '# Another' });
  expect(refusalOf(await approve(now.result_hash))).toMatchObject({ status: 409, code: 'task_status' });
});

test('[TSK4] a result is sent back with a comment, which the agent goes on with', async () => {
  const id = await makeTask(organization, { status: 'awaiting_approval', result: '# One' });
  const { member } = organization;
  expect(refusalOf(await member.db.rpc('return_task', { id, comment: ' ' }))).toMatchObject({
    code: 'comment_invalid',
  });
  await member.db.rpc('return_task', { id, comment: 'Shorter, please' }).throwOnError();
  expect(await readTask(id)).toMatchObject({ status: 'pending', result: null });
  const { data } = await member.db
    .from('task_steps')
    .select('number, kind, text, created_by')
    .eq('task_id', id);
  expect(data).toEqual([{ number: 1, kind: 'comment', text: 'Shorter, please', created_by: member.userId }]);
});

test('[TSK5] a task that failed waits for a person, who restarts it; one that is done is not restarted', async () => {
  const ended = new Date().toISOString();
  const { member } = organization;
  const failed = await makeTask(organization, {
    status: 'failed',
    finished_at: ended,
    failure_code: 'budget_exceeded',
  });
  expect(await readTask(failed)).toMatchObject({ is_blocked: true });
  await member.db.rpc('restart_task', { id: failed }).throwOnError();
  expect(await readTask(failed)).toMatchObject({ status: 'pending', failure_code: null, is_blocked: false });
  const done = await makeTask(organization, { status: 'completed', finished_at: ended });
  expect(refusalOf(await member.db.rpc('restart_task', { id: done }))).toMatchObject({ code: 'task_status' });
  expect(refusalOf(await member.db.rpc('stop_task', { id: done }))).toMatchObject({ code: 'task_status' });
});

const Claimed = z.object({ task: z.object({ id: z.uuid(), organization_id: z.uuid() }) });

/** As an executor would, past the pause of its agent. */
async function hold(taskId: string, leaseSeconds = 30): Promise<string> {
  const token = randomUUID();
  await operatorSql()`
    update public.tasks set status = 'in_progress', lease_token = ${token}, claims = claims + 1,
      lease_until = clock_timestamp() + make_interval(secs => ${leaseSeconds}),
      due_at = clock_timestamp() + make_interval(secs => ${leaseSeconds}), run_started_at = coalesce(run_started_at, now())
    where id = ${taskId}`;
  await operatorSql()`
    update public.agents set is_active = true where id = (select agent_id from public.tasks where id = ${taskId})`;
  return token;
}

test('[TSK14] restarting a task and sending it back count as the month’s tasks, exactly', async () => {
  const own = await makeOrganization();
  const { member, organizationId } = own;
  await setPlan(organizationId, 'enterprise', { tasks_month: '6' });
  const sql = operatorSql();
  const fail = (id: string) => sql`
    update public.tasks set status = 'failed', finished_at = now() where id = ${id}`;
  const [failed, stopped, waiting] = [await makeTask(own), await makeTask(own), await makeTask(own)];
  const restart = async (id: string) => refusalOf(await member.db.rpc('restart_task', { id }));
  const refusal = {
    status: 402,
    code: 'plan_limit_exceeded',
    details: { resource: 'tasks_month', limit: 6, used: 6, plan: 'enterprise' },
  };
  await Promise.all([fail(failed), fail(stopped)]);
  await sql`update public.tasks set status = 'awaiting_approval', result = 'x' where id = ${waiting}`;
  await member.db.rpc('return_task', { id: waiting, comment: 'Again' }).throwOnError();
  expect(await restart(failed)).toBeNull();
  await fail(failed);
  const both = await Promise.all([restart(failed), restart(stopped)]);
  expect(both.filter((each) => each === null)).toHaveLength(1);
  expect(both.find((each) => each !== null)).toEqual(refusal);
  expect(refusalOf(await assign(own))).toEqual(refusal);
  await sql`update public.tasks set status = 'awaiting_approval' where id = ${waiting}`;
  expect(refusalOf(await member.db.rpc('return_task', { id: waiting, comment: 'Again' }))).toEqual(refusal);
  // Those of last month do not count.
  await sql`
    update public.office_events set at = at - interval '40 days'
    where organization_id = ${organizationId} and kind in ('task_restarted', 'task_returned')`;
  expect(refusalOf(await assign(own))).toBeNull();
});

test('[TSK6] whoever does not hold the lease may write nothing, and a lease ends', async () => {
  const id = await makeTask(organization);
  const former = await hold(id);
  const latter = await hold(id);
  const sql = operatorSql();
  const begin = (token: string) => sql`select public.begin_step(${id}, ${token}, 'model', ${randomUUID()})`;
  await expect(begin(former)).rejects.toThrow('lease_lost');
  await expect(sql`select public.hand_in_task(${id}, ${former}, 'x')`).rejects.toThrow('lease_lost');
  await begin(latter);
  await sql`update public.tasks set lease_until = clock_timestamp() where id = ${id}`;
  await expect(begin(latter)).rejects.toThrow('lease_lost');
  await expect(sql`select public.renew_task(${id}, ${latter}, 30)`).rejects.toThrow('lease_lost');
});

/** Whose tasks are given out, in that order, until none is due; in a transaction that is taken back. */
async function claimAll(tasks: readonly string[]): Promise<Claim[]> {
  return operatorSql()
    .begin(async (session) => {
      await session`
        update public.agents set is_active = true
        where id in (select agent_id from public.tasks where id in ${session(tasks)})`;
      const got: Claim[] = [];
      for (;;) {
        const [row] = await session`select public.claim_task(30) as claimed`;
        const { data } = Claimed.safeParse(row?.['claimed']);
        if (data === undefined) break;
        got.push({ id: data.task.id, organizationId: data.task.organization_id });
      }
      // The stack's own executor sees nothing of it.
      throw new Undone(got.filter(({ id }) => tasks.includes(id)));
    })
    .catch((thrown: unknown) => {
      if (thrown instanceof Undone) return thrown.got;
      throw thrown;
    });
}

async function makeTasks(from: Organization, count: number): Promise<string[]> {
  const agentId = await makePausedAgent(from);
  const answers = await Promise.all(Array.from({ length: count }, () => assign(from, agentId)));
  return answers.map(({ data }) => data ?? '');
}

test('[TSK7] of many who claim each gets another task, and nobody one that is held', async () => {
  const own = await makeOrganization();
  const tasks = await makeTasks(own, 5);
  const held = await makeTask(own);
  await hold(held, 600);
  const claimed = await claimAll([...tasks, held]);
  expect(claimed.map(({ id }) => id).toSorted()).toEqual(tasks.toSorted());
});

test('[TSK12] organizations take turns, whoever has how much to do, and each has so much at once as its plan allows', async () => {
  const [busy, small, free] = await Promise.all([makeOrganization(), makeOrganization(), makeOrganization()]);
  const tasks = [await makeTasks(busy, 20), await makeTasks(small, 3), await makeTasks(free, 4)].flat();
  await setPlan(free.organizationId, 'free');
  await operatorSql()`
    update public.tasks set due_at = '2000-01-01' where organization_id = ${busy.organizationId}`;
  const names = new Map([
    [busy.organizationId, 'busy'],
    [small.organizationId, 'small'],
    [free.organizationId, 'free'],
  ]);
  const order = (await claimAll(tasks)).map(({ organizationId }) => names.get(organizationId) ?? '');
  const round = ['busy', 'free', 'small'];
  expect([order.slice(0, 3).toSorted(), order.slice(3, 6).toSorted()]).toEqual([round, round]);
  expect(order.slice(6)).toEqual(expect.arrayContaining(['small', 'busy']));
  const counts = Object.groupBy(order, (name) => name);
  expect([counts['busy']?.length, counts['small']?.length, counts['free']?.length]).toEqual([6, 3, 2]);
});

test('[TSK13] whoever was served least lately comes first, also where one is done before the next begins', async () => {
  const [busy, other] = await Promise.all([makeOrganization(), makeOrganization()]);
  const [tasks, [last = '']] = [await makeTasks(busy, 3), await makeTasks(other, 1)];
  const sql = operatorSql();
  await sql`update public.tasks set due_at = '2000-01-01' where organization_id = ${busy.organizationId}`;
  await sql`
    update public.tasks set claimed_at = now(), status = 'completed', finished_at = now() where id = ${tasks[0] ?? ''}`;
  const [first] = await claimAll([...tasks, last]);
  expect(first).toEqual({ id: last, organizationId: other.organizationId });
});

type Claim = { id: string; organizationId: string };

class Undone extends Error {
  readonly got: Claim[];
  constructor(got: Claim[]) {
    super('Undone');
    this.got = got;
  }
}

test('[TSK8] an agent’s limits of a task end it: steps, money, time, and the same again and again', async () => {
  const sql = operatorSql();
  const limitOf = async (change: (id: string) => PromiseLike<unknown>): Promise<unknown> => {
    const id = await makeTask(organization);
    const token = await hold(id);
    await change(id);
    const [row] = await sql`
      select public.begin_step(${id}, ${token}, 'tool', null, 'read_tasks', '{"arguments": {}}') ->> 'limit' as "limit"`;
    return row?.['limit'];
  };
  const step = (id: string, count: number) => sql`
    insert into public.task_steps (organization_id, task_id, number, kind, status, tool, input, finished_at)
    select organization_id, id, n, 'tool', 'done', 'read_tasks', '{"arguments": {}}', now()
    from public.tasks, generate_series(1, ${count}::int) n where id = ${id}`;
  expect(await limitOf((id) => step(id, 25))).toBe('step_limit');
  expect(await limitOf((id) => step(id, 3))).toBe('repeats_itself');
  expect(await limitOf((id) => sql`update public.tasks set cost_usd = 1 where id = ${id}`)).toBe(
    'task_spend_limit',
  );
  const anHourAgo = (id: string) =>
    sql`update public.tasks set run_started_at = now() - interval '1 hour' where id = ${id}`;
  expect(await limitOf(anHourAgo)).toBe('time_limit');
  const withoutBudget = (id: string) =>
    sql`delete from public.budgets where scope_key = 'agent:' || (select agent_id from public.tasks where id = ${id})`;
  expect(await limitOf(withoutBudget)).toBe('agent_budget_missing');
  expect(await limitOf((id) => step(id, 2))).toBeNull();
});

test('[TSK9] a try that fails is tried again later, five times; then a person decides', async () => {
  const id = await makeTask(organization);
  const sql = operatorSql();
  const waits: number[] = [];
  for (let attempt = 1; attempt <= 5; attempt++) {
    const token = await hold(id);
    const [row] = await sql`
      select public.give_up_task(${id}, ${token}, 'upstream_timeout', 'Nothing came.') as status`;
    expect(row?.['status']).toBe(attempt < 5 ? 'pending' : 'failed');
    const [due] = await sql`
      select extract(epoch from due_at - clock_timestamp())::float8 as wait from public.tasks where id = ${id}`;
    waits.push(Number(due?.['wait']));
  }
  expect(waits.slice(0, 4).map((wait, n) => wait > 3 * 2 ** n && wait < 7 * 2 ** n)).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(await readTask(id)).toMatchObject({
    status: 'failed',
    failure_code: 'upstream_timeout',
    is_blocked: false,
  });
});

test('[TSK10] who is to hear of it is told: of an end, of an approval that is needed', async () => {
  const { member } = organization;
  const kindsOf = async (id: string): Promise<string[]> => {
    const rows = await operatorSql()`
      select kind, user_id from public.notifications where subject_id = ${id} order by id`;
    return rows.map(
      ({ kind, user_id: userId }) => `${kind} ${userId === member.userId ? 'member' : 'other'}`,
    );
  };
  const failing = await makeTask(organization);
  const [{ status } = {}] = await operatorSql()`
    select public.give_up_task(${failing}, ${await hold(failing)}, 'frozen', 'Frozen.', true) as status`;
  expect(status).toBe('failed');
  expect(await kindsOf(failing)).toEqual(['task_failed member']);
  const waiting = await makeTask(organization);
  await operatorSql()`select public.hand_in_task(${waiting}, ${await hold(waiting)}, '# Done', true)`;
  expect(await kindsOf(waiting)).toEqual(['approval_needed member']);
});

test('[TSK11] another master key makes another internal key, and nobody can administer it by hand', async () => {
  const { admin, projectId } = organization;
  const sql = operatorSql();
  const register = (id: string) =>
    sql`select public.register_internal_key(${projectId}, ${id}, ${randomUUID().replaceAll('-', '').repeat(2)})`;
  await register(`internal-${randomUUID()}`);
  const latest = `internal-${randomUUID()}`;
  await register(latest);
  const [key] =
    await sql`select id, public_id from public.proxy_keys where project_id = ${projectId} and is_internal`;
  expect(key?.['public_id']).toBe(latest);
  const hashes = await sql`
    select public_id, valid_until is null as lasts from private.proxy_key_hashes where proxy_key_id = ${String(key?.['id'])}`;
  expect(hashes.filter(({ lasts }) => lasts).map(({ public_id: id }) => String(id))).toEqual([latest]);
  expect(refusalOf(await admin.db.rpc('revoke_proxy_key', { id: String(key?.['id']) }))).toMatchObject({
    status: 409,
    code: 'proxy_key_is_internal',
  });
});
