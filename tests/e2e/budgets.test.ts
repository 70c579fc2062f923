import { expect } from '@playwright/test';
import { addBudget } from '../support/add-budget.ts';
import { operatorSql } from '../support/database.ts';
import { makeOrganization, mintProxyKey } from '../support/organization.ts';
import { expectPresentable, wide } from './expect-presentable.ts';
import { callSandbox, makeSandboxOrganization, slugOf } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';

test('[BUDG1] a budget is set, fills while one looks, refuses with its address, is raised, and lets through again', async ({
  browser,
}) => {
  const { proxyKey, owner, slug } = await makeSandboxOrganization();
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/budgets`);
  await page.getByRole('button', { name: 'Create budget' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create a budget' });
  await dialog.getByRole('combobox', { name: 'Budget of' }).click();
  await page.getByRole('option', { name: 'Project' }).click();
  await dialog.getByRole('button', { name: 'Create budget' }).click();
  await expect(dialog.getByText('Say which one.')).toBeVisible();
  await expect(dialog.getByText('Give it an amount; zero allows nothing.')).toBeVisible();
  await expectPresentable(page, 'create-budget', { isOverlay: true });
  await page.setViewportSize(wide);
  await dialog.getByRole('combobox', { name: 'Project' }).click();
  await page.getByRole('option', { name: 'Project' }).click();
  // A call of three tokens fits a few times.
  await dialog.getByRole('textbox', { name: 'Limit' }).fill('0.0001');
  await dialog.getByRole('button', { name: 'Create budget' }).click();

  const budgets = page.getByRole('table', { name: 'Budgets' });
  const meter = budgets.getByRole('meter', { name: 'Budget' });
  await expect(meter).toHaveAttribute('aria-valuenow', '0');
  await callSandbox(proxyKey);
  await expect(meter).not.toHaveAttribute('aria-valuenow', '0', { timeout: 3_000 });

  const refusal = await fillUp(proxyKey);
  expect(refusal).toContain('The monthly budget of project Project of $0.0001 leaves no room');
  const address = /https?:\S+/.exec(refusal)?.[0] ?? '';
  await page.goto(address);
  const drawer = page.getByRole('dialog', { name: 'Budget' });
  await expect(drawer.getByRole('region', { name: 'Spending' })).toContainText('$0.0001');
  await expect(drawer.getByRole('region', { name: 'Warnings' })).toContainText('passed');
  await expectPresentable(page, 'budget-drawer', { isOverlay: true });
  await page.setViewportSize(wide);
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(new RegExp(`/${slug}/budgets$`));

  await budgets.getByRole('button', { name: 'Actions for the budget of Project' }).click();
  await page.getByRole('menuitem', { name: 'Change limit' }).click();
  await page.getByRole('textbox', { name: 'Limit' }).fill('2');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(budgets).toContainText('of $2.00');
  await callSandbox(proxyKey);

  await budgets.getByRole('button', { name: 'Actions for the budget of Project' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete budget' }).click();
  await expect(page.getByText('Budgets of projects, keys, people and agents will be here.')).toBeVisible();
});

test('[BUDG2] a member asks for more, an admin grants it for a while, and the member’s call passes', async ({
  browser,
}) => {
  const organization = await makeOrganization();
  const { organizationId, projectId, owner, admin, member } = organization;
  await owner.db.rpc('enable_sandbox', { organization_id: organizationId });
  const proxyKey = await mintProxyKey(projectId, owner);
  const budget = await addBudget(organization, {
    scope: 'project',
    scope_id: projectId,
    period: 'day',
    limit_usd: 0,
  });
  await expect(callSandbox(proxyKey)).rejects.toThrow(/daily budget of project/);

  const address = `/${await slugOf(organizationId)}/budgets/${budget}`;
  const theirs = await openSignedIn(browser, member);
  await theirs.goto(address);
  await theirs.getByRole('button', { name: 'Ask for a higher limit' }).click();
  await theirs.getByRole('button', { name: 'Ask', exact: true }).click();
  await expect(theirs.getByText('Give it an amount above the present limit.')).toBeVisible();
  await theirs.getByLabel('New limit').fill('3');
  await theirs.getByLabel('What for').fill('The launch on Friday');
  await expectPresentable(theirs, 'request-increase', { isOverlay: true });
  await theirs.getByRole('button', { name: 'Ask', exact: true }).click();
  await expect(theirs.getByText('$3.00: The launch on Friday')).toBeVisible();

  const page = await openSignedIn(browser, admin);
  await page.goto(address);
  const drawer = page.getByRole('dialog', { name: 'Budget' });
  await expect(drawer.getByText('$3.00: The launch on Friday')).toBeVisible();
  await expectPresentable(page, 'budget-request', { isOverlay: true });
  await page.setViewportSize(wide);
  await drawer.getByRole('button', { name: 'Grant' }).click();
  await page.getByRole('menuitem', { name: 'For a week' }).click();
  await expect(drawer.getByText('Back to $0.00')).toBeVisible();
  await expect(drawer.getByText('Nobody waits for a higher limit.')).toBeVisible();
  await callSandbox(proxyKey);
});

test('[BUDG3] whoever thinks about a limit sees what it would have refused last month', async ({
  browser,
}) => {
  const { organizationId, projectId, owner, slug } = await makeSandboxOrganization();
  await operatorSql()`
    insert into public.ai_usage (id, organization_id, project_id, proxy_key_id, dialect, operation, provider, model, status,
      cost_usd, request_id, created_at, settled_at)
    select gen_random_uuid(), ${organizationId}, ${projectId}, ${projectId}, 'openai', 'chat.completions', 'openai', 'm',
      'succeeded', 0.75, 'r', at, at
    from generate_series(1, 3) n
    cross join lateral (select date_trunc('month', now(), 'UTC') - interval '20 days' + n * interval '1 hour' as at) t`;
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/budgets`);
  await page.getByRole('button', { name: 'Create budget' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create a budget' });
  await dialog.getByRole('textbox', { name: 'Limit' }).fill('2');
  await expect(
    dialog.getByText(
      /^Last month it would have refused 1 of 3 calls for \$2\.25: \$0\.75 of them, the first on/,
    ),
  ).toBeVisible();
  await expectPresentable(page, 'budget-dry-run', { isOverlay: true });
  await page.setViewportSize(wide);
  await dialog.getByRole('textbox', { name: 'Limit' }).fill('3');
  await expect(dialog.getByText('Last month it would have refused none of 3 calls for $2.25.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Create budget' }).click();
  await page.getByRole('table', { name: 'Budgets' }).getByRole('link').click();
  const drawer = page.getByRole('dialog', { name: 'Budget' });
  await expect(drawer.getByRole('region', { name: 'Last month' })).toContainText('refused none of 3 calls');
});

/** Calls until one is refused; answers why. */
async function fillUp(proxyKey: string): Promise<string> {
  for (let made = 0; made < 50; made++) {
    try {
      await callSandbox(proxyKey);
    } catch (error) {
      return String(error);
    }
  }
  throw new Error('The budget never refused.');
}
