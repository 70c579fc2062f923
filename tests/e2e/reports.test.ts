import { readFile } from 'node:fs/promises';
import { expect, type Page } from '@playwright/test';
import { operatorSql } from '../support/database.ts';
import { settledLedger } from '../support/ledger.ts';
import { connectReporting, tellOf } from '../support/reporting-login.ts';
import { expectPresentable, wide } from './expect-presentable.ts';
import { callSandbox, makeSandboxOrganization } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { parseCsv } from './parse-csv.ts';
import { linkIn, readMail } from './read-mail.ts';
import { test } from './test.ts';

async function download(page: Page): Promise<Record<string, string>[]> {
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download CSV' }).click();
  const file = await (await downloading).path();
  return parseCsv(await readFile(file, 'utf8'));
}

/** Of all organizations: the tests of this file follow one another. */
async function countRunning(): Promise<number> {
  const running = await operatorSql()`
    select from pg_stat_activity where application_name like 'report %' and state = 'active' and query ~ '^fetch'`;
  return running.length;
}

test('[REPO1] a report is run, saved, found again, and its CSV is the ledger', async ({ browser }) => {
  const { proxyKey, organizationId, owner, slug } = await makeSandboxOrganization();
  for (const model of ['gpt-5-mini', 'gpt-5-mini', 'gpt-4o-mini']) await callSandbox(proxyKey, model);
  const ledger = await settledLedger(organizationId);
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/reports`);
  await expect(page.getByText('What you save will be here')).toBeVisible();
  await page.getByRole('link', { name: 'New report' }).click();

  const query = page.getByRole('textbox', { name: 'Query' });
  await query.fill('select id, model, cost_usd from usage order by created_at');
  await query.press('ControlOrMeta+Enter');
  const result = page.getByRole('table', { name: 'Result' });
  await expect(result.getByRole('row')).toHaveCount(4);
  const rows = await download(page);
  expect(rows).toEqual(ledger.map(({ id, model, cost_usd }) => ({ id, model, cost_usd })));

  await query.fill(
    'select model, sum(cost_usd) as cost_usd, sum(calls) as calls from daily_costs group by model',
  );
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(result.getByRole('row')).toHaveCount(3);
  const sums = await operatorSql()`
    select model, sum(cost_usd)::text as cost_usd, count(*)::text as calls from public.ai_usage
    where organization_id = ${organizationId} group by model order by model`;
  const byModel = (await download(page)).toSorted((left, right) =>
    String(left['model']).localeCompare(String(right['model'])),
  );
  expect(byModel).toEqual([...sums].map((row) => ({ ...row })));
  await page.getByText('Bars').click();
  await expect(page.getByRole('figure', { name: /^Chart of/ })).toBeVisible();
  await expectPresentable(page, 'report');
  await page.setViewportSize(wide);

  await page.getByRole('button', { name: 'Save report' }).click();
  const dialog = page.getByRole('dialog', { name: 'Save report' });
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByText('Give it a name.')).toBeVisible();
  await dialog.getByLabel('Name').fill('Cost of models');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'Cost of models' })).toBeVisible();
  await page.reload();
  await expect(query).toHaveValue(/from daily_costs group by model/);

  await page.getByRole('link', { name: 'All reports' }).click();
  const saved = page.getByRole('table', { name: 'Saved reports' });
  await saved.getByRole('button', { name: 'Actions for Cost of models' }).click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Models');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(saved.getByRole('link', { name: 'Models' })).toBeVisible();
  await saved.getByRole('button', { name: 'Actions for Models' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete report' }).click();
  await expect(page.getByText('What you save will be here')).toBeVisible();
});

test('[REPO2] a query that is wrong says where, one that takes too long can be cancelled, and unsaved work is asked about', async ({
  browser,
}) => {
  const { owner, slug } = await makeSandboxOrganization();
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/reports/new`);
  const query = page.getByRole('textbox', { name: 'Query' });
  await query.fill('select model,\n  cost\nfrom usage');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('column "cost" does not exist');
  await expect(alert).toContainText('Line 2, character 3');
  await expectPresentable(page, 'report-fault');
  await page.setViewportSize(wide);

  await query.fill('delete from usage');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(alert).toContainText('syntax error');

  await query.fill('select pg_sleep(25)');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByText('Running…')).toBeVisible();
  await expect.poll(countRunning).toBe(1);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeVisible();
  await expect.poll(countRunning).toBe(0);
  await expect(alert).toHaveCount(0);

  await page.getByRole('link', { name: 'All reports' }).click();
  await expect(page.getByRole('dialog', { name: 'Leave without saving?' })).toBeVisible();
  await page.getByRole('button', { name: 'Stay' }).click();
  await expect(query).toHaveValue('select pg_sleep(25)');
  await page.getByRole('link', { name: 'All reports' }).click();
  await page.getByRole('button', { name: 'Leave' }).click();
  await expect(page).toHaveURL(new RegExp(`/${slug}/reports$`));
});

test('[REPO3] a SQL login is made, shown once, works outside, and is revoked', async ({ browser }) => {
  const { owner, slug, organizationId } = await makeSandboxOrganization();
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/reports`);
  await page.getByRole('button', { name: 'Create login' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create a SQL login' });
  await dialog.getByLabel('Name').fill('Metabase');
  await dialog.getByRole('button', { name: 'Create login' }).click();
  const shown = page.getByRole('dialog', { name: 'Your SQL login' });
  await expect(shown.getByLabel('psql', { exact: true })).toContainText('postgresql://');
  await expectPresentable(page, 'new-sql-login', { isOverlay: true });
  await page.setViewportSize(wide);
  const address = new URL((await shown.getByLabel('psql', { exact: true }).innerText()).split("'")[1] ?? '');
  await shown.getByRole('button', { name: 'Done' }).click();

  const login = {
    id: '',
    username: address.username,
    password: address.password,
    host: address.hostname,
    port: Number(address.port),
    database: address.pathname.slice(1),
  };
  const sql = connectReporting(login);
  expect(await tellOf(sql, 'select id from organization')).toBe(JSON.stringify([{ id: organizationId }]));
  const logins = page.getByRole('table', { name: 'SQL logins' });
  await expect(logins).toContainText(login.username);
  await logins.getByRole('button', { name: 'Revoke Metabase' }).click();
  await page.getByRole('button', { name: 'Revoke login' }).click();
  await expect(page.getByText('Nobody connects from elsewhere yet.')).toBeVisible();
  expect(await tellOf(sql, 'select id from organization')).toContain('refused');
  await sql.end({ timeout: 1 });
});

test('[REPO4] a saved report is mailed to whoever asks for it, as often as they say, until they say no more', async ({
  browser,
}) => {
  const { owner, slug, organizationId } = await makeSandboxOrganization();
  const { data: report } = await owner.db
    .from('saved_reports')
    .insert({ organization_id: organizationId, name: 'Cost of models', query: 'select 1 as one' })
    .select('id')
    .single()
    .throwOnError();
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/reports/${report.id}`);
  await page.getByRole('button', { name: 'Mail', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Mail Cost of models' });
  await choose(page, 'Every Monday');
  await expectPresentable(page, 'report-mail', { isOverlay: true });
  await page.setViewportSize(wide);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Cost of models is mailed to you.')).toBeVisible();

  await page.getByRole('link', { name: 'All reports' }).click();
  const row = page.getByRole('row', { name: /Cost of models/ });
  await expect(row).toContainText('Every Monday');
  await expectPresentable(page, 'reports-mailed');
  await page.setViewportSize(wide);
  await operatorSql()`update public.report_mails set due_at = now() where saved_report_id = ${report.id}`;
  await operatorSql()`select private.mail_reports(now())`;
  const { text } = await readMail(owner.email, /Cost of models$/, 20_000);
  expect(text).toContain('Cost of models, 1 row, is attached as a CSV file.');

  await page.goto(linkIn({ text: text.slice(text.indexOf('Change that')), subject: 'Cost of models' }));
  await page.getByRole('button', { name: 'Mail', exact: true }).click();
  await expect(dialog.getByText(/; the last one went/)).toBeVisible();
  await choose(page, 'Never');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Cost of models is not mailed to you any more.')).toBeVisible();
  expect(
    (await operatorSql()`select from public.report_mails where saved_report_id = ${report.id}`).count,
  ).toBe(0);
});

async function choose(page: Page, frequency: string): Promise<void> {
  await page.getByRole('combobox', { name: 'Mail it to me' }).click();
  await page.getByRole('option', { name: frequency }).click();
}
