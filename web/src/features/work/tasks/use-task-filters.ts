import { useSearchParams } from 'react-router';
import { isUuid } from '@/lib/is-uuid.ts';
import type { TaskFilters } from './task-queries.ts';
import { isTaskView } from './task-words.ts';

export type TaskLayout = 'list' | 'board';

/** What the address says of the list; what makes no sense in it is left out. */
export function useTaskFilters(): {
  filters: TaskFilters;
  layout: TaskLayout;
  /** To be kept behind an address. */
  query: string;
  set: (name: 'view' | 'agent' | 'layout', value: string | null) => void;
} {
  const [search, setSearch] = useSearchParams();
  const view = search.get('view');
  const agentId = search.get('agent');
  return {
    filters: {
      view: isTaskView(view) ? view : 'all',
      agentId: agentId !== null && isUuid(agentId) ? agentId : null,
    },
    layout: search.get('layout') === 'board' ? 'board' : 'list',
    query: search.size === 0 ? '' : `?${search.toString()}`,
    set: (name, value) =>
      setSearch(
        (before) => {
          const next = new URLSearchParams(before);
          if (value === null) next.delete(name);
          else next.set(name, value);
          return next;
        },
        { preventScrollReset: true },
      ),
  };
}
