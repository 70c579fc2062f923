import { Button } from '@mantine/core';
import { IconKey, IconPlugConnected, IconSend } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { EmptyState } from '@/ui/empty-state.tsx';
import { credentialQueries } from '../credentials/credential-queries.ts';
import { proxyKeyQueries } from '../proxy-keys/proxy-key-queries.ts';

/** Before the first call: whichever step is missing. */
export function FirstSteps() {
  const { id, slug, canManage } = useOrganization();
  const { data: credentials } = useQuery(credentialQueries.list(id));
  const { data: proxyKeys } = useQuery(proxyKeyQueries.list(id));
  if (!credentials || !proxyKeys) return null;
  if (!credentials.some(({ is_active }) => is_active)) {
    return (
      <EmptyState
        icon={IconPlugConnected}
        title="Spend, calls and latency will be here."
        description={
          canManage
            ? 'First add the key of a provider, or try everything with the sandbox.'
            : 'First an owner or admin adds the key of a provider, or turns on the sandbox.'
        }
        action={
          canManage && (
            <Button component={Link} to={paths.providers(slug)}>
              Add a provider
            </Button>
          )
        }
      />
    );
  }
  if (proxyKeys.every(({ revoked_at }) => revoked_at !== null)) {
    return (
      <EmptyState
        icon={IconKey}
        title="Spend, calls and latency will be here."
        description={
          canManage
            ? 'Providers are connected. Now create a project and a key to make calls with.'
            : 'Providers are connected. Now an owner or admin creates a key to make calls with.'
        }
        action={
          canManage && (
            <Button component={Link} to={paths.projects(slug)}>
              Create a key
            </Button>
          )
        }
      />
    );
  }
  return (
    <EmptyState
      icon={IconSend}
      title="Everything is ready for the first call."
      description="Make it with one of your keys: it appears here within two seconds."
      action={
        <Button component={Link} to={paths.projects(slug)} variant="default">
          See projects and keys
        </Button>
      }
    />
  );
}
