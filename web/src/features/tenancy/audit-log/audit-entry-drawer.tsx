import { Code, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { formatMomentExact } from '@/lib/dates.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { SideDrawer } from '@/ui/side-drawer.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { type AuditEntry, auditLogQueries } from './audit-log-queries.ts';
import classes from './audit-entry-drawer.module.css';
import { type Change, changesOf, describeAction } from './describe-entry.ts';
import { Subject } from './subject.tsx';
import { useNames } from './use-names.ts';

/** One change with all that it changed; `?entry=` is its address. */
export function AuditEntryDrawer() {
  const [search, setSearch] = useSearchParams();
  const id = Number(search.get('entry') ?? Number.NaN);
  const close = (): void =>
    setSearch((before) => {
      before.delete('entry');
      return before;
    });
  const isOpen = Number.isSafeInteger(id);
  return (
    <SideDrawer title="Change" isOpen={isOpen} onClose={close}>
      {isOpen && <EntryView id={id} />}
    </SideDrawer>
  );
}

function EntryView({ id }: { id: number }) {
  const query = useQuery(auditLogQueries.detail(useOrganization().id, id));
  return (
    <AsyncView query={query} skeleton={<TableSkeleton rows={5} label="Loading the change" />}>
      {(entry) => <Entry entry={entry} />}
    </AsyncView>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  return (
    <Stack gap="lg">
      <div>
        <Text fw="var(--mantine-font-weight-bold)">
          {describeAction(entry)}: <Subject entry={entry} />
        </Text>
        <Text c="dimmed" size="sm">
          {entry.actor_email ?? 'System'}, {formatMomentExact(new Date(entry.created_at))}
        </Text>
      </div>
      <Table aria-label="Changed fields" className={classes.table} verticalSpacing={8} horizontalSpacing={0}>
        <Table.Tbody>
          {changesOf(entry).map((change) => (
            <Table.Tr key={change.field}>
              <Table.Th scope="row" className={classes.field}>
                {change.field.replaceAll('_', ' ')}
              </Table.Th>
              <Table.Td className={classes.values}>
                <Values change={change} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}

function Values({ change: { before, after } }: { change: Change }) {
  const names = useNames();
  return (
    <>
      {before !== undefined && (
        <del className={classes.value}>
          <Code>{names.get(before) ?? before}</Code>
        </del>
      )}
      {after !== undefined && (
        <ins className={classes.value}>
          <Code>{names.get(after) ?? after}</Code>
        </ins>
      )}
    </>
  );
}
