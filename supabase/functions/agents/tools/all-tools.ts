import type { ClaimedTask } from '../../_shared/contracts/agents.ts';
import { askApproval } from './ask-approval.ts';
import { createTask } from './create-task.ts';
import { handIn } from './hand-in.ts';
import { readAgents } from './read-agents.ts';
import { readNotes } from './read-notes.ts';
import { readSpending } from './read-spending.ts';
import { readTasks } from './read-tasks.ts';
import type { Tool } from './tool.ts';

const allTools: readonly Tool[] = [
  readTasks,
  readAgents,
  readSpending,
  readNotes,
  createTask,
  askApproval,
  handIn,
];

/** What an agent may use for a task; one that was handed on hands on nothing. */
export function toolsFor({ agent, task }: ClaimedTask): readonly Tool[] {
  if (!agent.uses_tools) return [];
  return task.parent_id === null ? allTools : allTools.filter((tool) => tool !== createTask);
}
