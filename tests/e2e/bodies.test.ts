import { expect } from '@playwright/test';
import { settledLedger } from '../support/ledger.ts';
import { addMember } from '../support/organization.ts';
import { openaiClient } from '../support/sdk.ts';
import { expectPresentable, wide } from './expect-presentable.ts';
import { makeSandboxOrganization } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';

test('[BODIES1] an admin has a project log redacted bodies and reads them beside the call; a member does not', async ({
  browser,
}) => {
  const { organizationId, projectId, proxyKey, owner, slug } = await makeSandboxOrganization();
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/projects/${projectId}`);
  await page.getByRole('button', { name: 'Actions for Project' }).click();
  await page.getByRole('menuitem', { name: 'Log bodies' }).click();
  await expectPresentable(page, 'log-bodies', { isOverlay: true });
  await page.setViewportSize(wide);
  await page.getByRole('radio', { name: 'Redacted' }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('The change holds from the next call on.')).toBeVisible();

  await openaiClient(proxyKey).chat.completions.create({
    model: 'gpt-5-mini',
    messages: [{ role: 'user', content: 'Write to ann@example.com.' }],
  });
  const [call] = await settledLedger(organizationId);
  await page.goto(`/${slug}/usage/${call?.id}`);
  const bodies = page.getByRole('region', { name: 'Bodies, redacted' });
  await expect(bodies.getByLabel('Request', { exact: true })).toContainText('Write to [email].');
  await expect(bodies.getByLabel('Answer', { exact: true })).toContainText('chat.completion');
  await bodies.scrollIntoViewIfNeeded();
  await expectPresentable(page, 'call-bodies', { isOverlay: true });

  const other = await openSignedIn(browser, await addMember(organizationId, owner));
  await other.goto(`/${slug}/usage/${call?.id}`);
  await expect(other.getByRole('region', { name: 'Request' })).toBeVisible();
  await expect(other.getByText('Write to')).toBeHidden();
});
