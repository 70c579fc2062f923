import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { type Freeze, freezeQueries } from './freeze-queries.ts';

/** The freeze of this organization, project or key itself; undefined when it is not frozen, or not known yet. */
export function useFreeze(id: string): Freeze | undefined {
  const { id: organizationId } = useOrganization();
  return useQuery(freezeQueries.list(organizationId)).data?.find(({ scope_id }) => scope_id === id);
}
