import { expect, type Page } from '@playwright/test';
import { addBudget } from '../support/add-budget.ts';
import { operatorSql } from '../support/database.ts';
import { addMember, makeOrganization } from '../support/organization.ts';
import { expectPresentable, narrow } from './expect-presentable.ts';
import { callSandbox, makeSandboxOrganization, slugOf } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';

const bell = (page: Page) => page.getByRole('button', { name: /^Notifications/ });
const panel = (page: Page) => page.getByRole('dialog', { name: 'Notifications' });

test('[BEL1] a budget’s warning is in the bell without a reload, leads to the alert, and is read then in every tab', async ({
  browser,
}) => {
  const caller = await makeSandboxOrganization();
  const page = await openSignedIn(browser, caller.owner);
  const other = await page.context().newPage();
  await page.goto(`/${caller.slug}/members`);
  await other.goto(`/${caller.slug}/settings`);
  for (const each of [page, other]) await expect(bell(each)).toHaveAccessibleName('Notifications');
  await addBudget(caller, { limit_usd: 0.00001, warn_at: [50], mode: 'soft' });
  await callSandbox(caller.proxyKey);
  // Warnings are looked for every ten seconds.
  await expect(bell(page)).toHaveAccessibleName('Notifications, 1 not read', { timeout: 30_000 });
  await expect(bell(other)).toHaveAccessibleName('Notifications, 1 not read');

  await bell(page).click();
  await panel(page)
    .getByRole('link', { name: /budget of .* is \d+% used/ })
    .click();
  await expect(page).toHaveURL(/\/alerts\/\d+$/);
  await expect(panel(page)).toBeHidden();
  for (const each of [page, other]) await expect(bell(each)).toHaveAccessibleName('Notifications');
  await page.reload();
  await expect(bell(page)).toHaveAccessibleName('Notifications');
});

test('[BEL2] the bell is fit to be seen and used by keyboard; all of it is read at once', async ({
  browser,
}) => {
  const organization = await makeOrganization();
  const { organizationId, owner, member } = organization;
  const slug = await slugOf(organizationId);
  const task = { title: 'Compare the prices of three suppliers', agent: 'Nova', cost_usd: '0.0312' };
  for (const [kind, data] of [
    ['task_completed', task],
    ['task_failed', { ...task, reason: 'Its budget is used up.' }],
    ['approval_needed', task],
  ] as const)
    await operatorSql()`
      select private.notify(${organizationId}, ${member.userId}, ${kind}, gen_random_uuid()::text,
        ${operatorSql().json(data)})`;
  await owner.db.rpc('create_organization', { name: 'Side venture' }).throwOnError();
  const page = await openSignedIn(browser, member);
  await page.goto(`/${slug}/members`);
  await expect(bell(page)).toHaveAccessibleName('Notifications, 3 not read');
  await bell(page).focus();
  await page.keyboard.press('Enter');
  await expect(panel(page).getByText('Nova completed “Compare the prices of three suppliers”')).toBeVisible();
  // Narrow, another bell is there: the panel of this one is gone with it.
  await expectPresentable(page, 'notifications', { isOverlay: true, size: 'wide' });
  await page.keyboard.press('Escape');
  await expect(panel(page)).toBeHidden();
  await expect(bell(page)).toBeFocused();
  await page.keyboard.press('Enter');
  await panel(page).getByRole('button', { name: 'Mark all as read' }).press('Enter');
  await expect(bell(page)).toHaveAccessibleName('Notifications');
  await expect(panel(page).getByRole('button', { name: 'Mark all as read' })).toBeHidden();
  await page.keyboard.press('Escape');
  await page.setViewportSize(narrow);
  await bell(page).click();
  await expect(panel(page).getByText('Nova completed')).toBeVisible();
  await expectPresentable(page, 'notifications', { isOverlay: true, size: 'narrow' });
});

test('[BEL3] who is invited elsewhere is told in the app, and sees nothing of it once it is withdrawn', async ({
  browser,
}) => {
  const { organizationId, owner, outsider } = await makeOrganization();
  const page = await openSignedIn(browser, outsider);
  await page.goto('/profile');
  await expect(bell(page)).toHaveAccessibleName('Notifications');
  const { data } = await owner.db
    .rpc('create_invitation', { organization_id: organizationId, email: outsider.email, role: 'admin' })
    .single()
    .throwOnError();
  await expect(bell(page)).toHaveAccessibleName('Notifications, 1 not read');
  await bell(page).click();
  await expect(panel(page)).toContainText(`Open the link in the mail to ${outsider.email}`);
  await page.keyboard.press('Escape');
  await owner.db.from('invitations').delete().eq('id', data.id).throwOnError();
  await expect(bell(page)).toHaveAccessibleName('Notifications');
  await bell(page).click();
  await expect(panel(page).getByText('Nothing to tell you yet.')).toBeVisible();
});

test('[BEL4] one chooses in the profile what is mailed, and it stays', async ({ browser }) => {
  const { organizationId, owner } = await makeOrganization();
  const person = await addMember(organizationId, owner);
  const page = await openSignedIn(browser, person);
  await page.goto('/profile');
  const mail = page.getByRole('region', { name: 'Mail' });
  await expect(mail.getByRole('switch', { name: 'Approvals' })).toBeChecked();
  await expect(mail.getByRole('switch', { name: 'Completed tasks' })).not.toBeChecked();
  await mail.getByRole('switch', { name: 'Approvals' }).uncheck();
  await mail.getByRole('switch', { name: 'Completed tasks' }).check();
  await expect
    .poll(
      async () => (await person.db.from('profiles').select('preferences').eq('user_id', person.userId)).data,
    )
    .toEqual([{ preferences: { mail: { approval_needed: false, task_completed: true } } }]);
  await page.reload();
  await expect(mail.getByRole('switch', { name: 'Approvals' })).not.toBeChecked();
  await expect(mail.getByRole('switch', { name: 'Completed tasks' })).toBeChecked();
});
