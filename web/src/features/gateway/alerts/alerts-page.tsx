import { Button, Center, Group, Select } from '@mantine/core';
import { IconBell, IconChecks, IconSend } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { EmptyState } from '@/ui/empty-state.tsx';
import { ErrorState } from '@/ui/error-state.tsx';
import { PageHeader } from '@/ui/page-header.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { AlertDrawer } from './alert-drawer.tsx';
import { type AlertFilters, alertQueries, alertStates } from './alert-queries.ts';
import { AlertTable } from './alert-table.tsx';
import { alertKindWords } from './alert-words.ts';
import { useMarkSeen } from './use-mark-seen.ts';

/** What people should know of, newest first; the one in the address stands open in a drawer. */
export function AlertsPage() {
  const { slug, canManage } = useOrganization();
  const { alertId } = useParams();
  const [search] = useSearchParams();
  const navigate = useNavigate();
  return (
    <>
      <PageHeader
        title="Alerts"
        description="What happened to budgets, spending, keys and providers, told once for each cause."
        actions={canManage && <Actions />}
      />
      <Filters />
      <Alerts />
      <AlertDrawer
        alertId={alertId}
        onClose={() => void navigate(`${paths.alerts(slug)}${toQuery(search)}`, { preventScrollReset: true })}
      />
    </>
  );
}

function Actions() {
  const { id, slug } = useOrganization();
  const markSeen = useMarkSeen();
  const { data: unseen = 0 } = useQuery(alertQueries.unseenCount(id));
  return (
    <>
      {unseen > 0 && (
        <Button
          variant="default"
          leftSection={<IconChecks size={16} stroke={1.5} aria-hidden />}
          loading={markSeen.isPending}
          onClick={() => markSeen.mutate(undefined)}
        >
          Mark all as seen
        </Button>
      )}
      <Button
        component={Link}
        to={paths.alertChannels(slug)}
        variant="default"
        leftSection={<IconSend size={16} stroke={1.5} aria-hidden />}
      >
        Channels
      </Button>
    </>
  );
}

function Alerts() {
  const { id } = useOrganization();
  const [search] = useSearchParams();
  const filters = parseFilters(search);
  const list = useInfiniteQuery(alertQueries.list(id, filters));
  const alerts = list.data?.pages.flat();
  if (alerts === undefined) {
    return list.isError ? (
      <ErrorState error={list.error} onRetry={() => void list.refetch()} />
    ) : (
      <TableSkeleton rows={8} label="Loading alerts" />
    );
  }
  if (alerts.length === 0) return <NoAlerts filters={filters} />;
  return (
    <>
      <AlertTable alerts={alerts} query={toQuery(search)} />
      {list.hasNextPage && (
        <Center mt="md">
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            Show older alerts
          </Button>
        </Center>
      )}
    </>
  );
}

function NoAlerts({ filters: { kind, state } }: { filters: AlertFilters }) {
  if (kind !== undefined || state === 'unseen')
    return <EmptyState icon={IconBell} title="No alert fits these filters." />;
  return (
    <EmptyState
      icon={IconBell}
      title={state === 'all' ? 'Alerts will be here.' : 'Nothing needs anyone’s attention.'}
      description="Budgets that fill up, unusual spending, failing providers and keys near expiry are told here, and to your channels."
    />
  );
}

function Filters() {
  const [search, setSearch] = useSearchParams();
  const { state, kind } = parseFilters(search);
  const set = (name: string, value: string | null): void =>
    setSearch(
      (before) => {
        if (value === null) before.delete(name);
        else before.set(name, value);
        return before;
      },
      { replace: true, preventScrollReset: true },
    );
  return (
    <Group gap="sm" mb="md" preventGrowOverflow={false} role="group" aria-label="Filters">
      <Select
        aria-label="State"
        flex="0 1 11rem"
        allowDeselect={false}
        data={[
          { value: 'open', label: 'Open' },
          { value: 'unseen', label: 'Not seen' },
          { value: 'all', label: 'All' },
        ]}
        value={state}
        onChange={(value) => set('state', value === 'open' ? null : value)}
      />
      <Select
        aria-label="Kind"
        placeholder="Every kind"
        clearable
        flex="0 1 15rem"
        data={Object.entries(alertKindWords).map(([value, label]) => ({ value, label }))}
        value={kind ?? null}
        onChange={(value) => set('kind', value)}
      />
    </Group>
  );
}

function parseFilters(search: URLSearchParams): AlertFilters {
  const state = alertStates.find((each) => each === search.get('state')) ?? 'open';
  return { state, kind: search.get('kind') ?? undefined };
}

const toQuery = (search: URLSearchParams): string => (search.size === 0 ? '' : `?${search.toString()}`);
