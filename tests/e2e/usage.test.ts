import { readFile } from 'node:fs/promises';
import { expect, type Page } from '@playwright/test';
import { operatorSql } from '../support/database.ts';
import { settledLedger } from '../support/ledger.ts';
import { readReady } from '../support/ready.ts';
import { parseCsv } from './parse-csv.ts';
import { callSandbox, makeSandboxOrganization } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';

const { demo } = readReady();
const callsOf = (page: Page) => page.getByRole('table', { name: 'Calls' }).locator('tbody tr');

test.describe('the CSV export equals the ledger', () => {
  for (const [what, search, where] of [
    ['whole, over several pages', '', {}],
    ['filtered by model', '?model=claude-haiku-4-5', { model: 'claude-haiku-4-5' }],
    [
      'filtered by project and status',
      `?project=${demo.projectId}&status=failed`,
      { project_id: demo.projectId, status: 'failed' },
    ],
  ] as const) {
    test(`[USAGE1] ${what}`, async ({ browser }) => {
      const page = await openSignedIn(browser, demo);
      await page.goto(`/acme/usage${search}`);
      await expect(callsOf(page).first()).toBeVisible();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Export CSV' }).click(),
      ]);
      const exported = parseCsv(await readFile(await download.path(), 'utf8'));
      const stored = await readStoredCalls(where);
      expect(stored.length).toBeGreaterThan(search === '' ? 1000 : 5);
      expect(exported.map(inCommon)).toEqual(stored.map(inCommon));
    });
  }
});

test('[USAGE2] filters live in the address: they survive a reload, and Back takes them away', async ({
  browser,
}) => {
  const page = await openSignedIn(browser, demo);
  await page.goto('/acme/usage');
  await expect(callsOf(page)).toHaveCount(50);
  const filters = page.getByRole('group', { name: 'Filters' });
  await filters.getByRole('button', { name: 'Model' }).click();
  await page.getByRole('checkbox', { name: 'claude-haiku-4-5' }).check();
  await page.keyboard.press('Escape');
  await filters.getByRole('button', { name: 'Status' }).click();
  await page.getByRole('checkbox', { name: 'Succeeded' }).check();
  await page.keyboard.press('Escape');

  const expectFiltered = async (): Promise<void> => {
    await expect(page).toHaveURL('/acme/usage?model=claude-haiku-4-5&status=succeeded');
    await expect(filters.getByRole('button', { name: 'Model' })).toContainText('claude-haiku-4-5');
    await expect(callsOf(page).first()).toContainText('claude-haiku-4-5');
    await expect(
      callsOf(page).filter({ hasText: 'claude-haiku-4-5' }).filter({ hasText: 'Succeeded' }),
    ).toHaveCount(await callsOf(page).count());
  };
  await expectFiltered();
  await page.reload();
  await expectFiltered();
  await page.goBack();
  await expect(page).toHaveURL('/acme/usage?model=claude-haiku-4-5');
  await page.goBack();
  await expect(page).toHaveURL('/acme/usage');
  await expect(filters.getByRole('button', { name: 'Clear filters' })).toHaveCount(0);
});

test('[USAGE3] a call has an address of its own, and Back closes it', async ({ browser }) => {
  const page = await openSignedIn(browser, demo);
  await page.goto('/acme/usage?status=failed');
  await callsOf(page).first().getByText('Failed').click();
  const drawer = page.getByRole('dialog', { name: 'Call' });
  await expect(drawer.getByRole('heading', { name: 'Attribution' })).toBeVisible();
  const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  await expect(page).toHaveURL(`/acme/usage/${id}?status=failed`);
  await expect(drawer).toContainText(id);

  await page.goBack();
  await expect(drawer).toHaveCount(0);
  await expect(page).toHaveURL('/acme/usage?status=failed');
  await page.goForward();
  await expect(drawer).toContainText(id);
  await page.reload();
  await expect(drawer).toContainText(id);
  await drawer.getByRole('button', { name: 'Close' }).click();
  await expect(page).toHaveURL('/acme/usage?status=failed');
});

test('[USAGE4] the drawer explains the cost by the price row and the tokens, to the tenth decimal', async ({
  browser,
}) => {
  const { organizationId, proxyKey, owner, slug } = await makeSandboxOrganization();
  await callSandbox(proxyKey);
  const [call] = await settledLedger(organizationId);
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/usage/${call?.id}`);
  const arithmetic = page.getByRole('table', { name: 'How the cost is computed' });
  const exact = `$${(call?.cost_usd ?? '').replace(/0+$/, '')}`;
  await expect(arithmetic.getByRole('row').last()).toContainText(exact);
  await expect(arithmetic).toContainText(String(call?.input_tokens));
  await expect(arithmetic).toContainText(String(call?.output_tokens));
  await expect(page.getByRole('dialog')).not.toContainText('differs from this arithmetic');
});

test('[USAGE5] new calls appear while the page is open; further down they wait to be asked for', async ({
  browser,
}) => {
  const { organizationId, proxyKey, owner, slug } = await makeSandboxOrganization();
  for (let batch = 0; batch < 3; batch += 1)
    await Promise.all(Array.from({ length: 5 }, () => callSandbox(proxyKey)));
  await settledLedger(organizationId);
  const page = await openSignedIn(browser, owner);
  await page.setViewportSize({ width: 1280, height: 480 });
  await page.goto(`/${slug}/usage`);
  await expect(callsOf(page)).toHaveCount(15);
  await callSandbox(proxyKey, 'gpt-4o-mini');
  await expect(callsOf(page)).toHaveCount(16, { timeout: 2_000 });
  await expect(callsOf(page).first()).toContainText('gpt-4o-mini');

  await callsOf(page).last().scrollIntoViewIfNeeded();
  const scrolledTo = await page.evaluate(() => window.scrollY);
  await callSandbox(proxyKey, 'gpt-4.1-mini');
  const waiting = page.getByRole('button', { name: '1 new call' });
  await expect(waiting).toBeVisible({ timeout: 2_000 });
  await expect(callsOf(page)).toHaveCount(16);
  expect(await page.evaluate(() => window.scrollY)).toBe(scrolledTo);
  await waiting.click();
  await expect(callsOf(page)).toHaveCount(17);
  await expect(callsOf(page).first()).toContainText('gpt-4.1-mini');
  await expect(callsOf(page).first()).toBeInViewport();
});

test('[USAGE6] a long list is loaded page by page, each call once', async ({ browser }) => {
  const page = await openSignedIn(browser, demo);
  await page.goto('/acme/usage?model=claude-opus-4-5');
  await expect(callsOf(page)).toHaveCount(50);
  await page.getByRole('button', { name: 'Load more' }).click();
  await expect(callsOf(page)).toHaveCount(100);
  const shown = await callsOf(page)
    .getByRole('link')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href')?.match(/usage\/([^?]+)/)?.[1]));
  const stored = await readStoredCalls({ model: 'claude-opus-4-5' });
  expect(shown).toEqual(stored.slice(0, 100).map(({ id }) => id));
});

type Filters = { model?: string; project_id?: string; status?: string };

/** The demo organization's calls, newest first, every value as the export writes it. */
async function readStoredCalls({ model, project_id, status }: Filters) {
  const rows = await operatorSql()`
    select id::text, to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') as created_at, status::text,
      error_code, model, provider, project_id::text, proxy_key_id::text, user_id as "user", input_tokens::text,
      cache_read_tokens::text, output_tokens::text, cost_usd::text, usage_source::text
    from public.ai_usage
    where organization_id = ${demo.organizationId}
      and (${model ?? null}::text is null or model = ${model ?? null})
      and (${project_id ?? null}::uuid is null or project_id = ${project_id ?? null}::uuid)
      and (${status ?? null}::text is null or status::text = ${status ?? null})
    order by ai_usage.created_at desc, id desc`;
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value ?? '')])),
  );
}

const compared = [
  'id',
  'status',
  'error_code',
  'model',
  'provider',
  'project_id',
  'proxy_key_id',
  'user',
  'input_tokens',
  'cache_read_tokens',
  'output_tokens',
  'cost_usd',
  'usage_source',
];

/** Times with all their digits, since trailing zeros are written by one and not by the other. */
const inCommon = (row: Record<string, string>) => ({
  ...Object.fromEntries(compared.map((name) => [name, row[name]])),
  created_at: (row['created_at'] ?? '')
    .slice(0, 26)
    .replace(/(?:\+.*|Z)$/, '')
    .padEnd(26, '0'),
});
