import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { useUserId } from '@/lib/session.tsx';
import { organizationQueries } from '../organizations/organization-queries.ts';

/** After leaving or deleting the organization: forgets it and goes to another one. */
export function useLeaveBehind(): () => Promise<void> {
  const { id } = useOrganization();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { queryKey: mine } = organizationQueries.mine(useUserId());
  return async () => {
    client.setQueryData(mine, (list) => list?.filter((each) => each.id !== id));
    await navigate(paths.home, { replace: true });
  };
}
