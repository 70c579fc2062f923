import { z } from 'zod';
import { unwrap } from '../../_shared/db.ts';
import { AppError } from '../../_shared/errors.ts';
import { defineTool } from './tool.ts';

export const createTask = defineTool({
  name: 'create_task',
  description:
    'Makes a task of its own for another agent, who begins at once and hands its result to people. It counts against the plan.',
  parameters: z.object({
    title: z.string().trim().min(1).max(200),
    description: z.string().max(20_000).default(''),
    agent: z
      .string()
      .max(60)
      .optional()
      .meta({ description: 'The name of the agent; without one a person decides.' }),
  }),
  async run({ db, claimed, stepNumber }, { title, description, agent }) {
    const made = await db.rpc('hand_on_task', {
      task_id: claimed.task.id,
      lease_token: claimed.lease_token,
      step_number: stepNumber,
      title,
      description,
      ...(agent !== undefined && { agent_name: agent }),
    });
    try {
      const { task_id: taskId, agent_id: agentId } = Made.parse(unwrap(made));
      const forWhom = agentId === null ? 'Nobody has it yet.' : 'It was begun.';
      return `The task was made. ${forWhom} Its id is ${taskId}.`;
    } catch (error) {
      if (error instanceof AppError && toldToModel.has(error.code)) return `Not made: ${error.message}`;
      throw error;
    }
  },
});

const Made = z.object({ task_id: z.uuid(), agent_id: z.uuid().nullable() });
const toldToModel: ReadonlySet<string> = new Set(['plan_limit_exceeded', 'task_too_deep']);
