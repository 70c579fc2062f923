import { Button, Center } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconChecklist } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { narrow } from '@/ui/breakpoints.ts';
import { EmptyState } from '@/ui/empty-state.tsx';
import { ErrorState } from '@/ui/error-state.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { TaskBoard } from './task-board.tsx';
import { taskQueries } from './task-queries.ts';
import { TaskTable } from './task-table.tsx';
import { useTaskFilters } from './use-task-filters.ts';

export function TaskList({ onAssign }: { onAssign: () => void }) {
  const { id } = useOrganization();
  const { filters, layout, set } = useTaskFilters();
  const isNarrow = useMediaQuery(narrow, false, { getInitialValueInEffect: false });
  const isBoard = layout === 'board' && !isNarrow;
  // A board has a column for every status.
  const asked = isBoard ? { ...filters, view: 'all' as const } : filters;
  const list = useInfiniteQuery(taskQueries.list(id, asked));
  const tasks = list.data?.pages.flat();
  if (tasks === undefined) {
    return list.isError ? (
      <ErrorState error={list.error} onRetry={() => void list.refetch()} />
    ) : (
      <TableSkeleton rows={6} label="Loading tasks" />
    );
  }
  if (tasks.length === 0) {
    const isFiltered = asked.view !== 'all' || asked.agentId !== null;
    return (
      <EmptyState
        icon={IconChecklist}
        title={isFiltered ? 'No task matches these filters.' : 'Tasks will be here.'}
        description={
          isFiltered
            ? undefined
            : 'Say what is to be done and who is to do it. You see every step of it here.'
        }
        action={
          isFiltered ? (
            <Button variant="default" onClick={() => set(asked.view === 'all' ? 'agent' : 'view', null)}>
              {asked.view === 'all' ? 'Show every agent’s' : 'Show all'}
            </Button>
          ) : (
            <Button onClick={onAssign}>New task</Button>
          )
        }
      />
    );
  }
  return (
    <>
      {isBoard ? <TaskBoard tasks={tasks} /> : <TaskTable tasks={tasks} />}
      {list.hasNextPage && (
        <Center mt="md">
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            Show earlier tasks
          </Button>
        </Center>
      )}
    </>
  );
}
