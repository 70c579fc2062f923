import { expect, test } from 'vitest';
import { readVariables } from '../variables.ts';
import { checkVariables } from './check-variables.ts';

const variables = readVariables();
const required = variables.filter(({ isRequiredToDeploy }) => isRequiredToDeploy).map(({ name }) => name);
const key = Buffer.alloc(32, 7).toString('base64');

const complete = {
  PROXY_DATABASE_URL: 'postgresql://proxy:secret@db.example.com:5432/postgres',
  ENCRYPTION_KEYS: JSON.stringify({ k1: key }),
  ENCRYPTION_KEY_ID: 'k1',
  JOBS_SECRET: '0123456789abcdef',
  APP_URL: 'https://app.example.com',
  SUPABASE_PROJECT_REF: 'abcdefghijklmnopqrst',
  SUPABASE_ACCESS_TOKEN: 'sbp_0123',
  SUPABASE_DB_URL: 'postgresql://postgres:secret@db.example.com:5432/postgres',
  VITE_SUPABASE_PUBLISHABLE_KEY: 'sb_publishable_0123',
};

const wrongIn = (environment: Record<string, string>): string[] =>
  checkVariables(variables, environment)
    .filter(({ state }) => state === 'wrong')
    .map(({ subject }) => subject);

test('[DOCVAR1] with nothing set, each required variable is named, with what it is for and where it is from', () => {
  const findings = checkVariables(variables, {}).filter(({ state }) => state === 'wrong');
  expect(findings.map(({ subject }) => subject)).toEqual(required);
  for (const { detail } of findings) expect(detail).toMatch(/^is not set\n.+\n→ .+$/);
});

test('[DOCVAR2] a complete environment has nothing wrong, and an empty value counts as missing', () => {
  expect(wrongIn(complete)).toEqual([]);
  expect(wrongIn({ ...complete, JOBS_SECRET: '' })).toEqual(['JOBS_SECRET']);
});

test('[DOCVAR3] a value is judged as the functions would judge it, and never shown', () => {
  const bad = {
    ...complete,
    JOBS_SECRET: 'tooshort',
    ENCRYPTION_KEYS: '{"k1":"c2hvcnQ="}',
    HOLD_LEASE_SECONDS: 'soon',
  };
  expect(wrongIn(bad)).toEqual(['HOLD_LEASE_SECONDS', 'ENCRYPTION_KEYS', 'JOBS_SECRET']);
  const shown = JSON.stringify(checkVariables(variables, { ...complete, ...bad }));
  expect(shown).not.toContain('tooshort');
  expect(shown).not.toContain('c2hvcnQ=');
});

test('[DOCVAR4] the sealing key must be one of the master keys', () => {
  expect(wrongIn({ ...complete, ENCRYPTION_KEY_ID: 'k2' })).toEqual(['ENCRYPTION_KEY_ID']);
});
