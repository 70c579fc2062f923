import { expect, type Page } from '@playwright/test';
import { settledLedger } from '../support/ledger.ts';
import { callSandbox, makeSandboxOrganization } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';

async function openPage(browser: Parameters<typeof openSignedIn>[0], path: string) {
  const organization = await makeSandboxOrganization();
  const page = await openSignedIn(browser, organization.owner);
  await page.goto(`/${organization.slug}${path}`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  return { page, organization };
}

test('[KEYB1] the first Tab offers to skip the menu', async ({ browser }) => {
  const { page } = await openPage(browser, '/members');
  await expect(page.getByRole('button', { name: 'Invite' })).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeInViewport();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Invite' })).toBeFocused();
});

for (const path of [
  '',
  '/usage',
  '/archives',
  '/office',
  '/budgets',
  '/budgets/rate-limits',
  '/alerts',
  '/alerts/channels',
  '/tasks',
  '/tasks?layout=board',
  '/whiteboard',
  '/agents',
  '/projects',
  '/providers',
  '/model-aliases',
  '/prices',
  '/reconciliation',
  '/statements',
  '/reports',
  '/reports/new',
  '/members',
  '/audit-log',
  '/settings',
]) {
  test(`[KEYB2] Tab walks through ${path || 'the overview'} in reading order, and one sees where`, async ({
    browser,
  }) => {
    const { page } = await openPage(browser, path);
    // A field's border would still be on its way from one color to the other.
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await expect(page.getByLabel(/^Loading/)).toHaveCount(0);
    const stops: Stop[] = [];
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press('Tab');
      const stop = await focusedStop(page);
      if (!stop) break;
      stops.push(stop);
    }
    expect(stops.length).toBeGreaterThan(8);
    expect(stops.filter(({ isMarked }) => !isMarked)).toEqual([]);
    const orders = stops.map(({ order }) => order);
    expect(orders).toEqual(orders.toSorted((a, b) => a - b));
  });
}

test('[KEYB3] Ctrl-K opens the commands, which lead anywhere without a mouse', async ({ browser }) => {
  const { page, organization } = await openPage(browser, '');
  await page.keyboard.press('ControlOrMeta+k');
  const search = page.getByRole('textbox', { name: 'Search pages, projects, people and commands' });
  await expect(search).toBeFocused();
  await page.keyboard.type('provid');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`/${organization.slug}/providers`);
  await expect(search).toHaveCount(0);

  await page.keyboard.press('ControlOrMeta+k');
  await expect(search).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(search).toHaveCount(0);

  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('Project');
  await page.getByRole('button', { name: 'Project', exact: true }).waitFor();
  await page.keyboard.type(' no one has');
  await expect(page.getByText('Nothing by that name.')).toBeVisible();
});

test('[KEYB4] a dialog keeps the focus inside, and Escape gives it back', async ({ browser }) => {
  const { page } = await openPage(browser, '/members');
  const invite = page.getByRole('button', { name: 'Invite' });
  await invite.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Invite a colleague' });
  await expect(dialog.getByLabel('Email')).toBeFocused();
  for (let presses = 0; presses < 12; presses += 1) {
    await page.keyboard.press('Tab');
    expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  }
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(invite).toBeFocused();
});

test('[KEYB5] a call opens with Enter and closes with Escape, at the address where it was', async ({
  browser,
}) => {
  const { page, organization } = await openPage(browser, '/usage');
  await callSandbox(organization.proxyKey);
  await settledLedger(organization.organizationId);
  const call = page.getByRole('table', { name: 'Calls' }).getByRole('link').first();
  await call.focus();
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog', { name: 'Call' });
  await expect(drawer.getByRole('heading', { name: 'Attribution' })).toBeVisible();
  await expect(page).toHaveURL(/\/usage\/[0-9a-f-]{36}$/);
  for (let presses = 0; presses < 20; presses += 1) {
    await page.keyboard.press('Tab');
    expect(await drawer.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  }
  await page.keyboard.press('Escape');
  await expect(drawer).toHaveCount(0);
  await expect(page).toHaveURL(`/${organization.slug}/usage`);
});

test('[KEYB6] one signs in and makes a project and its key with the keyboard alone', async ({ browser }) => {
  const { owner, slug } = await makeSandboxOrganization();
  const page = await (await browser.newContext()).newPage();
  await page.goto('/sign-in');
  await page.getByLabel('Email').focus();
  await page.keyboard.type(owner.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(owner.password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();

  await page.goto(`/${slug}/projects`);
  await page.getByRole('button', { name: 'Create project' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Project name')).toBeFocused();
  await page.keyboard.type('Keyboard project');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Keyboard project' })).toBeVisible();

  await page.getByRole('button', { name: 'Create key' }).first().focus();
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Key name')).toBeFocused();
  await page.keyboard.type('Keyboard key');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Your key' });
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog, 'the only sight of the key is not lost by accident').toBeVisible();
  await dialog.getByRole('button', { name: 'Done' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('table', { name: 'Keys' })).toContainText('Keyboard key');
});

test('[KEYB7] a menu opens, is walked and left by keyboard', async ({ browser }) => {
  const { page, organization } = await openPage(browser, '/projects');
  await page.goto(`/${organization.slug}/projects/${organization.projectId}`);
  const actions = page.getByRole('button', { name: 'Actions for Key', exact: true });
  await actions.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'See its calls' })).toBeVisible();
  // The focus moves in a moment after the menu is shown; keys pressed before are the button's.
  await expect(page.locator('[role="menu"]:focus, [role="menu"] :focus')).toBeAttached();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  await expect(page.getByRole('menuitem', { name: 'Revoke' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('menu')).toHaveCount(0);
  await expect(actions).toBeFocused();
});

test('[KEYB8] an alias is made and its models are put in order by keyboard alone', async ({ browser }) => {
  const { page } = await openPage(browser, '/model-aliases');
  await page.getByRole('button', { name: 'Create alias' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Alias' })).toBeFocused();
  await page.keyboard.type('smart');
  await page.keyboard.press('Tab');
  const models = page.getByRole('list', { name: 'Models in order' }).getByRole('listitem');
  for (const [count, model] of ['claude-haiku-4-5', 'gpt-4o-mini', 'claude-opus-4-5'].entries()) {
    await expect(page.getByRole('combobox', { name: 'Add a model' })).toBeFocused();
    await page.keyboard.type(model);
    await expect(page.getByRole('option', { name: model, exact: true })).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(models).toHaveCount(count + 1);
  }
  await page.keyboard.type('nobody’s model');
  await page.keyboard.press('Enter');
  await expect(page.getByText('No model with a price is called so.')).toBeVisible();
  await page.getByRole('button', { name: 'Move gpt-4o-mini up' }).focus();
  await page.keyboard.press('Enter');
  await expect(models.first()).toContainText('gpt-4o-mini');
  await expect(page.getByRole('button', { name: 'Move gpt-4o-mini up' })).toBeFocused();
  await expect(page.getByText('gpt-4o-mini is asked as number 1 of 3.')).toBeAttached();
  await page.keyboard.press('Enter');
  await expect(models.first(), 'there is nothing above the first').toContainText('gpt-4o-mini');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(models).toHaveCount(2);
  await expect(page.getByRole('button', { name: 'Remove claude-haiku-4-5' })).toBeFocused();
  await page.getByRole('button', { name: 'Create alias', exact: true }).last().focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('table', { name: 'Model aliases' })).toContainText('smart');
});

type Stop = { name: string; order: number; isMarked: boolean };

/** What has the focus: its place in the document, and whether it looks different from before. Null at the page's end. */
async function focusedStop(page: Page): Promise<Stop | null> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) return null;
    const { outlineStyle, outlineWidth, borderColor } = getComputedStyle(element);
    const hasOutline = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1;
    // Mantine marks fields by their border, and hidden inputs of a choice by what stands beside them.
    const isField = element.matches('input, textarea, [role="combobox"]');
    element.blur();
    const isBorderMarked = getComputedStyle(element).borderColor !== borderColor;
    element.focus({ preventScroll: true });
    return {
      name: `${element.tagName} ${element.getAttribute('aria-label') ?? element.textContent.slice(0, 40)}`,
      order: [...document.querySelectorAll('*')].indexOf(element),
      isMarked: hasOutline || isBorderMarked || (isField && element.offsetWidth < 2),
    };
  });
}
