import type { Caller } from './caller.ts';
import { taskModel } from './task-answers.ts';

/** An agent of this organization, whose calls reach the stand-in upstream. Answers its id. */
export async function makeAgent(
  { owner, projectId }: Pick<Caller, 'owner' | 'projectId'>,
  { name = 'Ada', budgetUsd = 5, model = taskModel } = {},
): Promise<string> {
  const asked = { project_id: projectId, name, model, budget_usd: budgetUsd };
  const { data, error } = await owner.db.rpc('create_agent', asked);
  if (error) throw error;
  return data;
}

export async function assignTask(
  { owner, organizationId }: Pick<Caller, 'owner' | 'organizationId'>,
  agentId: string | null,
  { title = 'Write a haiku', needsApproval = false } = {},
): Promise<string> {
  const { data, error } = await owner.db.rpc('assign_task', {
    organization_id: organizationId,
    title,
    ...(agentId !== null && { agent_id: agentId }),
    needs_approval: needsApproval,
  });
  if (error) throw error;
  return data;
}
