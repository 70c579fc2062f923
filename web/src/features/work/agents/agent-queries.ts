import { queryOptions } from '@tanstack/react-query';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export type Agent = Awaited<ReturnType<typeof fetchAgents>>[number];

export const agentQueries = {
  all: (organizationId: string) => ['work', organizationId, 'agents'],
  /** By name; archived ones too, since their tasks still say who did them. */
  list: (organizationId: string) =>
    queryOptions({
      queryKey: [...agentQueries.all(organizationId), 'list'],
      queryFn: () => fetchAgents(organizationId),
    }),
  /** What each may spend, in which time, and has spent: by the agent's id. */
  budgets: (organizationId: string) =>
    queryOptions({
      queryKey: [...agentQueries.all(organizationId), 'budgets'],
      queryFn: async () => {
        const rows = unwrap(
          await supabase()
            .from('budgets')
            .select('id, scope_id, period, limit_usd::text, spent_usd::text, held_usd::text')
            .eq('organization_id', organizationId)
            .eq('scope', 'agent')
            .order('created_at'),
        );
        return new Map(rows.toReversed().map((row) => [row.scope_id, row]));
      },
    }),
  /** Projects that can pay, by name. */
  projects: (organizationId: string) =>
    queryOptions({
      queryKey: [...agentQueries.all(organizationId), 'projects'],
      queryFn: async () =>
        unwrap(
          await supabase()
            .from('projects')
            .select('id, name')
            .eq('organization_id', organizationId)
            .is('archived_at', null)
            .order('name'),
        ),
    }),
  /** What an agent may be told to use: the organization's aliases first, then every model that has a price. */
  models: (organizationId: string) =>
    queryOptions({
      queryKey: [...agentQueries.all(organizationId), 'models'],
      staleTime: 300_000,
      queryFn: async () => {
        const [aliases, models] = await Promise.all([
          supabase().from('model_aliases').select('name').eq('organization_id', organizationId).order('name'),
          supabase()
            .from('models')
            .select('provider, model')
            .eq('is_deprecated', false)
            .order('provider')
            .order('model'),
        ]);
        return [
          { group: 'Aliases', items: unwrap(aliases).map(({ name }) => name) },
          { group: 'Models', items: unwrap(models).map(({ provider, model }) => `${provider}/${model}`) },
        ].filter(({ items }) => items.length > 0);
      },
    }),
};

async function fetchAgents(organizationId: string) {
  return unwrap(
    await supabase()
      .from('agents')
      .select(
        'id, project_id, name, role, avatar, model, system_prompt, uses_tools, is_active, max_steps, max_task_usd::text, max_minutes, archived_at',
      )
      .eq('organization_id', organizationId)
      .order('name')
      .order('id'),
  );
}
