import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { credentialQueries } from '../credentials/credential-queries.ts';
import { projectQueries } from '../projects/project-queries.ts';
import { proxyKeyQueries, stateOfKey } from '../proxy-keys/proxy-key-queries.ts';
import { useLedgerNames } from '../reports/use-ledger-names.ts';
import type { RateLimit } from './rate-limit-queries.ts';
import { rateScopeWords } from './rate-limit-words.ts';

/** What a rate limit is of, and why it may bind nothing at present: `Old key`, `Proxy key of Alpha, revoked`. */
export function useRateLimitName(): (limit: RateLimit) => { kind: string; name: string } {
  const { id } = useOrganization();
  const names = useLedgerNames();
  const { data: projects } = useQuery(projectQueries.list(id));
  const { data: proxyKeys } = useQuery(proxyKeyQueries.list(id));
  const { data: credentials } = useQuery(credentialQueries.list(id));
  return ({ scope, scopeId }) => {
    const kind = rateScopeWords[scope];
    const byId = (each: { id: string }): boolean => each.id === scopeId;
    if (scope === 'organization') return { kind: '', name: kind };
    if (scope === 'project') {
      const isArchived = typeof projects?.find(byId)?.archived_at === 'string';
      return { kind: `${kind}${isArchived ? ', archived' : ''}`, name: names.project(scopeId) };
    }
    if (scope === 'proxy_key') {
      const key = proxyKeys?.find(byId);
      const state = key === undefined ? 'active' : stateOfKey(key);
      return {
        kind: `${kind} of ${names.projectOfKey(scopeId) ?? '…'}${state === 'active' ? '' : `, ${state}`}`,
        name: names.proxyKey(scopeId),
      };
    }
    const credential = credentials?.find(byId);
    return {
      kind: `${kind}${credential?.is_active === false ? ', disabled' : ''}`,
      name: credential?.name ?? '…',
    };
  };
}
