import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseCsv } from '../e2e/parse-csv.ts';
import { readMail } from '../e2e/read-mail.ts';
import { addPastCall } from '../support/add-past-call.ts';
import { operatorSql } from '../support/database.ts';
import { makeOrganization, type Organization } from '../support/organization.ts';
import { readReady } from '../support/ready.ts';

/** Until it was mailed: by this run, by the schedule's, or by the next one where another had just claimed it. */
async function deliver(reportId: string): Promise<void> {
  const run = async (): Promise<boolean> => {
    const response = await fetch(`${readReady().url}/functions/v1/reporting/jobs/mail-reports`, {
      method: 'POST',
      headers: { 'x-jobs-secret': readReady().jobsSecret },
    });
    expect(response.status).toBe(200);
    return (await readRow(reportId))?.['is_sent'] === true;
  };
  await expect.poll(run, { timeout: 30_000, interval: 500 }).toBe(true);
}

async function mailReport(organization: Organization, name: string, query: string): Promise<string> {
  const { admin, organizationId } = organization;
  const report = { organization_id: organizationId, name, query };
  const { data } = await admin.db.from('saved_reports').insert(report).select('id').single().throwOnError();
  await admin.db.rpc('mail_report', { saved_report_id: data.id, every: 'week' }).throwOnError();
  await operatorSql()`update public.report_mails set due_at = now() where saved_report_id = ${data.id}`;
  return data.id;
}

const readRow = async (reportId: string) =>
  (
    await operatorSql()`select sent_at is not null as is_sent, last_error, due_at > now() + interval '1 hour' as is_over
      from public.report_mails where saved_report_id = ${reportId}`
  )[0];

const Attachments = z.array(
  z.looseObject({
    subject: z.string(),
    to: z.array(z.object({ address: z.string() })),
    id: z.string(),
    attachments: z
      .array(z.object({ fileName: z.string(), generatedFileName: z.string(), contentType: z.string() }))
      .nullish(),
  }),
);

/** The one file of the mail to this address, as its reader would open it. */
async function readAttachment(address: string, subject: RegExp) {
  const mails = Attachments.parse(await (await fetch(`${readReady().mailApiUrl}/email`)).json());
  const found = mails.findLast(
    (mail) => subject.test(mail.subject) && mail.to.some((to) => to.address === address),
  );
  const [file, ...others] = found?.attachments ?? [];
  if (found === undefined || file === undefined || others.length > 0) throw new Error('Not one file.');
  const url = `${readReady().mailApiUrl}/email/${found.id}/attachment/${encodeURIComponent(file.generatedFileName)}`;
  return { name: file.fileName, type: file.contentType, text: await (await fetch(url)).text() };
}

test('[RMF1] a report that is due comes by mail, its rows as a file, with the way to it and out of it', async () => {
  const organization = await makeOrganization();
  await addPastCall(organization, { at: new Date(Date.now() - 3_600_000), costUsd: '1.2500000001' });
  const reportId = await mailReport(
    organization,
    'Kosten je Modell (€)',
    'select model, sum(cost_usd) as cost_usd from usage group by 1',
  );
  await deliver(reportId);
  const { text } = await readMail(organization.admin.email, /Kosten je Modell \(€\)$/);
  expect(text).toContain('Kosten je Modell (€), 1 row, is attached as a CSV file.');
  expect(text).toContain(`/reports/${reportId}`);
  expect(text).toContain('mailed to you every Monday. Change that, or end it');
  const file = await readAttachment(organization.admin.email, /Kosten je Modell/);
  expect(file).toMatchObject({ name: 'kosten-je-modell.csv', type: 'text/csv' });
  expect(parseCsv(file.text)).toEqual([{ model: 'gpt-5-mini', cost_usd: '1.2500000001' }]);
  expect(await readRow(reportId)).toEqual({ is_sent: true, last_error: null, is_over: true });
});

test('[RMF2] a query that is at fault is told to its reader, once', async () => {
  const organization = await makeOrganization();
  const reportId = await mailReport(organization, 'Broken', 'select nothing from nowhere');
  await deliver(reportId);
  const { text } = await readMail(organization.admin.email, /Broken could not be run$/);
  expect(text).toContain('relation "nowhere" does not exist');
  expect(text).toContain(`Mend the report: `);
  expect(await readRow(reportId)).toEqual({ is_sent: true, last_error: null, is_over: true });
});

test('[RMF3] what a mail does not take is cut to whole rows, and says so', async () => {
  const organization = await makeOrganization();
  const query = `select n, repeat('x', 2000) as filler from generate_series(1, 9000) n`;
  await deliver(await mailReport(organization, 'Much', query));
  const { text } = await readMail(organization.admin.email, /Much$/);
  const file = await readAttachment(organization.admin.email, /Much$/);
  const rows = parseCsv(file.text);
  expect(file.text.length).toBeLessThanOrEqual(5 * 1024 * 1024);
  expect(rows.length).toBeGreaterThan(2000);
  expect(text).toContain(
    `The first ${rows.length.toLocaleString('en-US')} rows of Much are attached. There are more, but the file of a mail has at most 5 MB.`,
  );
});

test('[RMF4] another organization’s rows are in nobody’s file', async () => {
  const [organization, other] = [await makeOrganization(), await makeOrganization()];
  await addPastCall(other, { at: new Date(Date.now() - 3_600_000), costUsd: '5' });
  await deliver(await mailReport(organization, 'Everything', 'select * from usage'));
  const { text } = await readMail(organization.admin.email, /Everything$/);
  expect(text).toContain('Everything has no rows this time');
});
