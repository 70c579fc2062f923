import type { Provider } from '../../supabase/functions/_shared/contracts/gateway.ts';
import { liftRateLimits, makeProject, mintProxyKey, onlyOrganizationId, setPlan } from './organization.ts';
import { signUpPerson, type Person } from './person.ts';
import { storeProviderKey } from './provider-key.ts';

/** Who calls the proxy: an organization of one person, with a project and its proxy key. */
export type Caller = {
  organizationId: string;
  projectId: string;
  owner: Person;
  proxyKey: string;
  /** What the stand-in upstream knows the organization by: the same key for each provider it was asked for. */
  upstreamKey: string;
};

/** An organization of its own with nothing in the way of calling `provider` (none: it has no credential at all), nor of calling it often. */
export async function makeCaller(provider: Provider | null, { budgetUsd = '1000' } = {}): Promise<Caller> {
  const owner = await signUpPerson('caller');
  const organizationId = await onlyOrganizationId(owner);
  await setPlan(organizationId, 'enterprise', { ai_budget_usd_month: budgetUsd });
  const projectId = await makeProject(organizationId, owner);
  const [proxyKey, upstreamKey] = await Promise.all([
    mintProxyKey(projectId, owner),
    provider === null ? '' : storeProviderKey(organizationId, owner, provider),
  ]);
  await liftRateLimits(organizationId);
  return { organizationId, projectId, owner, proxyKey, upstreamKey };
}
