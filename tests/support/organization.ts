import { operatorSql } from './database.ts';
import { anonymousDb, signUpPerson, type Db, type Person } from './person.ts';

export type Organization = {
  organizationId: string;
  projectId: string;
  owner: Person;
  admin: Person;
  member: Person;
  /** Signed in, and the owner of another organization. */
  outsider: Person;
  anonymous: Db;
};

/**
 * A fresh organization with one person of each role and a project, made the way users make them. It is Enterprise, with
 * this budget a month, so that no plan limit is in the way; a test of limits sets its own with `setPlan`.
 */
export async function makeOrganization({ budgetUsd = '1000' } = {}): Promise<Organization> {
  const [owner, outsider] = await Promise.all([signUpPerson('owner'), signUpPerson('outsider')]);
  const organizationId = await onlyOrganizationId(owner);
  await setPlan(organizationId, 'enterprise', { ai_budget_usd_month: budgetUsd });
  const admin = await addMember(organizationId, owner, 'admin');
  const member = await addMember(organizationId, owner);
  const projectId = await makeProject(organizationId, owner);
  return { organizationId, projectId, owner, admin, member, outsider, anonymous: anonymousDb() };
}

/** Invites someone new, who signs up with the invitation. */
export async function addMember(
  organizationId: string,
  inviter: Person,
  role: 'admin' | 'member' = 'member',
): Promise<Person> {
  const person = await signUpPerson(role);
  const { data, error } = await inviter.db
    .rpc('create_invitation', { organization_id: organizationId, email: person.email, role })
    .single();
  if (error) throw error;
  const accepted = await person.db.rpc('accept_invitation', { token: data.token });
  if (accepted.error) throw accepted.error;
  return person;
}

export async function makeProject(organizationId: string, admin: Person, name = 'Project'): Promise<string> {
  const { data, error } = await admin.db
    .from('projects')
    .insert({ organization_id: organizationId, name })
    .select('id')
    .single();
  if (error) throw error;
  return data.id;
}

type KeyOptions = { name?: string; allowed_models?: string[]; cache_seconds?: number; expires_at?: string };

/** Mints a proxy key and answers it whole, as its admin sees it this once. */
export async function mintProxyKey(
  projectId: string,
  admin: Person,
  options: KeyOptions = {},
): Promise<string> {
  const { name = 'Key', ...rest } = options;
  const { data, error } = await admin.db
    .rpc('mint_proxy_key', { project_id: projectId, name, options: rest })
    .single();
  if (error) throw error;
  return data.key;
}

/** What only the operator does: a plan, and agreed exceptions from it (null: unlimited). */
export async function setPlan(
  organizationId: string,
  plan: 'free' | 'pro' | 'enterprise',
  overrides: Record<string, string | null> = {},
): Promise<void> {
  const sql = operatorSql();
  await sql`update public.organizations set plan = ${plan} where id = ${organizationId}`;
  for (const [resource, amount] of Object.entries(overrides)) {
    await sql`
      insert into public.organization_plan_overrides (organization_id, resource, amount, is_unlimited, reason)
      values (${organizationId}, ${resource}, ${amount}, ${amount === null}, 'test')
      on conflict (organization_id, resource) do update set amount = excluded.amount, is_unlimited = excluded.is_unlimited`;
  }
}

/** For tests that make many calls and are not about this: nothing limits how many, until they say so. */
export async function liftRateLimits(organizationId: string): Promise<void> {
  await operatorSql()`
    update public.rate_limits set requests_per_minute = null where organization_id = ${organizationId}`;
}

/** For tests of a failure itself: upstream is not asked again. */
export async function askOnce(organizationId: string): Promise<void> {
  await operatorSql()`update public.organizations set max_attempts = 1 where id = ${organizationId}`;
}

export async function onlyOrganizationId(person: Person): Promise<string> {
  const { data, error } = await person.db.from('organizations').select('id').single();
  if (error) throw error;
  return data.id;
}
