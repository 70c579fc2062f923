import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { credentialQueries } from './credential-queries.ts';

/** A credential's name with the end of its key, by id; undefined while loading and without an id. */
export function useCredentialName(): (credentialId: string | null) => string | undefined {
  const { id } = useOrganization();
  const { data } = useQuery(credentialQueries.list(id));
  return (credentialId) => {
    if (!data || credentialId === null) return undefined;
    const credential = data.find((each) => each.id === credentialId);
    if (!credential) return 'A deleted credential';
    return credential.last_four === null
      ? credential.name
      : `${credential.name} ···· ${credential.last_four}`;
  };
}
