import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { linkIn, readMail } from '../e2e/read-mail.ts';
import { operatorSql } from '../support/database.ts';
import { makeOrganization } from '../support/organization.ts';
import type { Person } from '../support/person.ts';
import { readReady } from '../support/ready.ts';

const runJob = async (): Promise<void> => {
  const { url, jobsSecret } = readReady();
  const response = await fetch(`${url}/functions/v1/tenancy/jobs/mail-notifications`, {
    method: 'POST',
    headers: { 'x-jobs-secret': jobsSecret },
  });
  expect(response.status).toBe(200);
  z.object({ success: z.literal(true), data: z.object({ failed: z.literal(0) }) }).parse(
    await response.json(),
  );
};

/** Tells someone of a task whose mail is due at once. */
async function notify(organizationId: string, { userId }: Person, title: string): Promise<string> {
  const taskId = randomUUID();
  const sql = operatorSql();
  const task = sql.json({ title, agent: 'Nova', reason: 'It took more than twenty steps.' });
  await sql.begin(async (transaction) => {
    await transaction`select private.notify(${organizationId}, ${userId}, 'task_failed', ${taskId}, ${task})`;
    await transaction`
      update private.notification_mails set due_at = now()
      where notification_id = (select id from public.notifications where subject_id = ${taskId})`;
  });
  return taskId;
}

test('[NTF1] what is not read in the app is mailed once, says what happened and leads there', async () => {
  const { organizationId, member } = await makeOrganization();
  const [organization] =
    await operatorSql()`select slug from public.organizations where id = ${organizationId}`;
  // A subject is one line, whatever a title holds.
  const taskId = await notify(organizationId, member, 'Write\r\nBcc: all@example.com');
  await Promise.all([runJob(), runJob()]);
  const mail = await readMail(member.email, /“Write Bcc: all@example.com” failed/);
  expect(mail.to.map(({ address }) => address)).toEqual([member.email]);
  expect(mail.text).toContain('It took more than twenty steps.');
  expect(mail.text).toContain(`/${String(organization?.['slug'])}/tasks/${taskId}`);
  expect(linkIn(mail)).toMatch(/\/profile$/);
  const left = await operatorSql()`
    select from private.notification_mails m join public.notifications n on n.id = m.notification_id
    where n.subject_id = ${taskId}`;
  expect(left.length).toBe(0);
});

test('[NTF2] without the secret nothing is mailed', async () => {
  const response = await fetch(`${readReady().url}/functions/v1/tenancy/jobs/mail-notifications`, {
    method: 'POST',
  });
  expect(response.status).toBe(401);
});
