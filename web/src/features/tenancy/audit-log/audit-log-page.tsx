import { Button, Center, Group, Select } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { EmptyState } from '@/ui/empty-state.tsx';
import { ErrorState } from '@/ui/error-state.tsx';
import { PageHeader } from '@/ui/page-header.tsx';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { memberQueries, nameOf } from '../members/member-queries.ts';
import { AuditEntryDrawer } from './audit-entry-drawer.tsx';
import { type AuditEntry, auditLogQueries } from './audit-log-queries.ts';
import { describeAction, subjectNames } from './describe-entry.ts';
import { Subject } from './subject.tsx';

export function AuditLogPage() {
  const { canManage } = useOrganization();
  return (
    <>
      <PageHeader
        title="Audit log"
        description="Every change to members, projects, keys, credentials and settings, with who made it."
      />
      {canManage ? (
        <AuditLog />
      ) : (
        <EmptyState
          icon={IconHistory}
          title="Owners and admins read the audit log"
          description="Ask one of them if you need to know who changed something. The members page shows who they are."
        />
      )}
    </>
  );
}

function AuditLog() {
  const { id, slug } = useOrganization();
  const [search] = useSearchParams();
  const filters = {
    subjectType: search.get('subject') ?? undefined,
    actorId: search.get('person') ?? undefined,
  };
  const log = useInfiniteQuery(auditLogQueries.list(id, filters));
  const entries = log.data?.pages.flat();
  const isFiltered = filters.subjectType !== undefined || filters.actorId !== undefined;
  return (
    <>
      <Filters />
      {entries === undefined && log.isError && (
        <ErrorState error={log.error} onRetry={() => void log.refetch()} />
      )}
      {entries === undefined && !log.isError && <TableSkeleton rows={10} label="Loading the audit log" />}
      {entries?.length === 0 && (
        <EmptyState
          icon={IconHistory}
          title={isFiltered ? 'Nothing was changed that fits these filters' : 'Nothing was changed yet'}
        />
      )}
      {entries && entries.length > 0 && (
        <DataTable
          label="Audit log"
          rows={entries}
          columns={columns}
          rowKey={(entry) => String(entry.id)}
          rowHref={(entry) => `${paths.auditLog(slug)}?${withEntry(search, entry.id)}`}
        />
      )}
      {log.hasNextPage && (
        <Center mt="md">
          <Button variant="default" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            Show older changes
          </Button>
        </Center>
      )}
      <AuditEntryDrawer />
    </>
  );
}

const columns: [Column<AuditEntry>, ...Column<AuditEntry>[]] = [
  { key: 'action', header: 'What', width: 240, cell: describeAction },
  { key: 'subject', header: 'Which', cell: (entry) => <Subject entry={entry} /> },
  { key: 'actor', header: 'Who', cell: ({ actor_email }) => actor_email ?? 'System' },
  {
    key: 'time',
    header: 'When',
    width: 160,
    align: 'right',
    cell: ({ created_at }) => <RelativeTime at={created_at} />,
  },
];

function withEntry(search: URLSearchParams, id: number): string {
  const next = new URLSearchParams(search);
  next.set('entry', String(id));
  return next.toString();
}

function Filters() {
  const { id } = useOrganization();
  const [search, setSearch] = useSearchParams();
  const members = useQuery(memberQueries.list(id)).data ?? [];
  const set = (name: string) => (value: string | null) =>
    setSearch((before) => {
      if (value === null) before.delete(name);
      else before.set(name, value);
      return before;
    });
  return (
    <Group gap="sm" mb="md" preventGrowOverflow={false}>
      <Select
        aria-label="Subject"
        placeholder="Everything"
        clearable
        allowDeselect
        flex="0 1 13rem"
        data={Object.entries(subjectNames).map(([value, label]) => ({ value, label }))}
        value={search.get('subject')}
        onChange={set('subject')}
      />
      <Select
        aria-label="Person"
        placeholder="Everyone"
        clearable
        allowDeselect
        searchable
        flex="0 1 13rem"
        data={members.map((member) => ({ value: member.userId, label: nameOf(member) }))}
        value={search.get('person')}
        onChange={set('person')}
      />
    </Group>
  );
}
