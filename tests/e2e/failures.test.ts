import { expect } from '@playwright/test';
import { onlyOrganizationId } from '../support/organization.ts';
import { signUpPerson } from '../support/person.ts';
import { readReady } from '../support/ready.ts';
import { slugOf } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';

const { demo } = readReady();

test('[FAIL1] what cannot be loaded says so, with the request to quote, and comes when asked again', async ({
  browser,
}) => {
  const page = await openSignedIn(browser, demo);
  const requestId = 'req-1234567890';
  let isDown = true;
  await page.route('**/functions/v1/gateway/providers', (route) =>
    isDown
      ? route.fulfill({
          status: 500,
          json: { success: false, error: { message: 'No.', code: 'internal', requestId } },
        })
      : route.continue(),
  );
  await page.goto('/acme/providers');
  await page.getByRole('button', { name: 'Add credential' }).first().click();
  const alert = page.getByRole('dialog').getByRole('alert');
  await expect(alert).toContainText('The server could not do this.');
  await expect(alert).toContainText('Try again in a moment.');
  await expect(alert).toContainText(requestId);
  await expect(alert.getByRole('button', { name: 'Copy request id' })).toBeVisible();
  isDown = false;
  await alert.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('dialog').getByLabel('API key')).toBeVisible();
});

test('[FAIL2] without a connection a page says so, and comes when asked again', async ({ browser }) => {
  const page = await openSignedIn(browser, demo);
  let isDown = true;
  await page.route('**/rest/v1/ai_usage*', (route) => (isDown ? route.abort() : route.continue()));
  await page.goto('/acme/usage');
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('The server could not be reached.');
  await expect(alert).toContainText('Check your connection, then try again.');
  isDown = false;
  await alert.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('table', { name: 'Calls' })).toBeVisible();
});

test('[FAIL3] a refusal explains itself where it was asked for', async ({ browser }) => {
  const person = await signUpPerson('lonely');
  const organizationId = await onlyOrganizationId(person);
  const slug = await slugOf(organizationId);
  const page = await openSignedIn(browser, person);
  await page.goto(`/${slug}/members`);
  const invite = async (email: string): Promise<void> => {
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    await page.getByRole('dialog').getByLabel('Email').fill(email);
    await page.getByRole('dialog').getByRole('button', { name: 'Send invitation' }).click();
  };
  await invite('second@example.com');
  await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click();
  await invite('third@example.com');
  const alert = page.getByRole('dialog').getByRole('alert');
  await expect(alert).toContainText('The Free plan has room for 2 members, open invitations counted in.');
  await expect(alert).toContainText('ask an owner for a larger plan');

  await page.goto(`/${slug}/settings`);
  await page.getByLabel('Address').fill('acme');
  await page.getByRole('button', { name: 'Save' }).first().click();
  await expect(page.getByText('This address is taken.')).toBeVisible();
});

test('[FAIL4] an address that is not there, or is not yours, says so and leads home', async ({ browser }) => {
  const person = await signUpPerson('stranger');
  const page = await openSignedIn(browser, person);
  for (const path of ['/acme', '/acme/usage', '/no-such-organization/settings']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { name: 'There is nothing at this address' })).toBeVisible();
  }
  await page.getByRole('link', { name: 'Go to your overview' }).click();
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
});

test('[FAIL5] without a session every page asks to sign in, and leads back to itself', async ({ page }) => {
  await page.goto('/acme/usage?model=gpt-5-mini');
  await page.getByLabel('Email').fill(demo.email);
  await page.getByLabel('Password', { exact: true }).fill(demo.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL('/acme/usage?model=gpt-5-mini');
  await expect(page.getByRole('table', { name: 'Calls' })).toBeVisible();
});
