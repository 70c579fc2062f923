import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { operatorSql } from '../support/database.ts';
import { addMember, makeOrganization, type Organization } from '../support/organization.ts';
import type { Person } from '../support/person.ts';
import { actAs, inRolledBackTransaction, type Session } from './act-as.ts';

let organization: Organization;
beforeAll(async () => {
  organization = await makeOrganization();
});

/** Tells this person of a task, and answers the notification's id. */
async function notify(
  { userId }: Person,
  kind = 'task_failed',
  sql: Session | ReturnType<typeof operatorSql> = operatorSql(),
): Promise<number> {
  const taskId = randomUUID();
  await sql`select private.notify(${organization.organizationId}, ${userId}, ${kind}, ${taskId}, '{"title": "A task"}')`;
  const [row] = await sql`select id from public.notifications where subject_id = ${taskId}`;
  return Number(row?.['id']);
}

async function readKinds(person: Person): Promise<string[]> {
  const { data } = await person.db.from('notifications').select('kind').order('id').throwOnError();
  return data.map(({ kind }) => kind);
}

async function readUnread(person: Person): Promise<number[]> {
  const { data } = await person.db.from('notifications').select('id').is('read_at', null).throwOnError();
  return data.map(({ id }) => id).toSorted((one, other) => one - other);
}

/** What was broadcast to a person, by the number of messages of each event. */
async function countSent({ userId }: Person): Promise<number> {
  const rows = await operatorSql()`
    select from realtime.messages where topic = ${`user:${userId}`} and event = 'notifications_moved'`;
  return rows.length;
}

test('[NOT1] a person reads what they were told, and nobody else does, in whatever role', async () => {
  const person = await addMember(organization.organizationId, organization.owner);
  const before = await countSent(person);
  await notify(person, 'approval_needed');
  expect(await readKinds(person)).toContain('approval_needed');
  expect(await countSent(person)).toBe(before + 1);
  for (const other of [organization.owner, organization.admin, organization.member, organization.outsider]) {
    expect(await readKinds(other)).not.toContain('approval_needed');
  }
});

test('[NOT2] who has left is told nothing any more, of before neither; nor is who never was a member', async () => {
  const { organizationId, owner, outsider } = organization;
  const person = await addMember(organizationId, owner);
  await notify(person);
  expect(await readKinds(person)).toContain('task_failed');
  await owner.db
    .rpc('remove_member', { organization_id: organizationId, user_id: person.userId })
    .throwOnError();
  expect(await readKinds(person)).not.toContain('task_failed');
  expect(await notify(person)).toBeNaN();
  expect(await notify(outsider)).toBeNaN();
});

test('[NOT3] reading marks one’s own alone, some or all of them, and is told to one’s other tabs', async () => {
  const person = await addMember(organization.organizationId, organization.owner);
  await person.db.rpc('mark_notifications_read').throwOnError();
  const ids = [await notify(person), await notify(person), await notify(person)];
  const [first = 0, ...others] = ids;
  const sent = await countSent(person);
  const stranger = await organization.owner.db.rpc('mark_notifications_read', { ids }).throwOnError();
  expect(stranger.data).toBe(0);
  const one = await person.db.rpc('mark_notifications_read', { ids: [first] }).throwOnError();
  expect([one.data, await readUnread(person)]).toEqual([1, others]);
  const again = await person.db.rpc('mark_notifications_read', { ids: [first] }).throwOnError();
  const all = await person.db.rpc('mark_notifications_read').throwOnError();
  expect([again.data, all.data, await readUnread(person)]).toEqual([0, 2, []]);
  expect(await countSent(person)).toBe(sent + 2);
});

test('[NOT4] a budget’s warning reaches owners and admins at once, and a graver one takes its place', async () => {
  const { organizationId, owner, admin, member } = await makeOrganization();
  const budgetId = randomUUID();
  const warn = (percent: number) => operatorSql()`
    insert into public.alerts (organization_id, kind, severity, subject_type, subject_id, occasion, facts)
    values (${organizationId}, 'budget_threshold', 'warning', 'budget', ${budgetId}, ${String(percent)},
      ${operatorSql().json({ percent })})`;
  await warn(50);
  await warn(80);
  const read = async (person: Person) => {
    const { data } = await person.db
      .from('notifications')
      .select('data, read_at')
      .eq('subject_id', budgetId)
      .order('id')
      .throwOnError();
    return data.map(({ data: facts, read_at: at }) => [
      z.object({ percent: z.number() }).parse(facts).percent,
      at !== null,
    ]);
  };
  const expected = [
    [50, true],
    [80, false],
  ];
  expect([await read(owner), await read(admin), await read(member)]).toEqual([expected, expected, []]);
});

test('[NOT5] who has an account and is invited sees it, without the secret; accepting or withdrawing ends it', async () => {
  const { organizationId, owner, outsider } = await makeOrganization();
  const invite = () =>
    owner.db
      .rpc('create_invitation', { organization_id: organizationId, email: outsider.email, role: 'member' })
      .single()
      .throwOnError();
  const read = async () =>
    (await outsider.db.from('notifications').select('data, read_at').eq('kind', 'invitation').throwOnError())
      .data;
  const first = await invite();
  const [told, ...others] = await read();
  expect(others).toEqual([]);
  expect(told).toMatchObject({
    read_at: null,
    data: { role: 'member', email: outsider.email, invited_by: owner.email },
  });
  expect(JSON.stringify(told)).not.toContain(first.data.token);
  await owner.db.from('invitations').delete().eq('id', first.data.id).throwOnError();
  expect(await read()).toEqual([]);
  await invite();
  const { data: second } = await invite();
  expect((await read()).length).toBe(1);
  await outsider.db.rpc('accept_invitation', { token: second.token }).throwOnError();
  expect(await read()).toEqual([]);
});

test('[NOT6] what was asked of several is over for all once one has done it', async () => {
  const { organizationId, owner, admin } = organization;
  await inRolledBackTransaction(async (session) => {
    for (const { userId } of [owner, admin])
      await session`select private.notify(${organizationId}, ${userId}, 'approval_needed', 'one task')`;
    await session`select private.notify(${organizationId}, ${owner.userId}, 'approval_needed', 'other task')`;
    await session`select private.close_notifications('approval_needed', 'one task')`;
    const open = await session`
      select subject_id from public.notifications
      where organization_id = ${organizationId} and subject_id like '% task' and read_at is null`;
    expect(open.map((row) => row['subject_id'])).toEqual(['other task']);
  });
});

const Claim = z.object({
  notification_id: z.coerce.number(),
  leased_until: z.string(),
  recipient: z.string(),
});

const later = (minutes: number): Date => new Date(Date.now() + minutes * 60_000);

async function claimMails(session: Session, { email }: Person, at: Date) {
  const rows = await session`
    select notification_id, leased_until::text, recipient from public.claim_notification_mails(1000, 120, ${at})`;
  return z
    .array(Claim)
    .parse([...rows])
    .filter(({ recipient }) => recipient === email);
}

test('[NOT7] a mail waits two minutes, and is sent only if it is wanted and nothing was read meanwhile', async () => {
  const { member } = organization;
  await inRolledBackTransaction(async (session) => {
    const read = await notify(member, 'task_failed', session);
    const kept = await notify(member, 'approval_needed', session);
    await notify(member, 'task_completed', session);
    expect(await claimMails(session, member, later(1))).toEqual([]);
    await session`update public.notifications set read_at = now() where id = ${read}`;
    const claimed = await claimMails(session, member, later(3));
    expect(claimed.map(({ notification_id: id }) => id)).toEqual([kept]);
    expect(await claimMails(session, member, later(4))).toEqual([]);
  });
});

test('[NOT8] people choose by kind what is mailed to them; of what agents complete it is nothing unless they want it', async () => {
  const person = await addMember(organization.organizationId, organization.owner);
  const mailed = (kind: string): Promise<boolean> =>
    inRolledBackTransaction(async (session) => {
      await notify(person, kind, session);
      return (await claimMails(session, person, later(3))).length > 0;
    });
  expect([await mailed('task_failed'), await mailed('task_completed')]).toEqual([true, false]);
  await person.db
    .from('profiles')
    .update({ preferences: { theme: 'dark' } })
    .eq('user_id', person.userId)
    .throwOnError();
  await person.db.rpc('set_mail_preference', { kind: 'task_failed', is_wanted: false }).throwOnError();
  await person.db.rpc('set_mail_preference', { kind: 'task_completed', is_wanted: true }).throwOnError();
  expect([await mailed('task_failed'), await mailed('task_completed')]).toEqual([false, true]);
  const { data } = await person.db
    .from('profiles')
    .select('preferences')
    .eq('user_id', person.userId)
    .single();
  expect(data?.preferences).toEqual({ theme: 'dark', mail: { task_failed: false, task_completed: true } });
  const wrong = await person.db.rpc('set_mail_preference', { kind: 'invitation', is_wanted: false });
  expect(wrong.error?.message).toBe('mail_preference_invalid');
});

test('[NOT9] preferences that a client spoilt still decide something', async () => {
  for (const preferences of [{}, { mail: 'no' }, { mail: { task_failed: 'no' } }, { mail: [] }]) {
    const [row] = await operatorSql()`
      select private.wants_mail(${operatorSql().json(preferences)}, 'task_failed') as failed,
        private.wants_mail(${operatorSql().json(preferences)}, 'task_completed') as completed`;
    expect(row).toEqual({ failed: true, completed: false });
  }
});

test('[NOT10] an admin who wants no mail of budgets gets none by the admins’ channel, and all other alerts', async () => {
  const { organizationId, owner, admin } = await makeOrganization();
  await owner.db.rpc('set_mail_preference', { kind: 'budget_warning', is_wanted: false }).throwOnError();
  await inRolledBackTransaction(async (session) => {
    for (const kind of ['budget_threshold', 'error_rate'])
      await session`
        insert into public.alerts (organization_id, kind, severity, subject_type, subject_id, occasion)
        values (${organizationId}, ${kind}, 'warning', 'budget', ${randomUUID()}, 'now')`;
    const rows = await session`
      select a.kind, array_agg(d.recipient order by d.recipient) as recipients from public.alert_deliveries d
      join public.alerts a on a.id = d.alert_id where d.organization_id = ${organizationId} group by 1 order by 1`;
    expect([...rows]).toEqual([
      { kind: 'budget_threshold', recipients: [admin.email] },
      { kind: 'error_rate', recipients: [admin.email, owner.email].toSorted() },
    ]);
  });
});

test('[NOT11] a mail that fails is tried again later and later, and given up after a day; a lost lease changes nothing', async () => {
  const { member } = organization;
  await inRolledBackTransaction(async (session) => {
    await notify(member, 'task_failed', session);
    const record = async (claimed: z.infer<typeof Claim> | undefined, isSent: boolean, at: Date) =>
      void (await session`
        select public.record_notification_mail(${claimed?.notification_id ?? 0},
          ${claimed?.leased_until ?? ''}::text::timestamptz, ${isSent}, ${at})`);
    const [first] = await claimMails(session, member, later(3));
    const [second] = await claimMails(session, member, later(6));
    await record(first, true, later(6));
    await record(second, false, later(6));
    expect(await claimMails(session, member, later(6.1))).toEqual([]);
    const [third] = await claimMails(session, member, later(7));
    expect(third?.notification_id).toBe(first?.notification_id);
    await record(third, false, later(26 * 60));
    expect(await claimMails(session, member, later(60 * 60))).toEqual([]);
  });
});

test('[NOT13] after 90 days what was told is forgotten', async () => {
  const { organizationId, member } = organization;
  await inRolledBackTransaction(async (session) => {
    const [old, kept] = [
      await notify(member, 'task_failed', session),
      await notify(member, 'task_failed', session),
    ];
    await session`update public.notifications set created_at = now() - interval '91 days' where id = ${old}`;
    const [job] = await session`select command from cron.job where jobname = 'forget-notifications'`;
    await session.unsafe(String(job?.['command']));
    const left = await session`
      select id from public.notifications where organization_id = ${organizationId} and id in ${session([old, kept])}`;
    expect(left.map((row) => Number(row['id']))).toEqual([kept]);
  });
});

test('[NOT12] nobody writes notifications, or their outbox, but the database itself', async () => {
  const { member } = organization;
  await inRolledBackTransaction(async (session) => {
    await actAs(session, member.userId);
    for (const statement of [
      `insert into public.notifications (user_id, organization_id, kind, subject_id)
        values ('${member.userId}', '${organization.organizationId}', 'task_failed', 'x')`,
      `select private.notify('${organization.organizationId}', '${member.userId}', 'task_failed', 'x')`,
      `select private.close_notifications('task_failed', 'x')`,
      'select public.claim_notification_mails(1, 1)',
    ]) {
      await session`savepoint attempt`;
      await expect(session.unsafe(statement)).rejects.toMatchObject({ code: '42501' });
      await session`rollback to savepoint attempt`;
    }
  });
});
