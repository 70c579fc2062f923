import { Button, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus, IconScale } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from 'react-router';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { AsyncView } from '@/ui/async-view.tsx';
import { EmptyState } from '@/ui/empty-state.tsx';
import { PageHeader } from '@/ui/page-header.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { BillingKeyTable } from './billing-key-table.tsx';
import { ConnectProviderModal } from './connect-provider-modal.tsx';
import { ReconciliationDrawer } from './reconciliation-drawer.tsx';
import { type BillingKey, type Reconciliation, reconciliationQueries } from './reconciliation-queries.ts';
import { ReconciliationTable } from './reconciliation-table.tsx';
import { ThresholdNote } from './threshold-note.tsx';

/** Whether the ledger agrees with what providers bill; the day in the address stands open in a drawer. */
export function ReconciliationPage() {
  const { id, slug, canManage } = useOrganization();
  const { provider, day } = useParams();
  const navigate = useNavigate();
  const [isConnecting, connecting] = useDisclosure(false);
  const billingKeys = useQuery(reconciliationQueries.billingKeys(id));
  const days = useQuery(reconciliationQueries.days(id));
  return (
    <>
      <PageHeader
        title="Reconciliation"
        description="What providers bill beside what the ledger has, by day in UTC, and why they differ."
        actions={
          canManage &&
          billingKeys.data?.length !== 0 && (
            <Button leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />} onClick={connecting.open}>
              Connect provider
            </Button>
          )
        }
      />
      <AsyncView query={billingKeys} skeleton={<TableSkeleton rows={2} label="Loading providers" />}>
        {(keys) => (
          <AsyncView query={days} skeleton={<TableSkeleton rows={8} label="Loading days" />}>
            {(data) => (
              <>
                <Loaded billingKeys={keys} days={data} onConnect={connecting.open} />
                <ReconciliationDrawer
                  provider={provider}
                  day={day}
                  days={data}
                  onClose={() => void navigate(paths.reconciliation(slug), { preventScrollReset: true })}
                />
              </>
            )}
          </AsyncView>
        )}
      </AsyncView>
      <ConnectProviderModal isOpen={isConnecting} onClose={connecting.close} />
    </>
  );
}

type LoadedProps = {
  billingKeys: readonly BillingKey[];
  days: readonly Reconciliation[];
  onConnect: () => void;
};

function Loaded({ billingKeys, days, onConnect }: LoadedProps) {
  const { canManage } = useOrganization();
  if (billingKeys.length === 0 && days.length === 0) {
    return (
      <EmptyState
        icon={IconScale}
        title="Your providers’ bills will be here, compared with the ledger every day."
        description={
          canManage
            ? 'Connect a provider with an admin key, and the last 30 days are read at once.'
            : 'An owner or admin connects a provider.'
        }
        action={canManage && <Button onClick={onConnect}>Connect provider</Button>}
      />
    );
  }
  return (
    <Stack gap="xl">
      <section aria-label="Connected providers">
        {billingKeys.length === 0 ? (
          <Text c="dimmed">No provider is connected, so no new days are compared.</Text>
        ) : (
          <BillingKeyTable billingKeys={billingKeys} />
        )}
      </section>
      <section aria-label="Days">
        <Title order={2} mb="sm">
          Days
        </Title>
        {days.length === 0 ? (
          <Text c="dimmed">Days will be here once a provider has reported one.</Text>
        ) : (
          <ReconciliationTable days={days} />
        )}
        <ThresholdNote />
      </section>
    </Stack>
  );
}
