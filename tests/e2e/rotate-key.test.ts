import { setTimeout as wait } from 'node:timers/promises';
import { expect, type Page } from '@playwright/test';
import { operatorSql } from '../support/database.ts';
import { settledLedger } from '../support/ledger.ts';
import { addMember, liftRateLimits, mintProxyKey } from '../support/organization.ts';
import { expectPresentable, wide } from './expect-presentable.ts';
import { callSandbox, makeSandboxOrganization } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';

/** Clients that call one after another, each with the secret that it is given, and keep what failed. */
function startTraffic(clients: number, secretOf: (client: number) => string) {
  let isOver = false;
  let made = 0;
  const failures: string[] = [];
  const running = Array.from({ length: clients }, async (_, client) => {
    while (!isOver) {
      await callSandbox(secretOf(client)).catch((error: unknown) => failures.push(String(error)));
      made++;
      await wait(100);
    }
  });
  return {
    failures,
    madeCalls: () => made,
    async stop(): Promise<void> {
      isOver = true;
      await Promise.all(running);
    },
  };
}

test('[ROTKEY1] a key is rotated under traffic, clients switch over one by one, and not one call fails', async ({
  browser,
}) => {
  const { organizationId, proxyKey, owner, projectId, slug } = await makeSandboxOrganization();
  await liftRateLimits(organizationId);
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/projects/${projectId}`);
  const secrets = Array.from({ length: 4 }, () => proxyKey);
  const traffic = startTraffic(secrets.length, (client) => secrets[client] ?? '');
  await expect.poll(traffic.madeCalls).toBeGreaterThan(8);

  await page.getByRole('button', { name: 'Actions for Key' }).click();
  await page.getByRole('menuitem', { name: 'Rotate' }).click();
  await expectPresentable(page, 'rotate-key', { isOverlay: true });
  await page.setViewportSize(wide);
  await page.getByRole('radio', { name: 'For an hour' }).check();
  await page.getByRole('button', { name: 'Rotate key' }).click();
  await expect(page.getByText(/The one before works until/)).toBeVisible();
  const renewed = await page.getByLabel('Proxy key', { exact: true }).innerText();
  expect(renewed).toMatch(/^khq_[0-9a-f]{16}_[0-9a-f]{64}$/);
  expect(renewed).not.toBe(proxyKey);
  await expect(page.getByRole('dialog').locator('pre')).toContainText(renewed);
  await expectPresentable(page, 'rotated-key', { isOverlay: true });
  await page.setViewportSize(wide);
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByText(/Old secret works until/)).toBeVisible();
  await expect(page.getByText(renewed)).toBeHidden();

  for (const client of secrets.keys()) {
    secrets[client] = renewed;
    const before = traffic.madeCalls();
    await expect.poll(traffic.madeCalls).toBeGreaterThan(before + 4);
  }
  await traffic.stop();
  expect(traffic.failures).toEqual([]);
  const rows = await settledLedger(organizationId);
  expect(rows.length).toBe(traffic.madeCalls());
  expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(['succeeded']));

  // Once everyone has switched over, nothing is left to wait for.
  await page.getByRole('button', { name: 'Actions for Key' }).click();
  await page.getByRole('menuitem', { name: 'Rotate' }).click();
  await page.getByRole('radio', { name: 'Not at all' }).check();
  await page.getByRole('button', { name: 'Rotate key' }).click();
  await expect(page.getByText('The one before does not work any more.')).toBeVisible();
  for (const secret of [proxyKey, renewed])
    await expect(callSandbox(secret)).rejects.toThrow(/was replaced by a newer one/);
  await callSandbox(await page.getByLabel('Proxy key', { exact: true }).innerText());
});

async function removeFromMenu(page: Page, email: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${email}` }).click();
  await page.getByRole('menuitem', { name: 'Remove from organization' }).click();
}

test('[ROTKEY2] a member makes a key of their own where an admin allows it, and sees and manages it', async ({
  browser,
}) => {
  const { organizationId, owner, projectId, slug } = await makeSandboxOrganization();
  const admin = await openSignedIn(browser, owner);
  await admin.goto(`/${slug}/settings`);
  await admin.getByLabel('Members create keys for themselves').check();
  await admin.getByLabel('Limit of each member a month').fill('5');
  await admin.getByRole('region', { name: 'Personal keys' }).getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByText('The settings are saved.')).toBeVisible();
  await expectPresentable(admin, 'settings-personal-keys');

  const member = await addMember(organizationId, owner);
  const page = await openSignedIn(browser, member);
  await page.goto(`/${slug}/projects`);
  await page.getByRole('button', { name: 'Create personal key' }).click();
  await expect(page.getByRole('dialog').getByLabel('Project')).toHaveValue('Project');
  await page.getByLabel('Key name').fill('Laptop');
  await page.getByRole('button', { name: 'Create key' }).click();
  const personal = await page.getByLabel('Proxy key', { exact: true }).innerText();
  await page.getByRole('button', { name: 'Done' }).click();
  await callSandbox(personal);
  const keys = page.getByRole('region', { name: 'Your personal keys' });
  await expect(keys).toContainText('Laptop');
  await expectPresentable(page, 'personal-keys');
  await page.setViewportSize(wide);
  await keys.getByRole('button', { name: 'Actions for Laptop' }).click();
  await expect(page.getByRole('menuitem', { name: 'Freeze' })).toBeHidden();
  await page.getByRole('menuitem', { name: 'Rotate' }).click();
  await page.getByRole('button', { name: 'Rotate key' }).click();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.goto(`/${slug}/budgets`);
  await expect(page.getByText('$5.00').first()).toBeVisible();

  // As if they had been an admin when they made it.
  const shared = await mintProxyKey(projectId, owner, { name: 'Checkout' });
  await operatorSql()`update public.proxy_keys set created_by = ${member.userId}
    where project_id = ${projectId} and name = 'Checkout'`;
  await admin.setViewportSize(wide);
  await admin.goto(`/${slug}/members`);
  await removeFromMenu(admin, member.email);
  await expect(admin.getByRole('dialog')).toContainText('Their personal keys and the SQL logins');
  await expect(admin.getByRole('dialog').getByRole('listitem')).toHaveText(['Checkout Project']);
  await expect(admin.getByRole('radio', { name: 'They keep working' })).toBeChecked();
  await expectPresentable(admin, 'remove-member', { isOverlay: true });
  await admin.setViewportSize(wide);
  await removeFromMenu(admin, member.email);
  await admin.getByRole('radio', { name: 'Revoke them now' }).check();
  await admin.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(admin.getByText(`${member.email} was removed.`)).toBeVisible();
  for (const key of [personal, shared]) await expect(callSandbox(key)).rejects.toThrow(/was revoked/);
  const [row] = await operatorSql()`select count(*)::int as left from public.proxy_keys
    where organization_id = ${organizationId} and member_id is not null and revoked_at is null`;
  expect(row?.['left']).toBe(0);
});
