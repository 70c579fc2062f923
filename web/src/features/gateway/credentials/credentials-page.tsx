import { Button, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { EmptyState } from '@/ui/empty-state.tsx';
import { PageHeader } from '@/ui/page-header.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { useLiveUsage } from '../spend/use-live-usage.ts';
import { AddCredentialModal } from './add-credential-modal.tsx';
import { type Credential, credentialQueries, isSandbox, uncoveredProviders } from './credential-queries.ts';
import { CredentialTable } from './credential-table.tsx';
import { SandboxPanel } from './sandbox-panel.tsx';

/** Keys of AI providers, and the sandbox that answers where there is none. */
export function CredentialsPage() {
  const { id, canManage } = useOrganization();
  const [isAdding, adding] = useDisclosure(false);
  const credentials = useQuery(credentialQueries.list(id));
  return (
    <>
      <PageHeader
        title="Providers"
        description="Credentials are the keys that providers gave you. They are encrypted, never shown again, and never reach your applications."
        actions={
          canManage &&
          credentials.data?.some((credential) => !isSandbox(credential)) && (
            <Button leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />} onClick={adding.open}>
              Add credential
            </Button>
          )
        }
      />
      <AsyncView query={credentials} skeleton={<TableSkeleton rows={4} label="Loading credentials" />}>
        {(data) => <Loaded credentials={data} onAdd={adding.open} />}
      </AsyncView>
      <AddCredentialModal isOpen={isAdding} onClose={adding.close} />
    </>
  );
}

function Loaded({ credentials, onAdd }: { credentials: readonly Credential[]; onAdd: () => void }) {
  const { id, canManage } = useOrganization();
  const client = useQueryClient();
  useLiveUsage(() => client.invalidateQueries({ queryKey: credentialQueries.health(id).queryKey }));
  const real = credentials.filter((credential) => !isSandbox(credential));
  return (
    <Stack gap="xl">
      <section aria-label="Credentials">
        {real.length === 0 ? (
          <EmptyState
            icon={IconPlugConnected}
            title="Credentials of your providers will be here."
            description={
              canManage
                ? 'Add the key of OpenAI, Anthropic or Moonshot, and calls are sent on with it.'
                : 'An owner or admin adds them.'
            }
            action={canManage && <Button onClick={onAdd}>Add credential</Button>}
          />
        ) : (
          <CredentialTable credentials={real} />
        )}
        {real.length > 0 && (
          <Text size="sm" c="dimmed" mt="md">
            When a call fails before its answer begins, the next credential of the provider is asked. One that
            keeps failing is avoided for a while.
            {canManage ? '' : ' Owners and admins add, order, test and replace credentials.'}
          </Text>
        )}
      </section>
      <section aria-label="Sandbox">
        <Title order={2} mb="sm">
          Sandbox
        </Title>
        <SandboxPanel sandbox={credentials.find(isSandbox)} covers={uncoveredProviders(real)} />
      </section>
    </Stack>
  );
}
