import { expect, test } from 'vitest';
import { checkDatabase } from '../../scripts/doctor/check-database.ts';
import { checkProject } from '../../scripts/doctor/check-project.ts';
import { checkProxyLogin } from '../../scripts/doctor/check-proxy-login.ts';
import type { Finding } from '../../scripts/doctor/finding.ts';
import { readReady } from '../support/ready.ts';

const wrongIn = (findings: Finding[]): string[] =>
  findings.filter(({ state }) => state === 'wrong').map(({ subject, detail }) => `${subject}: ${detail}`);

test('[DOCTOR1] a database that runs this product has nothing wrong', async () => {
  const findings = await checkDatabase(readReady().databaseUrl);
  expect(wrongIn(findings)).toEqual([]);
  expect(findings.map(({ subject }) => subject)).toEqual(
    expect.arrayContaining(['Extensions', 'Migrations', 'Vault', 'Schedule', 'Prices']),
  );
});

test('[DOCTOR2] a login that is not postgres, or cannot be made, is wrong', async () => {
  expect(wrongIn(await checkDatabase(readReady().adminDatabaseUrl))).toContainEqual(
    expect.stringContaining('supabase_admin'),
  );
  const stranger = new URL(readReady().databaseUrl);
  stranger.password = 'wrong';
  expect(wrongIn(await checkDatabase(stranger.href))).toContainEqual(
    expect.stringContaining('authentication failed'),
  );
});

test('[DOCTOR3] a proxy login that reaches tables is wrong', async () => {
  const findings = await checkProxyLogin(readReady().databaseUrl, true);
  expect(wrongIn(findings)).toContainEqual(expect.stringContaining('and should reach none'));
  expect(wrongIn(findings)).toContainEqual(expect.stringContaining('not as proxy'));
});

test('[DOCTOR4] every function answers, and a wrong public key is seen', async () => {
  const { url, publishableKey } = readReady();
  const right = { VITE_SUPABASE_URL: url, VITE_SUPABASE_PUBLISHABLE_KEY: publishableKey };
  const findings = await checkProject([], right);
  expect(wrongIn(findings)).toEqual([]);
  expect(
    findings.filter(({ subject, state }) => subject.startsWith('Function ') && state === 'ok').length,
  ).toBeGreaterThan(2);
  const key = { ...right, VITE_SUPABASE_PUBLISHABLE_KEY: 'sb_publishable_wrong' };
  expect(wrongIn(await checkProject([], key))).toContainEqual(expect.stringContaining('answered 401'));
});
