import { Group, SegmentedControl, Select } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { narrow } from '@/ui/breakpoints.ts';
import { agentQueries } from '../agents/agent-queries.ts';
import { taskViews } from './task-words.ts';
import { useTaskFilters } from './use-task-filters.ts';

/** Which tasks are shown, and how; all of it stands in the address. */
export function TaskFilterBar() {
  const { id } = useOrganization();
  const { filters, layout, set } = useTaskFilters();
  const isNarrow = useMediaQuery(narrow, false, { getInitialValueInEffect: false });
  const { data: agents = [] } = useQuery(agentQueries.list(id));
  const views = Object.entries(taskViews).map(([value, { label }]) => ({ value, label }));
  return (
    <Group mb="md" gap="sm" role="group" aria-label="Filters">
      {layout === 'list' || isNarrow ? (
        <Select
          aria-label="Status"
          w={170}
          data={views}
          value={filters.view}
          allowDeselect={false}
          onChange={(view) => set('view', view === 'all' ? null : view)}
        />
      ) : null}
      <Select
        aria-label="Agent"
        placeholder="Every agent"
        w={190}
        data={agents.map(({ id: value, name, archived_at: archivedAt }) => ({
          value,
          label: archivedAt === null ? name : `${name} (archived)`,
        }))}
        value={filters.agentId}
        clearable
        onChange={(agent) => set('agent', agent)}
      />
      {!isNarrow && (
        <SegmentedControl
          ml="auto"
          aria-label="Shown as"
          data={[
            { value: 'list', label: 'List' },
            { value: 'board', label: 'Board' },
          ]}
          value={layout}
          onChange={(next) => set('layout', next === 'board' ? next : null)}
        />
      )}
    </Group>
  );
}
