import type { Page } from '@playwright/test';
import type postgres from 'postgres';
import type { FilledLedger } from './fill-ledger.ts';
import type { Visit } from './record-requests.ts';

/** Every page that reads usage, with what can be asked of it there: ranges, each filter with common and rare values. */
export async function scaleVisits(
  sql: postgres.Sql,
  { organizationId, slug }: FilledLedger,
): Promise<Visit[]> {
  const [ids] = await sql`
    select (select id from public.ai_usage where organization_id = ${organizationId} order by created_at desc limit 1) as call,
      (select project_id from public.ai_usage where organization_id = ${organizationId} group by 1 order by count(*) limit 1) as project,
      (select proxy_key_id from public.ai_usage where organization_id = ${organizationId} group by 1 order by count(*) limit 1) as key,
      (select user_id from public.ai_usage where organization_id = ${organizationId} and user_id is not null
        group by 1 order by count(*) limit 1) as rare_user`;
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
    usage('a call', `/${String(ids?.['call'])}`),
    usage('a project', `?project=${String(ids?.['project'])}`),
    usage('a key', `?key=${String(ids?.['key'])}`),
    usage('a model', '?model=kimi-k2-0905-preview'),
    usage('two models', '?model=gpt-4o&model=claude-haiku-4-5'),
    usage('a user', '?user=user-1'),
    usage('a rare user', `?user=${String(ids?.['rare_user'])}`),
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
    { name: 'Project', path: `/${slug}/projects/${String(ids?.['project'])}` },
    { name: 'Budgets', path: `/${slug}/budgets` },
  ];
}

async function loadMore(page: Page): Promise<void> {
  const button = page.getByRole('button', { name: 'Load more' });
  for (let pages = 0; pages < 2; pages++) {
    await button.click();
    await page.waitForTimeout(1000);
  }
}

async function startExport(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Export CSV' }).click();
  await page.waitForTimeout(300);
}
