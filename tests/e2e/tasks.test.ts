import { expect } from '@playwright/test';
import { taskInStatus } from '../support/ended-task.ts';
import { assignTask, makeAgent } from '../support/make-agent.ts';
import { operatorSql } from '../support/database.ts';
import { addMember } from '../support/organization.ts';
import { expectPresentable, wide } from './expect-presentable.ts';
import { makeSandboxOrganization } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';

/** Priced, and answered by the sandbox. */
const model = 'gpt-4o-mini';

test('[WORK1] an agent is made, gets a task, is watched at work, sent back and approved', async ({
  browser,
}) => {
  const { owner, slug } = await makeSandboxOrganization();
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/agents`);
  await page.getByRole('button', { name: 'Create agent' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Create an agent' });
  await dialog.getByRole('button', { name: 'Create agent' }).click();
  await expect(dialog.getByText('Give it a name.')).toBeVisible();
  await expect(dialog.getByText('Choose a model or an alias.')).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Ada');
  await dialog.getByRole('textbox', { name: 'Role' }).fill('Researcher');
  await dialog.getByRole('combobox', { name: 'Model' }).fill(model);
  await dialog.getByRole('textbox', { name: 'Instructions' }).fill('You answer briefly.');
  await expectPresentable(page, 'create-agent', { isOverlay: true });
  await page.setViewportSize(wide);
  await dialog.getByRole('button', { name: 'Create agent' }).click();
  const agents = page.getByRole('table', { name: 'Agents' });
  await expect(agents.getByRole('row', { name: /Ada/ })).toContainText('$10.00 a month');

  await agents.getByRole('link', { name: /Ada/ }).click();
  await page.getByRole('button', { name: 'New task' }).first().click();
  const assigning = page.getByRole('dialog', { name: 'New task' });
  await assigning.getByRole('textbox', { name: 'Task' }).fill('Write a haiku about budgets');
  await assigning.getByRole('switch', { name: 'I approve the result' }).check({ force: true });
  await expectPresentable(page, 'new-task', { isOverlay: true });
  await page.setViewportSize(wide);
  await assigning.getByRole('button', { name: 'Assign task' }).click();

  const drawer = page.getByRole('dialog', { name: 'Task' });
  await expect(drawer.getByRole('heading', { name: 'Write a haiku about budgets' })).toBeVisible();
  const steps = drawer.getByRole('region', { name: 'Steps' });
  await expect(steps.getByText('Read the latest tasks')).toBeVisible({ timeout: 20_000 });
  await expect(drawer.getByRole('button', { name: 'Approve' })).toBeVisible({ timeout: 20_000 });
  await expect(drawer.getByRole('region', { name: 'Result' })).toContainText('the sandbox');
  await expectPresentable(page, 'task', { isOverlay: true });
  await page.setViewportSize(wide);

  await drawer.getByRole('button', { name: 'Send back', exact: true }).click();
  await drawer.getByRole('textbox', { name: 'What is to be better' }).fill('In seventeen syllables, please');
  await drawer.getByRole('button', { name: 'Send back with comment' }).click();
  await expect(steps.getByText('In seventeen syllables, please')).toBeVisible();
  await expect(drawer.getByText('Needs approval')).toBeVisible({ timeout: 20_000 });
  await drawer.getByRole('button', { name: 'Approve' }).click();
  await expect(drawer.getByText('Done', { exact: true })).toBeVisible();
  await expect(drawer.getByLabel('Cost so far')).not.toHaveText('$0.00');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('table', { name: 'Tasks' }).getByRole('row', { name: /haiku/ })).toContainText(
    'Done',
  );
  await page.getByRole('link', { name: 'Usage', exact: true }).click();
  await expect(page.getByRole('table', { name: 'Calls' }).getByRole('row').nth(1)).toContainText('Ada');
});

test('[WORK2] a colleague sees a task move without asking, and stops it', async ({ browser }) => {
  const organization = await makeSandboxOrganization();
  const { organizationId, owner, slug } = organization;
  const colleague = await addMember(organizationId, owner);
  const agentId = await makeAgent(organization, { model });
  await owner.db.from('agents').update({ is_active: false }).eq('id', agentId).throwOnError();
  const page = await openSignedIn(browser, colleague);
  await page.goto(`/${slug}/tasks`);
  await expect(page.getByText('Tasks will be here.')).toBeVisible();
  const id = await assignTask(organization, agentId, { title: 'Count to ten' });
  const row = page.getByRole('table', { name: 'Tasks' }).getByRole('row', { name: /Count to ten/ });
  await expect(row).toContainText('Waiting');
  await row.getByRole('link').click();
  const drawer = page.getByRole('dialog', { name: 'Task' });
  await drawer.getByRole('button', { name: 'Stop' }).click();
  await expect(drawer.getByText('Stopped')).toBeVisible();
  await owner.db.from('agents').update({ is_active: true }).eq('id', agentId).throwOnError();
  await drawer.getByRole('button', { name: 'Restart' }).click();
  await expect(drawer.getByText('Done', { exact: true })).toBeVisible({ timeout: 20_000 });
  expect(await taskInStatus(id)).toMatchObject({ status: 'completed' });
});

test('[WORK3] what blocks a task is said, and a used up plan too', async ({ browser }) => {
  const organization = await makeSandboxOrganization();
  const { organizationId, owner, slug } = organization;
  const agentId = await makeAgent(organization, { model, budgetUsd: 0.0000001 });
  const id = await assignTask(organization, agentId, { title: 'Spend what there is' });
  await taskInStatus(id, ['failed']);
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/tasks/${id}`);
  const drawer = page.getByRole('dialog', { name: 'Task' });
  await expect(drawer.getByRole('status').filter({ hasText: 'budget of agent Ada' })).toBeVisible();
  await expectPresentable(page, 'task-blocked', { isOverlay: true });
  await page.setViewportSize(wide);
  await operatorSql()`
    insert into public.organization_plan_overrides (organization_id, resource, amount, reason)
    values (${organizationId}, 'tasks_month', 1, 'test')`;
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'New task' }).click();
  const assigning = page.getByRole('dialog', { name: 'New task' });
  await assigning.getByRole('textbox', { name: 'Task' }).fill('One too many');
  await assigning.getByRole('button', { name: 'Create task' }).click();
  await expect(assigning.getByRole('alert')).toContainText('room for 1 task a month');
});
