import { randomUUID } from 'node:crypto';
import { expect } from '@playwright/test';
import { signUpPerson } from '../support/person.ts';
import { linkIn, readMail } from './read-mail.ts';
import { test } from './test.ts';

test('[PASS1] a forgotten password is replaced by way of a mail', async ({ browser }) => {
  const eve = await signUpPerson('eve');
  const page = await (await browser.newContext()).newPage();
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await expect(page.getByRole('heading', { name: 'Forgot your password?' })).toBeVisible();
  await page.getByLabel('Email').fill(eve.email);
  await page.getByRole('button', { name: 'Send link' }).click();
  await expect(page.getByRole('heading', { name: 'Check your mailbox' })).toBeVisible();

  const link = linkIn(await readMail(eve.email, /reset your password/i));
  await page.goto(link);
  await expect(page.getByRole('heading', { name: 'Choose a new password' })).toBeVisible();
  const newPassword = randomUUID();
  await page.getByLabel('New password').fill(newPassword);
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();

  await page.getByRole('button', { name: 'Your account' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByLabel('Email').fill(eve.email);
  await page.getByLabel('Password', { exact: true }).fill(eve.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('The email or the password is not right.')).toBeVisible();
  await page.getByLabel('Password', { exact: true }).fill(newPassword);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
});

test('[PASS2] the link of a forgotten password works once', async ({ browser }) => {
  const eve = await signUpPerson('eve');
  await eve.db.auth.resetPasswordForEmail(eve.email);
  const link = linkIn(await readMail(eve.email, /reset your password/i));
  const first = await browser.newContext();
  const used = await first.newPage();
  await used.goto(link);
  await expect(used).not.toHaveURL(/error/);
  const page = await (await browser.newContext()).newPage();
  await page.goto(link);
  await expect(page.getByText('That link was used before or is too old.')).toBeVisible();
});
