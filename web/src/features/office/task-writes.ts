import { requireSuccess, unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export type NewTask = {
  agentId: string;
  title: string;
  description: string;
  /** Who has to approve the result; null: nobody. */
  approverId: string | null;
};

/** The agent begins at once. Answers the task's id. */
export async function assignTask(organizationId: string, task: NewTask): Promise<string> {
  return unwrap(
    await supabase().rpc('assign_task', {
      organization_id: organizationId,
      agent_id: task.agentId,
      title: task.title.trim(),
      description: task.description.trim(),
      ...(task.approverId !== null && { approver_id: task.approverId }),
      source: { kind: 'office' },
    }),
  );
}

/** Also lays a failed one aside. */
export async function stopTask(id: string): Promise<void> {
  requireSuccess(await supabase().rpc('stop_task', { id }));
}

/** Of exactly the result that was read. */
export async function approveTask(id: string, resultHash: string): Promise<void> {
  requireSuccess(await supabase().rpc('approve_task', { id, result_hash: resultHash }));
}

export async function returnTask(id: string, comment: string): Promise<void> {
  requireSuccess(await supabase().rpc('return_task', { id, comment: comment.trim() }));
}

export async function restartTask(id: string): Promise<void> {
  requireSuccess(await supabase().rpc('restart_task', { id }));
}
