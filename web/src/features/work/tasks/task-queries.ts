import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';
import { type TaskView, taskViews } from './task-words.ts';

export type TaskFilters = { view: TaskView; agentId: string | null };
export type Task = Awaited<ReturnType<typeof fetchTasks>>[number];
export type OpenTask = Awaited<ReturnType<typeof fetchTask>>;
export type TaskStep = Awaited<ReturnType<typeof fetchSteps>>[number];

const pageSize = 50;

export const taskQueries = {
  all: (organizationId: string) => ['work', organizationId, 'tasks'],
  /** Newest first. */
  list: (organizationId: string, filters: TaskFilters) =>
    infiniteQueryOptions({
      queryKey: [...taskQueries.all(organizationId), 'list', filters],
      initialPageParam: null,
      queryFn: ({ pageParam }: { pageParam: Cursor | null }) =>
        fetchTasks(organizationId, filters, pageParam),
      getNextPageParam: (page: readonly Task[]) => (page.length < pageSize ? null : (page.at(-1) ?? null)),
    }),
  one: (organizationId: string, taskId: string) =>
    queryOptions({
      queryKey: [...taskQueries.all(organizationId), 'one', taskId],
      queryFn: () => fetchTask(organizationId, taskId),
    }),
  steps: (organizationId: string, taskId: string) =>
    queryOptions({
      queryKey: [...taskQueries.all(organizationId), 'steps', taskId],
      queryFn: () => fetchSteps(taskId),
    }),
  /** How much each agent has in hand and before it, by the agent's id. */
  openCounts: (organizationId: string) =>
    queryOptions({
      queryKey: [...taskQueries.all(organizationId), 'open'],
      queryFn: async () => {
        const rows = unwrap(
          await supabase()
            .from('tasks')
            .select('agent_id, status')
            .eq('organization_id', organizationId)
            .in('status', ['pending', 'in_progress'])
            .limit(1000),
        );
        const counts = new Map<string, { working: number; waiting: number }>();
        for (const { agent_id: agentId, status } of rows) {
          const count = counts.get(agentId ?? '') ?? { working: 0, waiting: 0 };
          count[status === 'in_progress' ? 'working' : 'waiting'] += 1;
          counts.set(agentId ?? '', count);
        }
        return counts;
      },
    }),
};

// Money is asked for as text: a JSON number would be a float.
const columns =
  'id, title, status, is_blocked, failure_code, agent_id, needs_approval, attempts, due_at, cost_usd::text, created_by, created_at, finished_at';

/** The last task of the page before. */
type Cursor = { created_at: string; id: string };

async function fetchTasks(organizationId: string, { view, agentId }: TaskFilters, after: Cursor | null) {
  let query = supabase()
    .from('tasks')
    .select(columns)
    .eq('organization_id', organizationId)
    .order('created_at', { ascending: false })
    .order('id', { ascending: false })
    .limit(pageSize);
  const { statuses } = taskViews[view];
  if (statuses !== null) query = query.in('status', [...statuses]);
  if (agentId !== null) query = query.eq('agent_id', agentId);
  if (after !== null) {
    query = query.or(
      `created_at.lt."${after.created_at}",and(created_at.eq."${after.created_at}",id.lt.${after.id})`,
    );
  }
  return unwrap(await query);
}

/** With all that its drawer shows. */
async function fetchTask(organizationId: string, taskId: string) {
  return unwrap(
    await supabase()
      .from('tasks')
      .select(`${columns}, description, result, result_hash, failure_message, parent_id`)
      .eq('organization_id', organizationId)
      .eq('id', taskId)
      .maybeSingle(),
  );
}

async function fetchSteps(taskId: string) {
  return unwrap(
    await supabase()
      .from('task_steps')
      .select(
        'id, number, kind, status, tool, text, input_tokens, output_tokens, cost_usd::text, call_id, created_by, started_at, finished_at',
      )
      .eq('task_id', taskId)
      .order('number'),
  );
}
