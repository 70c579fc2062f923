import { z } from 'zod';
import { GatewayEnv } from '../../supabase/functions/gateway/env.ts';
import { ProxyEnvironment } from '../../supabase/functions/proxy/proxy-environment.ts';
import { ReportingEnv } from '../../supabase/functions/reporting/env.ts';
import { TenancyEnv } from '../../supabase/functions/tenancy/env.ts';
import type { Variable } from '../variables.ts';
import { ok, unchecked, wrong, type Finding } from './finding.ts';

export type Environment = Record<string, string | undefined>;

/** What the functions themselves would say of a value; the rest is what a deployment needs. */
const shapes: Record<string, z.ZodType | undefined> = {
  ...ProxyEnvironment.shape,
  ...GatewayEnv.shape,
  ...TenancyEnv.shape,
  ...ReportingEnv.shape,
  SUPABASE_PROJECT_REF: z.string().regex(/^[a-z]{20}$/, 'is not a reference of 20 letters'),
  SUPABASE_ACCESS_TOKEN: z.string().startsWith('sbp_', 'does not begin with sbp_'),
  REPORTING_DATABASE_URL: z.url({ protocol: /^postgres(?:ql)?$/, error: 'is not postgresql://…' }),
  SUPABASE_DB_URL: z.url({ protocol: /^postgres(?:ql)?$/, error: 'is not postgresql://…' }),
  VITE_SUPABASE_URL: z.url({ error: 'is not an address' }),
  VITE_SUPABASE_PUBLISHABLE_KEY: z
    .string()
    .startsWith('sb_publishable_', 'does not begin with sb_publishable_'),
};

/** Each variable that a deployment knows: set and plausible, missing, or not needed. Values are never shown. */
export function checkVariables(variables: Variable[], environment: Environment): Finding[] {
  const known = variables.filter(({ name }) => !name.startsWith('STACK_'));
  return [...known.map((variable) => checkVariable(variable, environment)), ...checkKeyId(environment)];
}

function checkVariable(
  { name, purpose, from, isRequiredToDeploy }: Variable,
  environment: Environment,
): Finding {
  const value = environment[name] ?? '';
  if (value === '' && isRequiredToDeploy) return wrong(name, `is not set\n${purpose}\n→ ${from}`);
  if (value === '') return unchecked(name, `not set, optional${from === '' ? '' : `: ${from}`}`);
  const parsed = shapes[name]?.safeParse(value);
  if (parsed?.success === false)
    return wrong(name, parsed.error.issues.map(({ message }) => message).join('; '));
  return ok(name, 'set');
}

function checkKeyId({ ENCRYPTION_KEYS: keys, ENCRYPTION_KEY_ID: id }: Environment): Finding[] {
  const parsed = ProxyEnvironment.shape.ENCRYPTION_KEYS.safeParse(keys);
  if (!parsed.success || !id || parsed.data.has(id)) return [];
  return [wrong('ENCRYPTION_KEY_ID', `"${id}" is none of the ids in ENCRYPTION_KEYS`)];
}
