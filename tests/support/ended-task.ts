import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { operatorSql } from './database.ts';

const TaskRow = z.object({
  id: z.uuid(),
  status: z.string(),
  cost_usd: z.string(),
  result: z.string().nullable(),
  failure_code: z.string().nullable(),
  failure_message: z.string().nullable(),
  is_blocked: z.boolean(),
  attempts: z.int(),
  claims: z.int(),
});
export type TaskRow = z.infer<typeof TaskRow>;

export async function readTask(id: string): Promise<TaskRow> {
  const [row] = await operatorSql()`select * from public.tasks where id = ${id}`;
  return TaskRow.parse(row);
}

/** The task once it has one of these statuses. @throws when that takes too long */
export async function taskInStatus(
  id: string,
  statuses: readonly string[] = ['completed', 'failed', 'cancelled', 'awaiting_approval'],
  timeoutMs = 20_000,
): Promise<TaskRow> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const task = await readTask(id);
    if (statuses.includes(task.status)) return task;
    if (Date.now() > deadline) throw new Error(`Not ${statuses.join(' or ')}: ${JSON.stringify(task)}`);
    await wait(50);
  }
}

const StepRow = z.object({
  number: z.int(),
  kind: z.string(),
  status: z.string(),
  tool: z.string().nullable(),
  text: z.string(),
  cost_usd: z.string(),
});

export async function readSteps(taskId: string): Promise<z.infer<typeof StepRow>[]> {
  const rows = await operatorSql()`select * from public.task_steps where task_id = ${taskId} order by number`;
  return z.array(StepRow).parse([...rows]);
}
