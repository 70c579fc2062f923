import type { Sql } from 'postgres';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { addBudget } from '../support/add-budget.ts';
import { addPastCall } from '../support/add-past-call.ts';
import { operatorSql } from '../support/database.ts';
import { makeOrganization, makeProject, setPlan, type Organization } from '../support/organization.ts';
import { inRolledBackTransaction, type Session } from './act-as.ts';

const Report = z.object({ id: z.coerce.number(), occasion: z.string(), facts: z.looseObject({}) });

/** A Monday three weeks ago: the week that a report is of. */
const week = new Date(Date.now() - 21 * 86_400_000);
week.setUTCDate(week.getUTCDate() - ((week.getUTCDay() + 6) % 7));
const monday = week.toISOString().slice(0, 10);
const dayOfWeek = (days: number, time = '12:00:00'): Date =>
  new Date(Date.parse(`${monday}T${time}Z`) + days * 86_400_000);

async function write(organizationId: string, session: Sql | Session = operatorSql()): Promise<boolean> {
  const [row] = await session`
    select private.write_weekly_report(o, ${monday}::date) as written from public.organizations o
    where o.id = ${organizationId}`;
  return row?.['written'] === true;
}

async function readReports(organizationId: string, session: Sql | Session = operatorSql()) {
  const rows = await session`select id, occasion, facts from public.alerts
    where organization_id = ${organizationId} and kind = 'weekly_report' order by occasion`;
  return z.array(Report).parse([...rows]);
}

const recipientsOf = async (organizationId: string): Promise<string[]> => {
  const rows = await operatorSql()`
    select d.recipient from public.alert_deliveries d join public.alerts a on a.id = d.alert_id
    where d.organization_id = ${organizationId} and a.kind = 'weekly_report' and d.channel_id is null order by 1`;
  return rows.map(({ recipient }) => String(recipient));
};

describe('a weekly report', () => {
  test('[WRP1] says what the ledger says of the week, beside the week before, and which budgets fill up', async () => {
    const organization = await makeOrganization();
    const { organizationId, owner } = organization;
    const other = await makeProject(organizationId, owner, 'Other');
    await addPastCall(organization, { at: dayOfWeek(-1, '23:59:00'), costUsd: '2.5' });
    await addPastCall(organization, { at: dayOfWeek(0, '00:00:00'), costUsd: '1.25' });
    await addPastCall(organization, {
      at: dayOfWeek(6, '23:59:00'),
      costUsd: '3.0000000001',
      projectId: other,
    });
    await addPastCall(organization, { at: dayOfWeek(7, '00:00:00'), costUsd: '100' });
    await addPastCall(organization, { at: new Date(), costUsd: '9' });
    await addBudget(organization, { limit_usd: 10, period: 'day' });
    await addBudget(organization, { limit_usd: 1_000_000, period: 'total' });
    await operatorSql()`insert into public.cache_savings values (${organizationId}, ${dayOfWeek(2)}, 7, 0.75),
      (${organizationId}, ${dayOfWeek(8)}, 1, 5)`;
    expect(await write(organizationId)).toBe(true);
    const [report] = await readReports(organizationId);
    expect(report?.facts).toEqual({
      first_day: monday,
      last_day: dayOfWeek(6).toISOString().slice(0, 10),
      cost_usd: '4.2500000001',
      calls: 2,
      errors: 0,
      before_usd: '2.5000000000',
      cached_calls: 7,
      saved_usd: '0.7500000000',
      models: [{ name: 'gpt-5-mini', cost_usd: '4.2500000001', calls: 2 }],
      projects: [
        { name: 'Other', cost_usd: '3.0000000001', calls: 1 },
        { name: 'Project', cost_usd: '1.2500000000', calls: 1 },
      ],
      proxy_keys: [{ name: null, cost_usd: '4.2500000001', calls: 2 }],
      budgets: [
        {
          scope: 'organization',
          name: null,
          period: 'day',
          spent_usd: '9.0000000000',
          limit_usd: '10.0000000000',
          percent: 90,
        },
      ],
    });
  });

  test('[WRP2] is written once, however many ask for it at once', async () => {
    const organization = await makeOrganization();
    const { organizationId } = organization;
    await addPastCall(organization, { at: dayOfWeek(1), costUsd: '1' });
    const written = await Promise.all([1, 2, 3].map(() => write(organizationId)));
    expect(written.filter(Boolean)).toHaveLength(1);
    expect(await write(organizationId)).toBe(false);
    expect(await readReports(organizationId)).toHaveLength(1);
  });

  test('[WRP3] of two weeks without a call is not written, and of one after a week with calls is', async () => {
    const quiet = await makeOrganization();
    expect(await write(quiet.organizationId)).toBe(false);
    const stopped = await makeOrganization();
    await addPastCall(stopped, { at: dayOfWeek(-3), costUsd: '1' });
    expect(await write(stopped.organizationId)).toBe(true);
    expect((await readReports(stopped.organizationId))[0]?.facts).toMatchObject({
      calls: 0,
      before_usd: '1.0000000000',
    });
  });

  test('[WRP4] says nothing of a week that the plan does not show, and names the plan when its budget fills up', async () => {
    const organization = await makeOrganization();
    const { organizationId } = organization;
    await addPastCall(organization, { at: dayOfWeek(-3), costUsd: '1' });
    await addPastCall(organization, { at: dayOfWeek(1), costUsd: '1' });
    await setPlan(organizationId, 'free', { ai_budget_usd_month: '10' });
    await operatorSql()`
      update private.spend_counters set spent_usd = 8 where organization_id = ${organizationId}`;
    await write(organizationId);
    expect((await readReports(organizationId))[0]?.facts).toMatchObject({
      before_usd: null,
      budgets: [{ scope: 'plan', name: null, period: 'month', percent: 80 }],
    });
  });

  test('[WRP5] is nobody’s alert: it is seen and over from the start', async () => {
    const organization = await makeOrganization();
    await addPastCall(organization, { at: dayOfWeek(1), costUsd: '1' });
    await write(organization.organizationId);
    const [row] = await operatorSql()`select seen_at is not null and resolved_at is not null as is_over
      from public.alerts where organization_id = ${organization.organizationId}`;
    expect(row?.['is_over']).toBe(true);
  });
});

describe('it is due', () => {
  const run = async (session: Session, at: string): Promise<void> =>
    void (await session`select private.write_weekly_reports(${at}::timestamptz)`);

  /** In each zone the first instant of Monday the 9th of November 2026, 8:00, and the clock changed a week before in one. */
  test.each([
    ['UTC', '2026-11-09T08:00:00Z'],
    ['Asia/Kolkata', '2026-11-09T02:30:00Z'],
    ['America/New_York', '2026-11-09T13:00:00Z'],
    ['Pacific/Auckland', '2026-11-08T19:00:00Z'],
  ])('[WRP6] in %s from Monday, 8:00, for a day, and then not any more', async (zone, eight) => {
    const organization = await makeOrganization();
    const { organizationId } = organization;
    await operatorSql()`update public.organizations set time_zone = ${zone} where id = ${organizationId}`;
    await addPastCall(organization, { at: new Date('2026-11-04T12:00:00Z'), costUsd: '1' });
    const shifted = (minutes: number): string => new Date(Date.parse(eight) + minutes * 60_000).toISOString();
    const weeksAt = (minutes: number) =>
      inRolledBackTransaction(async (session) => {
        await run(session, shifted(minutes));
        return (await readReports(organizationId, session)).map(({ occasion }) => occasion);
      });
    expect(await weeksAt(-1)).toEqual([]);
    expect(await weeksAt(0)).toEqual(['2026-11-02']);
    expect(await weeksAt(24 * 60 - 1)).toEqual(['2026-11-02']);
    expect(await weeksAt(24 * 60)).toEqual([]);
  });

  test('[WRP7] once, though the schedule comes every quarter of an hour; and where the organization wants none, never', async () => {
    const [wanted, unwanted] = [await makeOrganization(), await makeOrganization()];
    const ids = [wanted.organizationId, unwanted.organizationId];
    for (const organization of [wanted, unwanted])
      await addPastCall(organization, { at: new Date('2026-11-04T12:00:00Z'), costUsd: '1' });
    const { error } = await unwanted.admin.db
      .from('organizations')
      .update({ sends_weekly_report: false })
      .eq('id', unwanted.organizationId);
    expect(error).toBeNull();
    const counts = await inRolledBackTransaction(async (session) => {
      for (const minute of ['00', '15', '30']) await run(session, `2026-11-09T08:${minute}:00Z`);
      return Promise.all(ids.map(async (id) => (await readReports(id, session)).length));
    });
    expect(counts).toEqual([1, 0]);
  });
});

describe('it goes', () => {
  async function writeFor(organization: Organization): Promise<void> {
    await addPastCall(organization, { at: dayOfWeek(1), costUsd: '1' });
    await write(organization.organizationId);
  }

  test('[WRP8] to owners and admins, past the channels, but to nobody who does without', async () => {
    const organization = await makeOrganization();
    const { organizationId, owner, admin } = organization;
    await writeFor(organization);
    expect(await recipientsOf(organizationId)).toEqual([owner.email, admin.email].toSorted());
    const other = await makeOrganization();
    const { error } = await other.admin.db.rpc('set_mail_preference', {
      kind: 'weekly_report',
      is_wanted: false,
    });
    expect(error).toBeNull();
    await writeFor(other);
    expect(await recipientsOf(other.organizationId)).toEqual([other.owner.email]);
  });

  test('[WRP9] not to an admin who is none any more when it is tried', async () => {
    const organization = await makeOrganization();
    const { organizationId, owner, admin } = organization;
    await addPastCall(organization, { at: dayOfWeek(1), costUsd: '1' });
    const claimed = await inRolledBackTransaction(async (session) => {
      await write(organizationId, session);
      await session`update public.organization_members set role = 'member'
        where organization_id = ${organizationId} and user_id = ${admin.userId}`;
      return session`select recipient from public.claim_alert_deliveries(1000, 120, now() + interval '1 second')
        where organization_id = ${organizationId}`;
    });
    expect(claimed.map(({ recipient }) => String(recipient))).toEqual([owner.email]);
  });
});
