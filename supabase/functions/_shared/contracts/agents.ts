import { z } from 'zod';

export const TaskStatus = z.enum([
  'pending',
  'in_progress',
  'awaiting_approval',
  'completed',
  'failed',
  'cancelled',
]);
export type TaskStatus = z.infer<typeof TaskStatus>;

/** How a model asks for a tool, as it says so; the arguments are JSON that need not be valid. */
export const ToolCall = z.object({
  id: z.string(),
  name: z.string(),
  arguments: z.string(),
});
export type ToolCall = z.infer<typeof ToolCall>;

/** What a step came to, as the conversation goes on with it. */
export const ModelOutput = z.object({
  content: z.string(),
  toolCalls: z.array(ToolCall),
  isCut: z.boolean(),
});
export type ModelOutput = z.infer<typeof ModelOutput>;

export const ToolOutput = z.object({
  content: z.string(),
  /** The tool ends the work on the task with this. */
  handsIn: z.object({ result: z.string(), asksApproval: z.boolean() }).nullable(),
});
export type ToolOutput = z.infer<typeof ToolOutput>;

/** What a tool step was begun with: which call of the model it answers. */
export const ToolInput = z.object({ toolCallId: z.string(), arguments: z.unknown() });
export type ToolInput = z.infer<typeof ToolInput>;

export const TaskStep = z.object({
  number: z.int(),
  kind: z.enum(['model', 'tool', 'comment']),
  status: z.enum(['running', 'done', 'interrupted']),
  tool: z.string().nullable(),
  input: z.unknown(),
  text: z.string(),
  output: z.unknown(),
});
export type TaskStep = z.infer<typeof TaskStep>;

/** What became of a step's model call: never admitted, refused, still open, or settled, with its answer if it gave one. */
export const CallOutcome = z.object({
  state: z.enum(['none', 'refused', 'open', 'settled']),
  code: z.string().nullish(),
  answer: z.string().nullish(),
});
export type CallOutcome = z.infer<typeof CallOutcome>;

export const BegunStep = z.union([
  z.object({ limit: z.string() }),
  z.object({ step: TaskStep.extend({ call_id: z.string().nullable() }), call: CallOutcome }),
]);
export type BegunStep = z.infer<typeof BegunStep>;

/** A task in an executor's hands. */
export const ClaimedTask = z.object({
  lease_token: z.uuid(),
  claims: z.int(),
  /** For as long its agent may still work on it; less than none: it is over. */
  seconds_left: z.number(),
  task: z.object({
    id: z.uuid(),
    organization_id: z.uuid(),
    parent_id: z.uuid().nullable(),
    title: z.string(),
    description: z.string(),
  }),
  agent: z.object({
    id: z.uuid(),
    project_id: z.uuid(),
    name: z.string(),
    role: z.string(),
    model: z.string(),
    system_prompt: z.string(),
    uses_tools: z.boolean(),
  }),
  steps: z.array(TaskStep),
});
export type ClaimedTask = z.infer<typeof ClaimedTask>;
