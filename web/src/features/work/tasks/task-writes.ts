import { requireSuccess, unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export type NewTask = { title: string; description: string; agentId: string | null; needsApproval: boolean };

/** Its agent begins at once. Answers the new task's id. */
export async function assignTask(
  organizationId: string,
  { title, description, agentId, needsApproval }: NewTask,
): Promise<string> {
  return unwrap(
    await supabase().rpc('assign_task', {
      organization_id: organizationId,
      title,
      description,
      needs_approval: needsApproval,
      ...(agentId !== null && { agent_id: agentId }),
    }),
  );
}

export async function stopTask(id: string): Promise<void> {
  requireSuccess(await supabase().rpc('stop_task', { id }));
}

export async function restartTask(id: string): Promise<void> {
  requireSuccess(await supabase().rpc('restart_task', { id }));
}

/** Exactly the result that was looked at. */
export async function approveTask(id: string, resultHash: string): Promise<void> {
  requireSuccess(await supabase().rpc('approve_task', { id, result_hash: resultHash }));
}

export async function returnTask(id: string, comment: string): Promise<void> {
  requireSuccess(await supabase().rpc('return_task', { id, comment: comment.trim() }));
}

export async function reassignTask(id: string, agentId: string): Promise<void> {
  requireSuccess(await supabase().rpc('reassign_task', { id, agent_id: agentId }));
}
