import { expect, test } from 'vitest';
import { operatorSql } from '../support/database.ts';
import { makeOrganization, type Organization } from '../support/organization.ts';
import type { Person } from '../support/person.ts';
import { inRolledBackTransaction, type Session } from './act-as.ts';
import { refusalOf } from './refusal.ts';

async function saveReport({ admin, organizationId }: Organization, query = 'select 1'): Promise<string> {
  const { data } = await admin.db
    .from('saved_reports')
    .insert({ organization_id: organizationId, name: 'Costs', query })
    .select('id')
    .single()
    .throwOnError();
  return data.id;
}

const mail = ({ db }: Person, reportId: string, every?: string) =>
  db.rpc('mail_report', { saved_report_id: reportId, ...(every !== undefined && { every }) });

const readMails = async (reportId: string) => [
  ...(await operatorSql()`
    select user_id, every, attempts, due_at, sent_at, last_error from public.report_mails
    where saved_report_id = ${reportId} order by created_at`),
];

const claim = (session: Session, at: Date, batch = 1000) => session`
  select saved_report_id, user_id, leased_until::text, recipient, query
  from public.claim_report_mails(${batch}, 120, ${at})`;

const inDays = (days: number): Date => new Date(Date.now() + days * 86_400_000);

test('[RML1] admins have a report mailed to themselves, members may not, and strangers find none', async () => {
  const organization = await makeOrganization();
  const { owner, admin, member, outsider } = organization;
  const reportId = await saveReport(organization);
  const { data: dueAt } = await mail(admin, reportId, 'week').throwOnError();
  expect(Date.parse(dueAt ?? '')).toBeGreaterThan(Date.now());
  expect(refusalOf(await mail(member, reportId, 'week'))).toMatchObject({ status: 403 });
  expect(refusalOf(await mail(outsider, reportId, 'week'))).toMatchObject({
    status: 404,
    code: 'saved_report_not_found',
  });
  expect(refusalOf(await mail(admin, reportId, 'hour'))).toMatchObject({ status: 400 });
  // Of others nobody sees what they have mailed, nor decides it.
  await mail(owner, reportId, 'day').throwOnError();
  const { data } = await admin.db.from('report_mails').select('user_id, every');
  expect(data).toEqual([{ user_id: admin.userId, every: 'week' }]);
  await mail(owner, reportId).throwOnError();
  expect((await readMails(reportId)).map(({ user_id }) => String(user_id))).toEqual([admin.userId]);
});

test.each([
  ['day', 'UTC', '2026-11-25T07:59:59Z', '2026-11-25T08:00:00Z'],
  ['day', 'UTC', '2026-11-25T08:00:00Z', '2026-11-26T08:00:00Z'],
  ['week', 'UTC', '2026-11-25T12:00:00Z', '2026-11-30T08:00:00Z'],
  ['week', 'Asia/Kolkata', '2026-11-30T02:29:59Z', '2026-11-30T02:30:00Z'],
  ['month', 'UTC', '2026-12-01T07:59:59Z', '2026-12-01T08:00:00Z'],
  ['month', 'UTC', '2026-12-31T23:00:00Z', '2027-01-01T08:00:00Z'],
  // The clock goes back that night.
  ['day', 'America/New_York', '2026-10-31T13:00:00Z', '2026-11-01T13:00:00Z'],
])('[RML2] every %s in %s, after %s, is %s', async (every, zone, at, next) => {
  const [row] = await operatorSql()`select private.next_report_mail(${every}, ${zone}, ${at}) as next`;
  expect(row?.['next']).toEqual(new Date(next));
});

test('[RML3] what is due is claimed once, by whoever comes first, and again when its lease is over', async () => {
  const organization = await makeOrganization();
  const reportId = await saveReport(organization, 'select 7');
  await mail(organization.admin, reportId, 'month').throwOnError();
  const counts = await inRolledBackTransaction(async (session) => {
    const mine = async (at: Date) =>
      (await claim(session, at)).filter(({ saved_report_id }) => saved_report_id === reportId);
    const early = (await mine(new Date())).length;
    const [claimed, ...others] = await mine(inDays(32));
    expect(claimed).toMatchObject({ recipient: organization.admin.email, query: 'select 7' });
    const again = (await mine(new Date(inDays(32).getTime() + 119_000))).length;
    return [early, others.length, again, (await mine(new Date(inDays(32).getTime() + 121_000))).length];
  });
  expect(counts).toEqual([0, 0, 0, 1]);
});

test('[RML4] one that arrived is due a period later; one that did not is tried again for hours, and then told', async () => {
  const organization = await makeOrganization();
  const reportId = await saveReport(organization);
  await mail(organization.admin, reportId, 'day').throwOnError();
  const at = inDays(2);
  const record = async (
    session: Session,
    leasedUntil: unknown,
    when: Date,
    error: string | null,
    isFinal = false,
  ) =>
    void (await session`select public.record_report_mail(${reportId}, ${organization.admin.userId},
      ${String(leasedUntil)}::timestamptz, ${error}, ${isFinal}, ${when})`);
  const read = async (session: Session) =>
    (
      await session`select extract(epoch from due_at) * 1000 as due_ms, attempts, sent_at, last_error, try_until
        from public.report_mails
        where saved_report_id = ${reportId}`
    )[0];
  await inRolledBackTransaction(async (session) => {
    const claimAt = async (when: Date) =>
      (await claim(session, when)).find(({ saved_report_id }) => saved_report_id === reportId)?.[
        'leased_until'
      ];
    const first = await claimAt(at);
    await record(session, first, at, 'Busy.');
    const retried = await read(session);
    expect(retried).toMatchObject({ attempts: 1, last_error: 'Busy.', sent_at: null });
    expect(Number(retried?.['due_ms'])).toBeLessThan(at.getTime() + 60_000);
    // Who lost its lease says nothing any more.
    await record(session, first, at, null);
    expect(await read(session)).toEqual(retried);
    const second = await claimAt(new Date(at.getTime() + 60_000));
    await record(session, second, at, null);
    const sent = await read(session);
    expect(sent).toMatchObject({ attempts: 0, last_error: null, sent_at: at, try_until: null });
    expect(Number(sent?.['due_ms'])).toBeGreaterThan(at.getTime());
    const later = inDays(4);
    await record(session, await claimAt(later), new Date(later.getTime() + 7 * 3_600_000), 'Busy.');
    const over = await read(session);
    expect(over).toMatchObject({ attempts: 0, last_error: 'Busy.', try_until: null });
    expect(Number(over?.['due_ms'])).toBeGreaterThan(later.getTime() + 7 * 3_600_000);
  });
});

test('[RML5] whoever is an admin no longer gets none, and whoever leaves wants none', async () => {
  const organization = await makeOrganization();
  const { organizationId, owner, admin } = organization;
  const reportId = await saveReport(organization);
  await mail(admin, reportId, 'day').throwOnError();
  await owner.db
    .rpc('change_member_role', { organization_id: organizationId, user_id: admin.userId, role: 'member' })
    .throwOnError();
  await inRolledBackTransaction(async (session) => {
    const claimed = await claim(session, inDays(2));
    expect(claimed.filter(({ saved_report_id }) => saved_report_id === reportId)).toEqual([]);
    expect((await session`select from public.report_mails where saved_report_id = ${reportId}`).count).toBe(
      0,
    );
  });
  await mail(owner, reportId, 'day').throwOnError();
  await owner.db
    .rpc('remove_member', { organization_id: organizationId, user_id: admin.userId })
    .throwOnError();
  expect((await readMails(reportId)).map(({ user_id }) => String(user_id))).toEqual([owner.userId]);
});

test('[RML6] one mail of an organization is under way at a time, and whoever waited longest comes first', async () => {
  const [busy, other] = [await makeOrganization(), await makeOrganization()];
  const busyIds = [await saveReport(busy), await saveReport(busy), await saveReport(busy)];
  const otherId = await saveReport(other);
  for (const id of busyIds) await mail(busy.admin, id, 'day').throwOnError();
  await mail(other.admin, otherId, 'day').throwOnError();
  const order = await inRolledBackTransaction(async (session) => {
    const ids = [...busyIds, otherId];
    // Before those of other tests.
    await session`
      update public.report_mails set due_at = '2000-01-01Z'::timestamptz + array_position(${ids}::uuid[], saved_report_id)
        * interval '1 hour' where saved_report_id = any(${ids}::uuid[])`;
    const at = new Date();
    const claimOne = async () => (await claim(session, at, 1))[0];
    const first = await claimOne();
    const second = await claimOne();
    const left = (await claim(session, at)).map(({ saved_report_id }) => String(saved_report_id));
    await session`select public.record_report_mail(${String(first?.['saved_report_id'])}, ${busy.admin.userId},
      ${String(first?.['leased_until'])}::timestamptz, at => ${at})`;
    const third = await claimOne();
    const claimed = [first, second, third].map((row) => String(row?.['saved_report_id']));
    return { claimed, overlapping: left.filter((id) => ids.includes(id)) };
  });
  expect(order).toEqual({ claimed: [busyIds[0], otherId, busyIds[1]], overlapping: [] });
});

test('[RML7] an organization that was served lets others go first, whatever it has waiting', async () => {
  const [served, other] = [await makeOrganization(), await makeOrganization()];
  const [servedId, otherId] = [await saveReport(served), await saveReport(other)];
  await mail(served.admin, servedId, 'day').throwOnError();
  await mail(other.admin, otherId, 'day').throwOnError();
  const first = await inRolledBackTransaction(async (session) => {
    await session`
      update public.report_mails set due_at = '2000-01-01Z', leased_until = now() - interval '1 minute'
      where saved_report_id = ${servedId}`;
    await session`update public.report_mails set due_at = '2000-01-02Z' where saved_report_id = ${otherId}`;
    return (await claim(session, new Date(), 1))[0]?.['saved_report_id'];
  });
  expect(first).toBe(otherId);
});

test('[RML8] in another time zone what is to come goes by that clock, and what is under way stays', async () => {
  const organization = await makeOrganization();
  const { owner, admin, organizationId } = organization;
  const [waitingId, leasedId] = [await saveReport(organization), await saveReport(organization)];
  for (const id of [waitingId, leasedId]) await mail(admin, id, 'day').throwOnError();
  await operatorSql()`
    update public.report_mails set due_at = now() + interval '2 minutes', leased_until = now() + interval '2 minutes',
      attempts = 1 where saved_report_id = ${leasedId}`;
  const leased = await readMails(leasedId);
  await owner.db
    .from('organizations')
    .update({ time_zone: 'Asia/Kolkata' })
    .eq('id', organizationId)
    .throwOnError();
  const [waiting] = await readMails(waitingId);
  const [next] = await operatorSql()`select private.next_report_mail('day', 'Asia/Kolkata', now()) as due_at`;
  expect(waiting?.['due_at']).toEqual(next?.['due_at']);
  expect(await readMails(leasedId)).toEqual(leased);
});
