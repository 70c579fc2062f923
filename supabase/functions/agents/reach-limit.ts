import { StepFailure } from './step-failure.ts';

/** That one of its agent's limits on a task is reached, by the database's word for it. */
export function reachLimit(limit: string): StepFailure {
  return new StepFailure(limit, words.get(limit) ?? limit, { isFinal: true });
}

const words = new Map([
  ['step_limit', 'It took as many steps as its agent may take for a task, without coming to a result.'],
  ['task_spend_limit', 'It cost as much as its agent may spend on a task, without coming to a result.'],
  ['time_limit', 'It took as long as its agent may take for a task, without coming to a result.'],
  ['repeats_itself', 'The agent used the same tool in the same way again and again.'],
  ['agent_budget_missing', 'The agent has no budget, so it may spend nothing.'],
]);
