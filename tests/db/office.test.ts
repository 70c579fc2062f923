import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  OfficeEvent,
  OfficeState,
  OfficeStretch,
} from '../../supabase/functions/_shared/contracts/office.ts';
import { operatorSql } from '../support/database.ts';
import { makeOrganization, type Organization } from '../support/organization.ts';
import type { Person } from '../support/person.ts';
import { refusalOf } from './refusal.ts';

type Staffed = Organization & { agentId: string };

async function makeStaffed(): Promise<Staffed> {
  const organization = await makeOrganization();
  const { data, error } = await organization.admin.db.rpc('create_agent', {
    project_id: organization.projectId,
    name: 'Nora',
    model: 'gpt-5-mini',
    budget_usd: 5,
  });
  if (error) throw error;
  // Paused: nobody works on what the tests write down themselves.
  await organization.admin.db.from('agents').update({ is_active: false }).eq('id', data).throwOnError();
  return { ...organization, agentId: data };
}

async function readState({ organizationId }: Organization, person: Person) {
  const { data, error } = await person.db.rpc('office_state', { organization_id: organizationId });
  if (error) throw error;
  return OfficeState.parse(data);
}

async function readSince({ organizationId, member }: Organization, seq: number) {
  const { data, error } = await member.db.rpc('office_events_since', {
    organization_id: organizationId,
    seq,
  });
  if (error) throw error;
  return OfficeEvent.array().parse(data);
}

async function assign({ organizationId, agentId, member }: Staffed, options: Record<string, unknown> = {}) {
  const { data, error } = await member.db.rpc('assign_task', {
    organization_id: organizationId,
    title: 'Write it',
    agent_id: agentId,
    ...options,
  });
  if (error) throw error;
  return data;
}

/** What an executor would do to it, as of an instant. */
async function advance(taskId: string, status: string, costUsd = '0'): Promise<void> {
  await operatorSql()`
    update public.tasks set status = ${status}::public.task_status, cost_usd = ${costUsd}, result = 'Done',
      finished_at = case when ${status} in ('completed', 'failed', 'cancelled') then now() end
    where id = ${taskId}`;
}

describe('the office’s state', () => {
  let office: Staffed;
  beforeAll(async () => {
    office = await makeStaffed();
  });

  test('[OST1] tells who belongs here, in an order that all share, and what happened in the last minute', async () => {
    const { organizationId, owner, admin, member, agentId } = office;
    const taskId = await assign(office, { approver_id: admin.userId });
    const state = await readState(office, member);
    expect(state.people.map(({ user_id }) => user_id)).toEqual([owner.userId, admin.userId, member.userId]);
    expect(state.agents).toMatchObject([{ id: agentId, name: 'Nora', is_active: false }]);
    expect(state.events.at(-1)).toMatchObject({
      seq: state.seq,
      kind: 'task_created',
      task_id: taskId,
      details: { title: 'Write it', status: 'pending', approver_id: admin.userId, created_by: member.userId },
    });
    const [counter] = await operatorSql()`
      select seq from private.office_counters where organization_id = ${organizationId}`;
    expect(state.seq).toBe(Number(counter?.['seq']));
  });

  test('[OST2] tells of what is older only how each open task stands, failed ones among them', async () => {
    const [open, failed, done] = await Promise.all([assign(office), assign(office), assign(office)]);
    await advance(failed, 'failed');
    await advance(done, 'completed', '0.5');
    await operatorSql()`
      update public.office_events set at = at - interval '2 minutes' where organization_id = ${office.organizationId}`;
    await operatorSql()`alter table public.tasks disable trigger tasks_touch`;
    await operatorSql()`
      update public.tasks set updated_at = now() - interval '2 minutes' where id = any (${[open, failed, done]})`;
    await operatorSql()`alter table public.tasks enable trigger tasks_touch`;
    const { before, events } = await readState(office, office.member);
    const told = new Map(before.map((event) => [event.task_id, event.details.status]));
    expect(told.get(open)).toBe('pending');
    expect(told.get(failed)).toBe('failed');
    expect(told.has(done)).toBe(false);
    expect(events).toEqual([]);
  });

  test('[OST3] counts what tasks cost since midnight, and only that', async () => {
    const other = await makeStaffed();
    const taskId = await assign(other);
    await advance(taskId, 'in_progress', '0.25');
    await operatorSql()`
      update public.office_events set at = at - interval '2 days' where organization_id = ${other.organizationId}`;
    expect((await readState(other, other.member)).spent_today_usd).toBe('0');
    await advance(taskId, 'in_progress', '0.2500000001');
    expect((await readState(other, other.member)).spent_today_usd).toBe('0.0000000001');
  });

  test('[OST4] says until when work is leased', async () => {
    const taskId = await assign(office);
    await operatorSql()`
      update public.tasks set status = 'in_progress', lease_token = ${randomUUID()}, lease_until = '2100-01-01'
      where id = ${taskId}`;
    const { leases } = await readState(office, office.member);
    expect(Object.keys(leases)).toEqual([taskId]);
  });
});

/** Written down by nobody in particular, one after the other. */
async function addTasks(organizationId: string, agentId: string | null, count: number, status = 'failed') {
  await operatorSql()`
    insert into public.tasks (organization_id, agent_id, title, status, finished_at)
    select ${organizationId}, ${agentId}, 'Task ' || n, ${status}::public.task_status,
      case when ${status} = 'failed' then now() end
    from generate_series(1, ${count}::int) n`;
}

describe('what an office can show', () => {
  test('[OST5] of five hundred tasks it tells, the latest of each agent among them, and how many are left out', async () => {
    const office = await makeStaffed();
    const { organizationId, agentId, member } = office;
    const seldom = await assign(office);
    await advance(seldom, 'failed');
    await operatorSql()`
      update public.office_events set at = at - interval '2 minutes' where organization_id = ${organizationId}`;
    await addTasks(organizationId, null, 400);
    await addTasks(organizationId, null, 200, 'pending');
    const { before, events, left_out } = await readState(office, member);
    const told = [...before, ...events];
    expect(told.find((event) => event.task_id === seldom)).toMatchObject({
      agent_id: agentId,
      details: { status: 'failed' },
    });
    expect(before.length).toBeLessThanOrEqual(500);
    expect(left_out).toBe(101);
    await operatorSql()`
      update public.office_events set at = at - interval '2 minutes' where organization_id = ${organizationId}`;
    const later = await readState(office, member);
    expect([later.before.length, later.events.length, later.left_out]).toEqual([500, 0, 101]);
    expect(new Set(later.before.map(({ task_id }) => task_id)).size).toBe(500);
  });

  test('[OST6] of a hectic minute it tells the last thousand events, and before them how each task stood', async () => {
    const office = await makeStaffed();
    const { organizationId, member } = office;
    const taskId = await assign(office);
    await addTasks(organizationId, null, 1_010, 'pending');
    await advance(taskId, 'in_progress');
    const { before, events, seq } = await readState(office, member);
    expect(events.map((event) => event.seq)).toEqual(
      Array.from({ length: 1_000 }, (_, index) => seq - 999 + index),
    );
    expect(events.at(-1)?.task_id).toBe(taskId);
    expect(before.every((event) => event.seq <= seq - 1_000)).toBe(true);
  });
});

test('[OEV1] what was missed is pulled in order, without a hole, a thousand at a time', async () => {
  const office = await makeStaffed();
  const { seq } = await readState(office, office.member);
  const taskId = await assign(office);
  await advance(taskId, 'in_progress', '0.1');
  await advance(taskId, 'awaiting_approval', '0.1');
  const events = await readSince(office, seq);
  expect(events.map((event) => [event.seq - seq, event.kind])).toEqual([
    [1, 'task_created'],
    [2, 'task_started'],
    [3, 'task_awaits_approval'],
  ]);
  expect(events.at(-1)?.cost_usd).toBe('0.1000000000');
  expect(await readSince(office, seq + 3)).toEqual([]);
  await operatorSql()`
    insert into public.office_events (organization_id, seq, kind)
    select ${office.organizationId}, n, 'task_cost' from generate_series(${seq + 4}::bigint, ${seq + 1200}) n`;
  expect(await readSince(office, seq + 3)).toHaveLength(1000);
});

test('[OEV2] a day is read in pages, the first with what was before it', async () => {
  const office = await makeStaffed();
  const { organizationId, member } = office;
  const taskId = await assign(office);
  await operatorSql()`
    update public.office_events set at = '2026-03-01T12:00:00Z' where organization_id = ${organizationId}`;
  const { seq } = await readState(office, member);
  await operatorSql()`
    insert into public.office_events (organization_id, seq, kind, task_id, at)
    select ${organizationId}, ${seq}::bigint + n, 'step_done', ${taskId}, '2026-03-02T00:00:00Z'::timestamptz + n * interval '1 second'
    from generate_series(1, 2100) n`;
  const read = async (first_seq?: number) => {
    const span = { from_at: '2026-03-02T00:00:00Z', to_at: '2026-03-03T00:00:00Z' };
    const { data, error } = await member.db.rpc('office_events_between', {
      organization_id: organizationId,
      ...span,
      ...(first_seq !== undefined && { first_seq }),
    });
    if (error) throw error;
    return OfficeStretch.parse(data);
  };
  const first = await read();
  expect(first.before.map(({ task_id, details }) => [task_id, details.status])).toEqual([
    [taskId, 'pending'],
  ]);
  expect(first.events).toHaveLength(2000);
  expect(first.next_seq).toBe(seq + 2001);
  const second = await read(seq + 2001);
  expect(second.events.map((event) => event.seq - seq)).toEqual(
    Array.from({ length: 100 }, (_, index) => 2001 + index),
  );
  expect([second.before, second.next_seq]).toEqual([[], null]);
});

test('[OEV3] more than a day at once is refused', async () => {
  const { organizationId, member } = await makeOrganization();
  const between = async (from_at: string, to_at: string) =>
    refusalOf(
      await member.db.rpc('office_events_between', { organization_id: organizationId, from_at, to_at }),
    );
  expect(await between('2026-03-01T00:00:00Z', '2026-03-03T00:00:00Z')).toMatchObject({
    status: 400,
    code: 'span_invalid',
  });
  expect(await between('2026-03-02T00:00:00Z', '2026-03-01T00:00:00Z')).toMatchObject({
    status: 400,
    code: 'span_invalid',
  });
  expect(await between('2026-03-01T00:00:00Z', '2026-03-02T01:00:00Z')).toBeNull();
});

describe('last places', () => {
  test('[OSE1] people save their own, where they belong and where there is a floor, and it goes when they leave', async () => {
    const office = await makeStaffed();
    const { organizationId, owner, admin, member, outsider } = office;
    const save = async (person: Person, x: number, y: number) =>
      refusalOf(await person.db.rpc('save_office_place', { organization_id: organizationId, x, y }));
    expect(await save(member, 10, 20)).toBeNull();
    expect(await save(member, 300, 20)).toBeNull();
    expect(await save(member, 1001, 0)).toMatchObject({ status: 400, code: 'place_invalid' });
    expect(await save(outsider, 1, 1)).toMatchObject({ status: 404, code: 'organization_not_found' });
    expect((await readState(office, admin)).places).toEqual({ [member.userId]: { x: 300, y: 20 } });
    await owner.db
      .rpc('remove_member', { organization_id: organizationId, user_id: member.userId })
      .throwOnError();
    expect((await readState(office, admin)).places).toEqual({});
  });

  test('[OSE2] where an agent was put last counts, by whomever, and is told', async () => {
    const office = await makeStaffed();
    const { organizationId, admin, member, outsider, agentId } = office;
    const put = async (person: Person, x: number, y = 0) =>
      refusalOf(await person.db.rpc('place_agent', { agent_id: agentId, x, y }));
    expect(await put(admin, 100)).toBeNull();
    expect(await put(member, 300)).toBeNull();
    expect(await put(outsider, 500)).toMatchObject({ status: 404, code: 'agent_not_found' });
    expect(await put(admin, -1)).toMatchObject({ status: 400, code: 'place_invalid' });
    expect((await readState(office, member)).placements).toMatchObject([{ agent_id: agentId, x: 300, y: 0 }]);
    const sent = await operatorSql()`
      select payload ->> 'x' as x from realtime.messages
      where topic like ${`org:${organizationId}:office:%`} and event = 'agent_placed' order by inserted_at`;
    expect(sent.map(({ x }) => x)).toEqual(['100', '300']);
    await put(admin, 200);
    expect((await readState(office, member)).placements).toMatchObject([{ x: 200 }]);
  });
});

describe('approval by somebody', () => {
  test('[OAP1] whoever is named is told and approves, or an admin; other members are refused, strangers cannot be named', async () => {
    const office = await makeStaffed();
    const { owner, admin, member, outsider, organizationId } = office;
    const taskId = await assign(office, { approver_id: owner.userId });
    await advance(taskId, 'awaiting_approval');
    const told = await operatorSql()`
      select user_id from public.notifications where subject_id = ${taskId} and kind = 'approval_needed'`;
    expect(told.map(({ user_id }) => user_id)).toEqual([owner.userId]);
    const [task] = await operatorSql()`
      select result_hash, needs_approval from public.tasks where id = ${taskId}`;
    expect(task?.['needs_approval']).toBe(true);
    const approve = (person: Person) =>
      person.db.rpc('approve_task', { id: taskId, result_hash: String(task?.['result_hash']) });
    expect(refusalOf(await approve(member))).toMatchObject({ status: 403, code: 'role_required' });
    expect(refusalOf(await approve(admin))).toBeNull();
    const named = await member.db.rpc('assign_task', {
      organization_id: organizationId,
      title: 'Write it',
      approver_id: outsider.userId,
    });
    expect(refusalOf(named)).toMatchObject({ status: 404, code: 'member_not_found' });
  });

  test('[OAP2] a task that failed can be laid aside, and taken up again', async () => {
    const office = await makeStaffed();
    const taskId = await assign(office);
    await advance(taskId, 'failed');
    expect((await office.member.db.rpc('stop_task', { id: taskId })).error).toBeNull();
    expect((await readState(office, office.member)).events.at(-1)?.details.status).toBe('cancelled');
    expect((await office.member.db.rpc('restart_task', { id: taskId })).error).toBeNull();
  });
});
