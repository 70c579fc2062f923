import { expect } from '@playwright/test';
import { operatorSql } from '../support/database.ts';
import { makeOrganization } from '../support/organization.ts';
import { storeProviderKey } from '../support/provider-key.ts';
import { callSandbox, makeSandboxOrganization, slugOf } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';

test('[ASK1] revoking a key asks first, and then its next call is refused', async ({ browser }) => {
  const { owner, slug, projectId, proxyKey } = await makeSandboxOrganization();
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/projects/${projectId}`);
  const ask = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Actions for Key', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Revoke' }).click();
    await expect(page.getByRole('dialog', { name: 'Revoke Key?' })).toContainText('there is no way back');
  };
  await ask();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await callSandbox(proxyKey);

  await ask();
  await page.getByRole('button', { name: 'Revoke key' }).click();
  await expect(page.getByText('Key was revoked.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Show 1 revoked' })).toBeVisible();
  await expect(callSandbox(proxyKey)).rejects.toMatchObject({ status: 401 });
});

test('[ASK2] archiving a project says what stops, and it can be restored', async ({ browser }) => {
  const { owner, slug, projectId, proxyKey } = await makeSandboxOrganization();
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/projects/${projectId}`);
  await expect(page.getByRole('button', { name: 'Actions for Key', exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Actions for Project', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Archive' }).click();
  await expect(page.getByRole('dialog')).toContainText('Calls with its key are refused from now on.');
  await page.getByRole('button', { name: 'Archive project' }).click();
  await expect(page.getByText('This project is archived')).toBeVisible();
  await expect(callSandbox(proxyKey)).rejects.toMatchObject({ status: 403, code: 'project_archived' });

  await page.getByRole('button', { name: 'Actions for Project', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Restore' }).click();
  await expect(page.getByText('This project is archived')).toHaveCount(0);
  await callSandbox(proxyKey);
});

test('[ASK6] archiving a project says what stops before its keys are there, too', async ({ browser }) => {
  const { owner, slug, projectId } = await makeSandboxOrganization();
  const page = await openSignedIn(browser, owner);
  // Never answered.
  await page.route('**/rest/v1/proxy_keys?*', () => {});
  await page.goto(`/${slug}/projects/${projectId}`);
  await page.getByRole('button', { name: 'Actions for Project', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Archive' }).click();
  await expect(page.getByRole('dialog')).toContainText('Calls with its keys are refused from now on.');
});

test('[ASK3] an organization is deleted only by typing its address', async ({ browser }) => {
  const { owner, organizationId, slug, proxyKey } = await makeSandboxOrganization();
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/settings`);
  await page.getByRole('button', { name: 'Delete organization' }).click();
  const dialog = page.getByRole('dialog');
  const remove = dialog.getByRole('button', { name: 'Delete organization' });
  await expect(dialog).toContainText('All projects, keys, credentials, usage and the audit log are lost');
  await expect(remove).toBeDisabled();
  await dialog.getByRole('textbox').fill(slug.slice(0, -1));
  await expect(remove).toBeDisabled();
  await page.keyboard.press('Enter');
  await expect(dialog).toBeVisible();
  await dialog.getByRole('textbox').fill(slug);
  await remove.click();

  await expect(page.getByText('was deleted.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'New organization' })).toBeVisible();
  expect(await operatorSql()`select id from public.organizations where id = ${organizationId}`).toEqual([]);
  await expect(callSandbox(proxyKey)).rejects.toMatchObject({ status: 401 });
});

test('[ASK4] a provider credential is deleted only by typing its name', async ({ browser }) => {
  const { owner, organizationId, slug } = await makeSandboxOrganization();
  await storeProviderKey(organizationId, owner, 'openai');
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/providers`);
  await page.getByRole('button', { name: 'Actions for openai' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete openai?' });
  await expect(dialog.getByRole('button', { name: 'Delete credential' })).toBeDisabled();
  await dialog.getByRole('textbox').fill('openai');
  await page.keyboard.press('Enter');
  await expect(page.getByText('openai was deleted.')).toBeVisible();
  const left = await operatorSql()`
    select provider from public.provider_credentials where organization_id = ${organizationId}`;
  expect(left.map((row) => String(row['provider']))).toEqual(['sandbox']);
});

test('[ASK5] removing a member and withdrawing an invitation ask first', async ({ browser }) => {
  const { owner, member, organizationId } = await makeOrganization();
  const invited = { organization_id: organizationId, email: 'someone@example.com', role: 'member' };
  const { error } = await owner.db.rpc('create_invitation', invited);
  expect(error).toBeNull();
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${await slugOf(organizationId)}/members`);

  await page.getByRole('button', { name: `Actions for ${member.email}` }).click();
  await page.getByRole('menuitem', { name: 'Remove from organization' }).click();
  await expect(page.getByRole('dialog')).toContainText('loses access to');
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(page.getByText(`${member.email} was removed.`)).toBeVisible();
  await expect(page.getByRole('table', { name: 'Members' }).getByText(member.email)).toHaveCount(0);

  await page.getByRole('button', { name: 'Actions for someone@example.com' }).click();
  await page.getByRole('menuitem', { name: 'Withdraw' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
  await expect(page.getByRole('table', { name: 'Open invitations' })).toHaveCount(0);
});
