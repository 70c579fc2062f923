import { expect, test } from 'vitest';
import { z } from 'zod';
import { operatorSql } from '../support/database.ts';
import { makeOrganization } from '../support/organization.ts';

const Event = z.object({
  seq: z.coerce.number(),
  kind: z.string(),
  task_id: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
});

async function readEvents(organizationId: string): Promise<z.infer<typeof Event>[]> {
  const rows = await operatorSql()`
    select seq, kind, task_id, details from public.office_events where organization_id = ${organizationId} order by seq`;
  return z.array(Event).parse([...rows]);
}

test('[OFF1] what happens to agents and tasks is told in order, and sent on the organization’s topic', async () => {
  const { organizationId, projectId, admin, member } = await makeOrganization();
  const made = { project_id: projectId, name: 'Ada', model: 'gpt-4o', budget_usd: 1 };
  const { data: agentId } = await admin.db.rpc('create_agent', made).throwOnError();
  await admin.db.from('agents').update({ is_active: false }).eq('id', agentId).throwOnError();
  const { data: id } = await member.db
    .rpc('assign_task', { organization_id: organizationId, title: 'One' })
    .throwOnError();
  await member.db.rpc('reassign_task', { id, agent_id: agentId }).throwOnError();
  await member.db.rpc('stop_task', { id }).throwOnError();
  await member.db.rpc('restart_task', { id }).throwOnError();
  const events = await readEvents(organizationId);
  expect(events.map(({ seq, kind }) => `${seq} ${kind}`)).toEqual([
    '1 agent_created',
    '2 agent_changed',
    '3 task_created',
    '4 task_assigned',
    '5 task_stopped',
    '6 task_restarted',
  ]);
  expect(events[4]?.details).toMatchObject({ title: 'One', status: 'cancelled', created_by: member.userId });
  const sent = await operatorSql()`
    select payload ->> 'seq' as seq, payload ->> 'kind' as kind from realtime.messages
    where topic like ${`org:${organizationId}:office:%`} and event = 'event' order by (payload ->> 'seq')::int`;
  expect(sent.map(({ seq, kind }) => `${seq} ${kind}`)).toEqual(
    events.map(({ seq, kind }) => `${seq} ${kind}`),
  );
});

test('[OFF2] however many write at once, the numbers have no gap and follow the order of commits', async () => {
  const { organizationId, member } = await makeOrganization();
  const assign = async (n: number) =>
    member.db.rpc('assign_task', { organization_id: organizationId, title: `Task ${n}` }).throwOnError();
  let highest = 0;
  let isWriting = true;
  const watch = async (): Promise<void> => {
    while (isWriting) {
      const numbers = (await readEvents(organizationId)).map(({ seq }) => seq);
      // Whoever has seen a number has seen all before it.
      expect(numbers).toEqual(numbers.map((_, index) => index + 1));
      highest = Math.max(highest, numbers.length);
    }
  };
  const watching = watch();
  await Promise.all(Array.from({ length: 30 }, (_, n) => assign(n)));
  isWriting = false;
  await watching;
  expect((await readEvents(organizationId)).map(({ seq }) => seq)).toEqual(
    Array.from({ length: 30 }, (_, n) => n + 1),
  );
});

test('[OFF3] nobody changes the log, and it is kept for ninety days', async () => {
  const { organizationId, owner, outsider, member } = await makeOrganization();
  await member.db.rpc('assign_task', { organization_id: organizationId, title: 'One' }).throwOnError();
  const read = async (db: typeof owner.db) =>
    (await db.from('office_events').select('kind').eq('organization_id', organizationId)).data;
  expect(await read(owner.db)).toEqual([{ kind: 'task_created' }]);
  expect(await read(outsider.db)).toEqual([]);
  const changed = await owner.db.from('office_events').delete().eq('organization_id', organizationId);
  expect(changed.error?.code).toBe('42501');
  const sql = operatorSql();
  await sql`update public.office_events set at = now() - interval '91 days' where organization_id = ${organizationId}`;
  await sql`select private.forget_office_events(now())`;
  expect(await readEvents(organizationId)).toEqual([]);
});
