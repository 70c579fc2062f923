import type { Page } from '@playwright/test';
import type postgres from 'postgres';
import { readyMadeReports } from '../../web/src/features/reporting/reports/ready-made-reports.ts';
import type { FilledLedger } from './fill-ledger.ts';
import type { Visit } from './record-requests.ts';

/** What a page's address names and is another one in each stack. */
export type Landmarks = { call: string; key: string };

/** A call and a key of the organization that both stacks have, each with ids of its own. */
export async function findLandmarks(sql: postgres.Sql, { organizationId }: FilledLedger): Promise<Landmarks> {
  const [ids] = await sql<Landmarks[]>`
    select (select id from public.ai_usage where organization_id = ${organizationId} order by created_at desc limit 1) as call,
      (select id from public.proxy_keys where organization_id = ${organizationId} order by project_id, name limit 1) as key`;
  if (ids === undefined) throw new Error('There are no calls.');
  return ids;
}

/**
 * Every page that reads usage, with what can be asked of it there: ranges, each filter with common and rare values, and
 * all reports that come along.
 */
export function scaleVisits({ slug, projectId }: FilledLedger, { call, key }: Landmarks): Visit[] {
  const usage = (name: string, search: string): Visit => ({
    name: `Usage: ${name}`,
    path: `/${slug}/usage${search}`,
  });
  const day = (daysAgo: number): string =>
    new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10);
  return [
    { name: 'Overview', path: `/${slug}` },
    { name: 'Overview: 7 days', path: `/${slug}?days=7` },
    { name: 'Overview: 90 days', path: `/${slug}?days=90` },
    { name: 'Overview: 90 days', path: `/${slug}?days=90&by=project` },
    { name: 'Usage', path: `/${slug}/usage`, act: loadMore },
    usage('a call', `/${call}`),
    usage('a project', `?project=${projectId}`),
    usage('a key', `?key=${key}`),
    usage('a model', '?model=kimi-k2-0905-preview'),
    usage('two models', '?model=gpt-4o&model=claude-haiku-4-5'),
    usage('a user', '?user=user-1'),
    usage('a rare user', '?user=user-300'),
    usage('nobody', '?user='),
    usage('an unknown user', '?user=nobody-of-that-name'),
    usage('an agent', '?agent=agent-3'),
    usage('a user and a model', '?user=user-7&model=gpt-4o-mini'),
    ...['succeeded', 'failed', 'aborted', 'refused', 'expired', 'reserved'].map((status) =>
      usage(status, `?status=${status}`),
    ),
    usage('failed and expired', '?status=failed&status=expired'),
    usage('a day a year ago', `?from=${day(365)}&to=${day(365)}`),
    usage('a user a year ago', `?from=${day(380)}&to=${day(365)}&user=user-2`),
    { name: 'Usage: export', path: `/${slug}/usage?model=gpt-4o`, act: startExport },
    { name: 'Projects', path: `/${slug}/projects` },
    { name: 'Project', path: `/${slug}/projects/${projectId}` },
    { name: 'Budgets', path: `/${slug}/budgets` },
    { name: 'Statements', path: `/${slug}/statements`, act: previewStatement },
    { name: 'Reports', path: `/${slug}/reports` },
    ...readyMadeReports.map(({ id, name }) => ({
      name: `Report: ${name}`,
      path: `/${slug}/reports/${id}`,
      act: waitForResult,
    })),
  ];
}

async function loadMore(page: Page): Promise<void> {
  const button = page.getByRole('button', { name: 'Load more' });
  for (let pages = 0; pages < 2; pages++) {
    await button.click();
    await page.waitForTimeout(1000);
  }
}

async function previewStatement(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Close / }).click();
}

async function waitForResult(page: Page): Promise<void> {
  await page.getByText('Ctrl or ⌘ and Enter runs it.').waitFor();
}

async function startExport(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Export CSV' }).click();
  await page.waitForTimeout(300);
}
