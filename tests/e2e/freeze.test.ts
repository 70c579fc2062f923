import { expect } from '@playwright/test';
import { openaiClient } from '../support/sdk.ts';
import { expectPresentable, wide } from './expect-presentable.ts';
import { callSandbox, makeSandboxOrganization } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';

test('[FREEZ1] everything is frozen with a reason that pages and clients show, a running stream is cut, and thawed', async ({
  browser,
}) => {
  const { proxyKey, owner, slug } = await makeSandboxOrganization();
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/budgets`);
  await page.getByRole('button', { name: 'Freeze all calls' }).click();
  await page.getByRole('button', { name: 'Freeze', exact: true }).click();
  await expect(page.getByText('Say why: refused clients are told.')).toBeVisible();
  await expectPresentable(page, 'freeze', { isOverlay: true });
  await page.setViewportSize(wide);

  const stream = await openaiClient(proxyKey).chat.completions.create({
    model: 'gpt-5-mini',
    stream: true,
    messages: [{ role: 'user', content: 'Tell me a very long story.' }],
  });
  const reading = (async () => {
    for await (const _ of stream) continue;
  })().catch((error: unknown) => String(error));
  await page.getByLabel('Reason').fill('Costs rise faster than they should');
  await page.getByRole('button', { name: 'Freeze', exact: true }).click();
  const notice = page.getByRole('alert').filter({ hasText: 'is frozen: its calls are refused' });
  await expect(notice).toContainText('Costs rise faster than they should');
  await expect(page.getByRole('button', { name: 'Freeze all calls' })).toBeHidden();
  // Cut, or over just before.
  await reading;
  await expect(callSandbox(proxyKey)).rejects.toThrow(/are frozen: Costs rise faster than they should/);
  await page.goto(`/${slug}`);
  await expect(notice).toBeVisible();
  await expectPresentable(page, 'frozen-overview');
  await page.setViewportSize(wide);

  await notice.getByRole('button', { name: 'Thaw' }).click();
  await expect(notice).toBeHidden();
  await callSandbox(proxyKey);
});

test('[FREEZ2] a project and a key are frozen and thawed from their menus', async ({ browser }) => {
  const { proxyKey, owner, projectId, slug } = await makeSandboxOrganization();
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/projects/${projectId}`);
  for (const name of ['Project', 'Key'] as const) {
    await page.getByRole('button', { name: `Actions for ${name}` }).click();
    await page.getByRole('menuitem', { name: 'Freeze' }).click();
    await page.getByLabel('Reason').fill(`No more of this ${name}`);
    await page.getByRole('button', { name: 'Freeze', exact: true }).click();
    await expect(page.getByRole('dialog')).toBeHidden();
    await expect(callSandbox(proxyKey)).rejects.toThrow(new RegExp(`frozen: No more of this ${name}`));
    const shown = {
      Project: page.getByRole('alert').filter({ hasText: 'No more of this Project' }),
      Key: page.getByText('Frozen', { exact: true }),
    }[name];
    await expect(shown).toBeVisible();
    await page.getByRole('button', { name: `Actions for ${name}` }).click();
    await page.getByRole('menuitem', { name: 'Thaw' }).click();
    await expect(page.getByText(`${name} may make calls again.`)).toBeVisible();
    await callSandbox(proxyKey);
  }
});
