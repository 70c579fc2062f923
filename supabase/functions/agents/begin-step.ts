import { BegunStep } from '../_shared/contracts/agents.ts';
import { unwrap } from '../_shared/db.ts';
import type { Json } from '../_shared/database.types.ts';
import { StepFailure } from './step-failure.ts';
import type { Work } from './work-on-task.ts';

export type Begun = Exclude<BegunStep, { limit: string }>;

/** Takes the next step's number, or the step that was begun and not done. Null: its agent was paused. Throws the limit that is reached. */
export async function beginStep(
  { parts, lease, failAt }: Work,
  asked: { kind: 'model'; call_id: string } | { kind: 'tool'; tool: string; input: Json },
): Promise<Begun | null> {
  const begun = BegunStep.parse(unwrap(await parts.db.rpc('begin_step', { ...lease.named, ...asked })));
  if (!('limit' in begun)) {
    await failAt('step-begun');
    return begun;
  }
  if (begun.limit === 'agent_paused') return null;
  throw new StepFailure(begun.limit, limitWords.get(begun.limit) ?? begun.limit, { isFinal: true });
}

const limitWords = new Map([
  ['step_limit', 'It took as many steps as its agent may take for a task, without coming to a result.'],
  ['task_spend_limit', 'It cost as much as its agent may spend on a task, without coming to a result.'],
  ['time_limit', 'It took as long as its agent may take for a task, without coming to a result.'],
  ['repeats_itself', 'The agent used the same tool in the same way again and again.'],
  ['agent_budget_missing', 'The agent has no budget, so it may spend nothing.'],
]);
