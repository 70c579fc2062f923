import type { Hono } from 'hono';
import { authenticate } from '../../_shared/auth.ts';
import { type AssignedTask, AssignTask } from '../../_shared/contracts/api.ts';
import { readBody } from '../../_shared/create-app.ts';
import { unwrap } from '../../_shared/db.ts';
import { AppError } from '../../_shared/errors.ts';
import { answerData } from '../../_shared/http.ts';
import type { ApiEnv } from '../env.ts';
import { findTeam } from '../find-team.ts';

/** Work for agents, in the name of the person who asks. */
export function addAgentRoutes(app: Hono, env: ApiEnv): void {
  app.post('/v1/agents/assign', async (c) => {
    const { db } = await authenticate(env, c.req.raw);
    const { teamId, agentId, title, description, needsApproval } = await readBody(c.req.raw, AssignTask);
    const team = await findTeam(db, teamId);
    const id = unwrap(
      await db.rpc('assign_task', {
        organization_id: team.id,
        agent_id: agentId,
        title,
        source: { kind: 'api' },
        ...(description !== undefined && { description }),
        ...(needsApproval !== undefined && { needs_approval: needsApproval }),
      }),
    );
    const [task] = unwrap(await db.from('tasks').select('title, status, created_at').eq('id', id));
    if (task === undefined) throw new AppError('task_not_found');
    const assigned: AssignedTask = {
      id,
      teamId: team.id,
      agentId,
      title: task.title,
      status: task.status,
      createdAt: task.created_at,
    };
    return answerData(assigned, 201);
  });
}
