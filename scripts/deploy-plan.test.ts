import { expect, test } from 'vitest';
import { planDeployment } from './deploy-plan.ts';
import { readVariables } from './variables.ts';

const variables = readVariables();
const environment = Object.fromEntries(variables.map(({ name }) => [name, `value-of-${name}`]));
const secretNames = variables.filter(({ isFunctionSecret }) => isFunctionSecret).map(({ name }) => name);

test('[DEPLOY1] what is printed holds no secret value', () => {
  const shown = planDeployment(variables, environment)
    .map((step) => `${step.title} ${step.shown}`)
    .join('\n');
  const secret = [...secretNames, 'SUPABASE_DB_URL', 'SUPABASE_ACCESS_TOKEN'];
  expect(secret.filter((name) => shown.includes(`value-of-${name}`))).toEqual([]);
});

test('[DEPLOY2] the build comes before anything is touched, the schema before the functions, and they before the job', () => {
  expect(planDeployment(variables, environment).map(({ title }) => title)).toEqual([
    'Dashboard',
    'Migrations',
    'Vault and proxy login',
    'Function secrets',
    'Functions',
    'Prices',
  ]);
});

test('[DEPLOY3] function secrets are those of .env.example that are set, and none that Supabase reserves', () => {
  const step = planDeployment(variables, { ...environment, SMTP_URL: '' }).find(
    ({ kind }) => kind === 'secrets',
  );
  const names = step?.kind === 'secrets' ? Object.keys(step.secrets) : [];
  expect(names.toSorted()).toEqual(secretNames.filter((name) => name !== 'SMTP_URL').toSorted());
  expect(names.filter((name) => name.startsWith('SUPABASE_'))).toEqual([]);
});
