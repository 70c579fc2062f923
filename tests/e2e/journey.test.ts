import { expect, type Locator, type Page } from '@playwright/test';
import { formatUsd } from '../../web/src/lib/money.ts';
import { formatCompact, formatCount, formatLatency } from '../../web/src/lib/numbers.ts';
import { settledLedger, type LedgerRow } from '../support/ledger.ts';
import { anonymousDb, type Db } from '../support/person.ts';
import { openaiClient } from '../support/sdk.ts';
import { newAccount, type Account } from './new-account.ts';
import { linkIn, readMail } from './read-mail.ts';
import { test } from './test.ts';
import { watchConsole } from './watch-console.ts';

/** What the product promises: so long after a call has ended, at most, the dashboard shows it. */
const visibleWithin = { timeout: 2_000 };

test('[JOUR1] from signing up to a call on the dashboard, and a colleague who sees the same', async ({
  browser,
}) => {
  test.setTimeout(180_000);
  const ada = newAccount('Ada Ivens');
  const page = await (await browser.newContext()).newPage();
  const log = watchConsole(page);

  await test.step('she signs up with her own email', async () => {
    await page.goto('/');
    await page.getByRole('link', { name: 'Create an account' }).click();
    await page.getByLabel('Full name').fill(ada.fullName);
    await page.getByLabel('Organization name').fill('Ivens Robotics');
    await page.getByLabel('Email').fill(ada.email);
    await page.getByLabel('Password', { exact: true }).fill(ada.password);
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page.getByRole('heading', { name: 'Choose who answers' })).toBeVisible();
    await expect(page.getByRole('banner')).toContainText('Ivens Robotics');
  });

  await test.step('onboarding leads from the sandbox over a project to a key', async () => {
    await page.getByRole('button', { name: 'Use the sandbox' }).click();
    await page.getByLabel('Project name').fill('Support chat');
    await page.getByRole('button', { name: 'Create project' }).click();
    await page.getByLabel('Key name').fill('Laptop');
    await page.getByRole('button', { name: 'Create key' }).click();
    await expect(page.getByText('Waiting for your first call')).toBeVisible();
  });

  const proxyKey = (await page.getByLabel('Proxy key', { exact: true }).textContent()) ?? '';
  expect(proxyKey).toMatch(/^khq_[0-9a-f]+_[0-9a-f]+$/);
  const { db, organizationId } = await signInByApi(ada);
  let slug = '';

  await test.step('the first call arrives while she watches', async () => {
    await streamAnswer(proxyKey, 'Say hello.');
    const arrived = page.getByRole('status', { name: 'First call' });
    await expect(arrived).toContainText('There it is', visibleWithin);
    const [call] = await settledLedger(organizationId);
    await expectFacts(arrived, call, ['gpt-5-mini', 'Sandbox']);
    await page.getByRole('button', { name: 'Go to the overview' }).click();
    await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
    slug = new URL(page.url()).pathname.slice(1);
  });

  await test.step('the key is nowhere to be seen again', async () => {
    await page.getByRole('link', { name: 'Projects and keys' }).click();
    // Until the page is there, the one before has links with that name in them.
    await expect(page.getByRole('heading', { name: 'Projects and keys' })).toBeVisible();
    await page.getByRole('link', { name: 'Support chat' }).click();
    await expect(page.getByRole('table', { name: 'Keys' })).toContainText(proxyKey.slice(0, 20));
    const secret = proxyKey.split('_')[2] ?? '';
    expect(await page.content()).not.toContain(secret);
    expect(JSON.stringify(await page.context().storageState())).not.toContain(secret);
  });

  const usage = await page.context().newPage();
  const usageLog = watchConsole(usage);
  await test.step('further calls appear on Overview and Usage without a reload', async () => {
    await page.getByRole('link', { name: 'Overview' }).click();
    await usage.goto(`/${slug}/usage`);
    await expect(usage.getByRole('table', { name: 'Calls' }).getByRole('row')).toHaveCount(2);
    await expect(page.getByRole('region', { name: 'Spend today' })).toContainText('1 call');
    await streamAnswer(proxyKey, 'And now in a few more words, please.');
    await Promise.all([
      expect(usage.getByRole('table', { name: 'Calls' }).getByText('Succeeded')).toHaveCount(
        2,
        visibleWithin,
      ),
      expect(page.getByRole('region', { name: 'Spend today' })).toContainText('2 calls', visibleWithin),
    ]);
  });

  const calls = await settledLedger(organizationId);
  const spentUsd = await spentToday(db, organizationId);
  await test.step('both show what the ledger says: tokens, cost, latency, project and key', async () => {
    const rows = usage.getByRole('table', { name: 'Calls' }).getByRole('row');
    for (const [index, call] of calls.toReversed().entries())
      await expectFacts(rows.nth(index + 1), call, ['gpt-5-mini', 'Support chat', 'Laptop', 'Sandbox']);
    await expect(page.getByRole('region', { name: 'Spend today' })).toContainText(formatUsd(spentUsd));
    await expect(page.getByRole('region', { name: 'Spend this month' })).toContainText('$50.00');
    const tokens = (name: 'input_tokens' | 'output_tokens') =>
      formatCompact(calls.reduce((sum, call) => sum + call[name], 0));
    const tokenText = `${tokens('input_tokens')} tokens in, ${tokens('output_tokens')} out`;
    await expect(page.getByText(tokenText)).toBeVisible();
    await expect(totalOf(page, 'p95 latency')).toHaveText(/\d\s(?:ms|s)/);
    await expect(page.getByRole('list', { name: 'Top keys' })).toContainText('Laptop');
    await expect(page.getByRole('list', { name: 'Top keys' })).toContainText('Support chat');
    await expect(page.getByRole('list', { name: 'Top models' })).toContainText('gpt-5-mini');
  });

  const ben = newAccount('Ben Okoro');
  await test.step('she invites a colleague', async () => {
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByRole('button', { name: 'Invite' }).click();
    const dialog = page.getByRole('dialog', { name: 'Invite a colleague' });
    await dialog.getByLabel('Email').fill(ben.email);
    await dialog.getByRole('button', { name: 'Send invitation' }).click();
    await expect(dialog).toContainText(`${ben.email} has the invitation in their mailbox`);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await expect(page.getByRole('table', { name: 'Open invitations' })).toContainText(ben.email);
  });

  const hisPage = await (await browser.newContext()).newPage();
  const hisLog = watchConsole(hisPage);
  await test.step('he opens the link of the mail and signs up there', async () => {
    const mail = await readMail(ben.email, /Ada Ivens invites you to Ivens Robotics/);
    await hisPage.goto(linkIn(mail));
    await expect(hisPage.getByRole('heading', { name: 'Join Ivens Robotics' })).toBeVisible();
    await expect(hisPage.getByLabel('Email')).toHaveValue(ben.email);
    await hisPage.getByLabel('Full name').fill(ben.fullName);
    await hisPage.getByLabel('Password', { exact: true }).fill(ben.password);
    await hisPage.getByRole('button', { name: 'Create account' }).click();
    await expect(hisPage.getByRole('heading', { name: 'Overview' })).toBeVisible();
    expect(new URL(hisPage.url()).pathname).toBe(`/${slug}`);
  });

  await test.step('he sees the same calls', async () => {
    await expect(hisPage.getByRole('region', { name: 'Spend today' })).toContainText(formatUsd(spentUsd));
    await hisPage.getByRole('link', { name: 'Usage' }).click();
    const rows = hisPage.getByRole('table', { name: 'Calls' }).getByRole('row');
    await expect(rows).toHaveCount(3);
    await expectFacts(rows.nth(1), calls.at(-1), ['gpt-5-mini', 'Support chat', 'Laptop']);
  });

  await test.step('he is offered nothing that he may not do', async () => {
    await expect(hisPage.getByRole('link', { name: 'Audit log' })).toHaveCount(0);
    await hisPage.getByRole('link', { name: 'Projects and keys' }).click();
    await expect(hisPage.getByText('Owners and admins create projects and keys.')).toBeVisible();
    await expect(hisPage.getByRole('button', { name: 'Create project' })).toHaveCount(0);
    await hisPage.getByRole('link', { name: 'Support chat' }).click();
    await expect(hisPage.getByRole('table', { name: 'Keys' })).toContainText('Laptop');
    await expect(hisPage.getByRole('button', { name: 'Create key' })).toHaveCount(0);
    await hisPage.getByRole('button', { name: 'Actions for Laptop' }).click();
    await expect(hisPage.getByRole('menuitem')).toHaveText(['See its calls']);
    await hisPage.keyboard.press('Escape');
    await hisPage.getByRole('link', { name: 'Providers' }).click();
    await expect(hisPage.getByText('An owner or admin adds them.')).toBeVisible();
    await expect(hisPage.getByRole('main').getByRole('button')).toHaveCount(0);
  });

  await test.step('nor does the server let him', async () => {
    const his = await signInByApi(ben);
    const [keys, projects] = await Promise.all([
      his.db.from('proxy_keys').select('id'),
      his.db.from('projects').select('id'),
    ]);
    const project_id = projects.data?.[0]?.id ?? '';
    const minted = await his.db.rpc('mint_proxy_key', { project_id, name: 'Mine' });
    expect(minted).toMatchObject({ status: 403, error: { message: 'role_required' } });
    const revoked = await his.db.rpc('revoke_proxy_key', { id: keys.data?.[0]?.id ?? '' });
    expect(revoked).toMatchObject({ status: 403, error: { message: 'role_required' } });
    await expect(streamAnswer(proxyKey, 'Still there?')).resolves.toContain('sandbox');
  });

  expect([...log.errors, ...usageLog.errors, ...hisLog.errors]).toEqual([]);
});

/** A call as users make it: OpenAI's own client, streamed. Answers the text. */
async function streamAnswer(proxyKey: string, question: string): Promise<string> {
  const stream = await openaiClient(proxyKey).chat.completions.create({
    model: 'gpt-5-mini',
    stream: true,
    messages: [{ role: 'user', content: question }],
  });
  let answer = '';
  for await (const chunk of stream) answer += chunk.choices[0]?.delta.content ?? '';
  return answer;
}

/** Tokens, cost and latency of the call, as the dashboard writes numbers, and these words. */
async function expectFacts(place: Locator, call: LedgerRow | undefined, words: string[]): Promise<void> {
  expect(call?.status).toBe('succeeded');
  for (const word of words) await expect(place).toContainText(word);
  const { input_tokens: input = 0, output_tokens: output = 0, cost_usd, latency_ms } = call ?? {};
  expect(Math.min(input, output, Number(cost_usd), Number(latency_ms))).toBeGreaterThan(0);
  await expect(place).toContainText(formatCount(input));
  await expect(place).toContainText(formatCount(output));
  await expect(place).toContainText(formatUsd(cost_usd ?? ''));
  await expect(place).toContainText(formatLatency(latency_ms ?? 0));
}

const totalOf = (page: Page, name: string): Locator =>
  page.getByRole('term').filter({ hasText: name }).locator('xpath=following-sibling::*[1]');

async function signInByApi({ email, password }: Account): Promise<{ db: Db; organizationId: string }> {
  const db = anonymousDb();
  const session = await db.auth.signInWithPassword({ email, password });
  if (session.error) throw session.error;
  const { data, error } = await db.from('organizations').select('id').single();
  if (error) throw error;
  return { db, organizationId: data.id };
}

async function spentToday(db: Db, organization_id: string): Promise<string> {
  const { data, error } = await db.rpc('spend_status', { organization_id }).single();
  if (error) throw error;
  return data.today_usd;
}
