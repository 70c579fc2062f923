import { expect, test } from 'vitest';
import { z } from 'zod';
import { readMail } from '../e2e/read-mail.ts';
import { addPastCall } from '../support/add-past-call.ts';
import { operatorSql } from '../support/database.ts';
import { makeOrganization } from '../support/organization.ts';
import { readReady } from '../support/ready.ts';

/** What is due is told when this returns, by this run or by the schedule's. */
async function deliver(): Promise<void> {
  const response = await fetch(`${readReady().url}/functions/v1/gateway/jobs/deliver-alerts`, {
    method: 'POST',
    headers: { 'x-jobs-secret': readReady().jobsSecret },
  });
  expect(response.status).toBe(200);
}

async function countMails(address: string): Promise<number> {
  const response = await fetch(`${readReady().mailApiUrl}/email`);
  const mails = z.array(z.object({ subject: z.string(), to: z.array(z.object({ address: z.string() })) }));
  return mails
    .parse(await response.json())
    .filter(({ subject, to }) => / spent from /.test(subject) && to.some((each) => each.address === address))
    .length;
}

test('[WRM1] owners and admins read what the week cost, in text and HTML, once, and come to the dashboard', async () => {
  const organization = await makeOrganization();
  const { organizationId, owner, admin, member } = organization;
  await operatorSql()`update public.projects set name = '<b>Shop & Co</b>' where id = ${organization.projectId}`;
  await addPastCall(organization, { at: new Date('2026-10-28T12:00:00Z'), costUsd: '2' });
  await addPastCall(organization, { at: new Date('2026-11-04T12:00:00Z'), costUsd: '3' });
  const write = () => operatorSql()`
    select private.write_weekly_report(o, '2026-11-02') from public.organizations o where o.id = ${organizationId}`;
  await write();
  await deliver();
  for (const { email } of [owner, admin]) {
    const { text, html } = await readMail(email, /: \$3\.00 spent from Nov 2 to Nov 8$/);
    expect(text).toContain('1 call, none failed. That is 50% more than the $2.00 of the week before.');
    expect(text).toContain('Models\n  gpt-5-mini: $3.00, 1 call');
    expect(text).toContain('Projects\n  <b>Shop & Co</b>: $3.00, 1 call');
    expect(text).toMatch(/Open the dashboard: https?:\/\/\S+\?days=7/);
    expect(text).toMatch(/do without it: https?:\/\/\S+\/profile/);
    expect(html).toMatch(/<td[^>]*>&#60;b&#62;Shop &#38; Co&#60;\/b&#62;<\/td>/);
    expect(html).not.toContain('<b>Shop');
  }
  await write();
  await deliver();
  expect(await Promise.all([owner, admin, member].map(({ email }) => countMails(email)))).toEqual([1, 1, 0]);
});
