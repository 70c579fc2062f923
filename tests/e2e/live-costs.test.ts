import { expect, type Page } from '@playwright/test';
import { operatorSql } from '../support/database.ts';
import { addMember } from '../support/organization.ts';
import { expectPresentable, wide } from './expect-presentable.ts';
import { callSandbox, makeSandboxOrganization } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';

/** The page moves within two seconds of a call's end; a test waits longer, since it is not what is timed here. */
const soon = { timeout: 10_000 };

const today = (page: Page) => page.getByRole('region', { name: 'Spend today' });
const calls = (page: Page) => page.getByRole('table', { name: 'Calls' }).locator('tbody tr');

/** Counts how often a page asks for its costs. */
function countAsked(page: Page): { times: number } {
  const asked = { times: 0 };
  page.on('request', (request) => {
    if (request.url().includes('/rpc/spend_status')) asked.times += 1;
  });
  return asked;
}

test('[LCO1] what one person calls shows on the screens of all, and nobody asks for it', async ({
  browser,
}) => {
  const { slug, proxyKey, owner, organizationId } = await makeSandboxOrganization();
  const colleague = await addMember(organizationId, owner);
  await callSandbox(proxyKey);
  const [overview, usage] = await Promise.all([
    openSignedIn(browser, owner),
    openSignedIn(browser, colleague),
  ]);
  await overview.goto(`/${slug}`);
  await usage.goto(`/${slug}/usage`);
  await expect(today(overview)).toContainText('1 call', soon);
  await expect(calls(usage)).toHaveCount(1, soon);
  // Each has joined once it is told something.
  await callSandbox(proxyKey);
  await expect(today(overview)).toContainText('2 calls', soon);
  await expect(calls(usage)).toHaveCount(2, soon);

  const startedAt = Date.now();
  const asked = [countAsked(overview), countAsked(usage)];
  for (const count of [3, 4, 5]) {
    await callSandbox(proxyKey);
    await expect(today(overview)).toContainText(`${count} calls`, soon);
    await expect(calls(usage)).toHaveCount(count, soon);
  }
  // Nothing but the check of every half minute.
  const checks = Math.ceil((Date.now() - startedAt) / 30_000);
  for (const { times } of asked) expect(times).toBeLessThanOrEqual(checks);
});

test('[LCO2] what was missed without a connection is there once it is back', async ({ browser }) => {
  const { slug, proxyKey, owner } = await makeSandboxOrganization();
  await callSandbox(proxyKey);
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}`);
  await expect(today(page)).toContainText('1 call', soon);
  await page.context().setOffline(true);
  await expect(page.getByText('Offline')).toBeVisible(soon);
  await expectPresentable(page, 'offline');
  await page.setViewportSize(wide);
  await callSandbox(proxyKey);
  await page.context().setOffline(false);
  await expect(today(page)).toContainText('2 calls', soon);
  await expect(page.getByText('Offline')).toBeHidden();
});

test('[LCO3] when a colleague is removed, those who stay go on hearing, under a name the other never knew', async ({
  browser,
}) => {
  const { slug, proxyKey, owner, organizationId } = await makeSandboxOrganization();
  const leaver = await addMember(organizationId, owner);
  await callSandbox(proxyKey);
  const page = await openSignedIn(browser, owner);
  const names = new Set<string>();
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      const name = /realtime:(org:[^"]+:costs:\d+)"/.exec(payload.toString())?.[1];
      if (name !== undefined) names.add(name);
    }),
  );
  await page.goto(`/${slug}`);
  await expect(today(page)).toContainText('1 call', soon);
  await expect.poll(() => [...names]).toEqual([`org:${organizationId}:costs:1`]);
  const removed = await owner.db.rpc('remove_member', {
    organization_id: organizationId,
    user_id: leaver.userId,
  });
  expect(removed.error).toBeNull();
  await expect.poll(() => [...names], soon).toContain(`org:${organizationId}:costs:2`);
  await callSandbox(proxyKey);
  await expect(today(page)).toContainText('2 calls', soon);
  // What the page asked for when it had joined may have been there before it was told.
  const readLastTopic = async () =>
    (
      await operatorSql()`
        select topic from realtime.messages where topic like ${`org:${organizationId}:costs:%`}
        order by inserted_at desc limit 1`
    )[0]?.['topic'];
  await expect.poll(readLastTopic, soon).toBe(`org:${organizationId}:costs:2`);
});
