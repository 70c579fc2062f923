import { z } from 'zod';
import { runCommand } from '../run-command.ts';
import type { Variable } from '../variables.ts';
import { functionNames } from './check-machine.ts';
import type { Environment } from './check-variables.ts';
import { messageOf, ok, unchecked, wrong, type Finding } from './finding.ts';

/** The project's address: its own domain, else the one that follows from its reference. */
export function projectUrl(environment: Environment): string | undefined {
  if (environment['VITE_SUPABASE_URL']) return environment['VITE_SUPABASE_URL'].replace(/\/+$/, '');
  const reference = environment['SUPABASE_PROJECT_REF'];
  return reference ? `https://${reference}.supabase.co` : undefined;
}

/** Auth, the public key, the functions and their secrets, over the network. */
export async function checkProject(variables: Variable[], environment: Environment): Promise<Finding[]> {
  const url = projectUrl(environment);
  if (url === undefined)
    return [unchecked('Project', 'neither SUPABASE_PROJECT_REF nor VITE_SUPABASE_URL is set')];
  const key = environment['VITE_SUPABASE_PUBLISHABLE_KEY'] ?? '';
  const reachable = await checkPublicKey(url, key);
  const functions =
    reachable.state === 'wrong'
      ? []
      : await Promise.all(functionNames().map((name) => checkFunction(url, name)));
  return [reachable, ...functions, ...(await checkSecrets(variables, environment))];
}

async function checkPublicKey(url: string, key: string): Promise<Finding> {
  try {
    const response = await ask(`${url}/auth/v1/settings`, { headers: { apikey: key } });
    if (response.ok) return ok('Project', `${url} answers to the public key`);
    if (key === '') return unchecked('Project', `${url} answers; VITE_SUPABASE_PUBLISHABLE_KEY is not set`);
    return wrong('Project', `${url} answered ${response.status} to VITE_SUPABASE_PUBLISHABLE_KEY`);
  } catch (error) {
    return wrong('Project', `${url} cannot be reached: ${messageOf(error)}`);
  }
}

/** Each answers something that only it would answer: refusing a stranger is a sign of health. */
async function checkFunction(url: string, name: string): Promise<Finding> {
  const subject = `Function ${name}`;
  const base = `${url}/functions/v1/${name}`;
  const [path, init, expected] =
    name === 'health'
      ? (['', {}, 200] as const)
      : name === 'proxy'
        ? (['/v1/models', {}, 401] as const)
        : (['/jobs/none', { method: 'POST' }, 401] as const);
  try {
    const response = await ask(`${base}${path}`, init);
    if (response.status === expected) return ok(subject, 'answers');
    if (response.status === 404) return unchecked(subject, 'not deployed yet: npm run deploy');
    return wrong(subject, `answered ${response.status}: ${(await response.text()).slice(0, 200)}`);
  } catch (error) {
    return wrong(subject, messageOf(error));
  }
}

async function checkSecrets(variables: Variable[], environment: Environment): Promise<Finding[]> {
  const { SUPABASE_PROJECT_REF: reference, SUPABASE_ACCESS_TOKEN: token } = environment;
  const subject = 'Function secrets';
  if (!reference || !token)
    return [unchecked(subject, 'needs SUPABASE_PROJECT_REF and SUPABASE_ACCESS_TOKEN')];
  const listed = await runCommand(
    'supabase',
    ['secrets', 'list', `--remote=${reference}`, '--output', 'json'],
    {
      env: { SUPABASE_ACCESS_TOKEN: token, SUPABASE_TELEMETRY_DISABLED: '1' },
    },
  );
  const names = listed.code === 0 ? namesIn(listed.output) : undefined;
  if (names === undefined) return [wrong(subject, `the CLI says: ${listed.output.trim().slice(0, 300)}`)];
  const missing = variables.filter(
    ({ name, isFunctionSecret, isRequiredToDeploy }) =>
      isFunctionSecret && isRequiredToDeploy && !names.includes(name),
  );
  return missing.length === 0
    ? [ok(subject, 'all required ones are set')]
    : [unchecked(subject, `npm run deploy sets ${missing.map(({ name }) => name).join(', ')}`)];
}

/** The CLI prints which project it asks before the JSON. */
function namesIn(output: string): string[] | undefined {
  try {
    const content: unknown = JSON.parse(output.slice(output.indexOf('[')));
    return z
      .array(z.object({ name: z.string() }))
      .parse(content)
      .map(({ name }) => name);
  } catch {
    return undefined;
  }
}

function ask(url: string, init: RequestInit): Promise<Response> {
  return fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
}
