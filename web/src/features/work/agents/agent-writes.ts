import { requireSuccess, unwrap } from '@/lib/errors.ts';
import type { Usd } from '@/lib/money.ts';
import { supabase } from '@/lib/supabase.ts';
import type { Agent } from './agent-queries.ts';

export type AgentValues = {
  name: string;
  role: string;
  avatar: string;
  projectId: string;
  model: string;
  systemPrompt: string;
  usesTools: boolean;
  budgetUsd: Usd;
  maxSteps: number;
  maxTaskUsd: Usd;
  maxMinutes: number;
};

/** Answers the new agent's id. */
export async function createAgent(values: AgentValues): Promise<string> {
  const id = unwrap(
    await supabase().rpc('create_agent', {
      project_id: values.projectId,
      name: values.name,
      model: values.model,
      budget_usd: Number(values.budgetUsd),
      role: values.role.trim(),
      system_prompt: values.systemPrompt,
      avatar: values.avatar,
    }),
  );
  await updateAgent(id, limitsOf(values));
  return id;
}

/** Its budget holds from the next call on, the rest from its next step. */
export async function changeAgent(
  agent: Pick<Agent, 'id'>,
  organizationId: string,
  budgetId: string | undefined,
  values: AgentValues,
): Promise<void> {
  await updateAgent(agent.id, {
    name: values.name.trim(),
    role: values.role.trim(),
    avatar: values.avatar,
    project_id: values.projectId,
    model: values.model.trim(),
    system_prompt: values.systemPrompt,
    ...limitsOf(values),
  });
  const limit = { limit_usd: Number(values.budgetUsd) };
  requireSuccess(
    budgetId === undefined
      ? await supabase()
          .from('budgets')
          .insert({
            organization_id: organizationId,
            scope: 'agent',
            scope_id: agent.id,
            period: 'month',
            ...limit,
          })
      : await supabase().from('budgets').update(limit).eq('id', budgetId),
  );
}

/** A paused agent lays down what it has after its present step. */
export async function pauseAgent({ id }: Pick<Agent, 'id'>, isPaused: boolean): Promise<void> {
  await updateAgent(id, { is_active: !isPaused });
}

export async function archiveAgent({ id }: Pick<Agent, 'id'>): Promise<void> {
  await updateAgent(id, { archived_at: new Date().toISOString() });
}

const limitsOf = ({ usesTools, maxSteps, maxTaskUsd, maxMinutes }: AgentValues) => ({
  uses_tools: usesTools,
  max_steps: maxSteps,
  max_task_usd: Number(maxTaskUsd),
  max_minutes: maxMinutes,
});

type Changes = Parameters<ReturnType<typeof agentsTable>['update']>[0];
const agentsTable = () => supabase().from('agents');

async function updateAgent(id: string, changes: Changes): Promise<void> {
  requireSuccess(await agentsTable().update(changes).eq('id', id));
}
