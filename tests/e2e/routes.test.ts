import { randomUUID } from 'node:crypto';
import { expect, type Page } from '@playwright/test';
import { type Caller, makeCaller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { settledLedger } from '../support/ledger.ts';
import { openaiCompletion } from '../support/provider-answers.ts';
import { storeProviderKey } from '../support/provider-key.ts';
import { paths, postToProxy } from '../support/proxy-request.ts';
import { openaiClient } from '../support/sdk.ts';
import { jsonScript, playScripts, readUpstreamUrl } from '../support/upstream-client.ts';
import { expectPresentable, wide } from './expect-presentable.ts';
import { slugOf } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';

// Each looks at pages in all their variants on its way.
test.describe.configure({ mode: 'parallel', timeout: 180_000 });

const model = 'gpt-4o-mini';
const works = jsonScript(
  openaiCompletion(model, { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 }),
);
const fails = jsonScript({ error: { message: 'Not now.', type: 'server_error' } }, 503);
const disconnects = { isDead: true, steps: [] };

const call = ({ proxyKey }: Caller, name = model) =>
  postToProxy(
    proxyKey,
    paths.openai,
    JSON.stringify({ model: name, messages: [{ role: 'user', content: 'Hello' }] }),
  );

test('[ROUT1] a second key and an alias are set up; where the first key fails the second serves, and the drawer tells both', async ({
  browser,
}) => {
  const caller = await makeCaller('openai');
  const slug = await slugOf(caller.organizationId);
  const reserve = `sk-${randomUUID()}`;
  const page = await openSignedIn(browser, caller.owner);
  await page.goto(`/${slug}/providers`);
  await addCredential(page, 'Reserve', reserve);
  const credentials = page.getByRole('table', { name: 'Credentials' });
  await expect(credentials.getByRole('row', { name: /openai/ })).toContainText('First, 50% of calls');
  await setPriority(page, 'openai', '10');
  await expect(credentials.getByRole('row', { name: /openai/ })).toContainText('First');
  await expect(credentials.getByRole('row', { name: /Reserve/ })).toContainText('Second');
  await createAlias(page, slug, 'smart', model);

  await playScripts(readUpstreamUrl(), caller.upstreamKey, fails);
  await playScripts(readUpstreamUrl(), reserve, works);
  const answer = await openaiClient(caller.proxyKey).chat.completions.create({
    model: 'smart',
    messages: [{ role: 'user', content: 'Hello' }],
  });
  expect(answer.model).toBe(model);
  await settledLedger(caller.organizationId);

  await page.goto(`/${slug}/usage`);
  const calls = page.getByRole('table', { name: 'Calls' });
  await expect(calls.getByRole('img', { name: '2 attempts' })).toBeVisible();
  await calls.getByRole('link').first().click();
  const drawer = page.getByRole('dialog', { name: 'Call' });
  await expect(drawer).toContainText('asked for as smart');
  const attempts = drawer.getByRole('list', { name: 'Attempts' }).getByRole('listitem');
  await expect(attempts).toHaveCount(2);
  await expect(attempts.nth(0)).toContainText(`OpenAI with openai ···· ${caller.upstreamKey.slice(-4)}`);
  await expect(attempts.nth(0)).toContainText('The provider was overloaded (503).');
  await expect(attempts.nth(0)).toContainText('$0.00');
  await expect(attempts.nth(1)).toContainText(`OpenAI with Reserve ···· ${reserve.slice(-4)}`);
  await expect(attempts.nth(1)).toContainText('Answered in full.');
  await expect(attempts.nth(1)).toContainText('$0.000027');
  await expectPresentable(page, 'call-attempts', { isOverlay: true });
});

test('[ROUT2] an attempt that brought no answer is told as an estimate, and the sum is the call’s cost', async ({
  browser,
}) => {
  const caller = await makeCaller('openai');
  await playScripts(readUpstreamUrl(), caller.upstreamKey, disconnects, works);
  expect((await call(caller)).status).toBe(200);
  const [settled] = await settledLedger(caller.organizationId);
  const page = await openSignedIn(browser, caller.owner);
  await page.goto(`/${await slugOf(caller.organizationId)}/usage/${settled?.id}`);
  const region = page.getByRole('dialog', { name: 'Call' }).getByRole('region', { name: 'Attempts' });
  const attempts = region.getByRole('listitem');
  await expect(attempts.nth(0)).toContainText(
    'The provider closed the connection before the answer was complete.',
  );
  await expect(attempts.nth(0)).toContainText(', estimated');
  await expect(attempts.nth(1)).toContainText('$0.000027');
  await expect(attempts.nth(1)).not.toContainText('estimated');
  const costUsd = settled?.cost_usd?.replace(/0+$/, '');
  await expect(region).toContainText(`Together$${costUsd}, estimated`);
  const cost = page.getByRole('region', { name: 'Cost' });
  await expect(cost).toContainText('for an attempt that brought no answer');
  await expect(cost.getByRole('row', { name: /Earlier attempts/ })).toBeVisible();
  await expect(cost.getByRole('row', { name: /Together/ })).toContainText(`$${costUsd}`);
  await expect(cost).not.toContainText('differs from this arithmetic');
});

test('[ROUT3] while one looks, a key that keeps failing is shown as avoided, with the reason, and well again afterwards', async ({
  browser,
}) => {
  const caller = await makeCaller('openai');
  const reserve = await storeProviderKey(caller.organizationId, caller.owner, 'openai');
  const update = caller.owner.db.from('provider_credentials').update({ name: 'Main', priority: 5 });
  await update.eq('last_four', caller.upstreamKey.slice(-4)).throwOnError();
  await playScripts(readUpstreamUrl(), caller.upstreamKey, fails);
  await playScripts(readUpstreamUrl(), reserve, works);
  const page = await openSignedIn(browser, caller.owner);
  await page.goto(`/${await slugOf(caller.organizationId)}/providers`);
  const main = page.getByRole('table', { name: 'Credentials' }).getByRole('row', { name: /Main/ });
  await expect(main).toContainText('Working');
  await call(caller);
  await expect(main).toContainText('Failing');
  await expect(main).toContainText('The provider was overloaded (503). 1 failure in a row');
  for (let made = 1; made < 5; made++) await call(caller);
  await expect(main).toContainText(/Avoided for \d+\ss/);
  await expect(main).toContainText('5 failures in a row');
  await expectPresentable(page, 'credential-avoided');
  await page.setViewportSize(wide);
  await operatorSql()`
    update public.credential_health set avoided_until = now() where organization_id = ${caller.organizationId}`;
  await playScripts(readUpstreamUrl(), caller.upstreamKey, works);
  await call(caller);
  await expect(main).toContainText('Working');
});

test('[ROUT4] with one attempt at most a call is not tried again, and the setting says what it takes', async ({
  browser,
}) => {
  const caller = await makeCaller('openai');
  const page = await openSignedIn(browser, caller.owner);
  await page.goto(`/${await slugOf(caller.organizationId)}/settings`);
  const calls = page.getByRole('region', { name: 'Calls' });
  const most = calls.getByRole('textbox', { name: 'Attempts at most' });
  await expect(most).toHaveValue('3');
  await most.fill('9');
  await calls.getByRole('button', { name: 'Save' }).click();
  await expect(calls.getByText('A whole number between 1 and 5.')).toBeVisible();
  await most.fill('1');
  await calls.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('The settings are saved.')).toBeVisible();
  await playScripts(readUpstreamUrl(), caller.upstreamKey, fails, works);
  expect((await call(caller)).status).toBe(503);
});

test('[ROUT5] an alias is made, put in order, renamed and deleted, and its clashes are told in words', async ({
  browser,
}) => {
  const caller = await makeCaller('openai');
  const slug = await slugOf(caller.organizationId);
  const page = await openSignedIn(browser, caller.owner);
  await createAlias(page, slug, 'smart', model, 'gpt-4o');
  const aliases = page.getByRole('table', { name: 'Model aliases' });
  await expect(aliases.getByRole('row', { name: /smart/ })).toContainText(/gpt-4o-mini.*then.*gpt-4o/);
  await expect(page.getByRole('region', { name: 'In your code' })).toContainText('model="smart"');

  await page.getByRole('button', { name: 'Create alias' }).click();
  const creating = page.getByRole('dialog', { name: 'Create a model alias' });
  await creating.getByRole('button', { name: 'Create alias' }).click();
  await expect(creating.getByText('Give it a name.')).toBeVisible();
  await expect(creating.getByText('Choose at least one model.')).toBeVisible();
  await creating.getByLabel('Alias').fill('smart');
  await chooseModel(page, 'gpt-4o');
  await creating.getByRole('button', { name: 'Create alias' }).click();
  await expect(creating.getByText('There is an alias with this name already.')).toBeVisible();
  await page.keyboard.press('Escape');

  await aliases.getByRole('button', { name: 'Actions for smart' }).click();
  await page.getByRole('menuitem', { name: 'Edit' }).click();
  const editing = page.getByRole('dialog', { name: 'Edit smart' });
  await editing.getByRole('button', { name: 'Move gpt-4o up' }).click();
  await editing.getByLabel('Alias').fill('wise');
  await expect(editing.getByText('Applications that ask for smart have to be changed')).toBeVisible();
  await expectPresentable(page, 'edit-alias', { isOverlay: true });
  await page.setViewportSize(wide);
  await editing.getByRole('button', { name: 'Save' }).click();
  await expect(aliases.getByRole('row', { name: /wise/ })).toContainText(/gpt-4o.*then.*gpt-4o-mini/);

  await aliases.getByRole('button', { name: 'Actions for wise' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete alias' }).click();
  await expect(page.getByText('Names of your own for models will be here.')).toBeVisible();
});

async function addCredential(page: Page, name: string, apiKey: string): Promise<void> {
  await page.getByRole('button', { name: 'Add credential' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a credential' });
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('textbox', { name: 'API key' }).fill(apiKey);
  await dialog.getByRole('button', { name: 'Add credential' }).click();
  await expect(page.getByText('The credential works.')).toBeVisible();
}

async function setPriority(page: Page, name: string, priority: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: 'Order' }).click();
  const dialog = page.getByRole('dialog', { name: `When ${name} is asked` });
  await dialog.getByLabel('Weight').fill('0');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByText('A whole number between 1 and 1000.')).toBeVisible();
  await dialog.getByLabel('Weight').fill('2');
  await expect(dialog.getByRole('region', { name: 'Order' })).toContainText('First, 67% of calls');
  await dialog.getByLabel('Priority').fill(priority);
  await expect(dialog.getByRole('region', { name: 'Order' })).toContainText('Second');
  await expectPresentable(page, 'credential-order', { isOverlay: true });
  await page.setViewportSize(wide);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('The order holds from the next call on.')).toBeVisible();
}

async function createAlias(page: Page, slug: string, name: string, ...models: string[]): Promise<void> {
  await page.goto(`/${slug}/model-aliases`);
  await page.getByRole('button', { name: 'Create alias' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create a model alias' });
  await dialog.getByLabel('Alias').fill(name);
  for (const each of models) await chooseModel(page, each);
  await dialog.getByRole('button', { name: 'Create alias' }).click();
  await expect(page.getByText(`${name} means this from the next call on.`)).toBeVisible();
  await expect(dialog).toHaveCount(0);
}

async function chooseModel(page: Page, name: string): Promise<void> {
  await page.getByRole('combobox', { name: 'Add a model' }).fill(name);
  await page.getByRole('option', { name, exact: true }).click();
  await expect(page.getByRole('list', { name: 'Models in order' })).toContainText(name);
}
