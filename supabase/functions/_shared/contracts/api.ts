import { z } from 'zod';
import { AddNote, ChangeNote, RemoveNote } from './whiteboard.ts';
import { TaskStatus } from './agents.ts';

/** What the REST API takes and answers. Its OpenAPI document is made of these, descriptions included. */

const Email = z.email('That is not an email address.').max(320);
const Money = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .meta({ description: 'Dollars, as a decimal string.' });

const Name = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\x20-\x7e]+$/, 'An id has plain characters only.');

export const Register = z.object({
  email: Email,
  password: z.string().min(8, 'A password has at least 8 characters.').max(72),
  fullName: z.string().trim().max(100).optional(),
  teamName: z.string().trim().min(1).max(100).optional().meta({ description: 'The name of the new team.' }),
});
export type Register = z.infer<typeof Register>;

export const Login = z.object({ email: Email, password: z.string().min(1).max(1000) });
export type Login = z.infer<typeof Login>;

export const Team = z.object({
  id: z.uuid(),
  name: z.string(),
  slug: z.string(),
  plan: z.string(),
  timeZone: z.string(),
  role: z.string().meta({ description: 'The role of whoever asks.' }),
  members: z.int(),
  monthlyBudgetUsd: Money.nullable().meta({ description: 'Null: unlimited.' }),
  createdAt: z.string(),
});
export type Team = z.infer<typeof Team>;

export const Session = z.object({
  token: z.string().nullable().meta({
    description: 'The bearer token of team and costs. Null until the email address is confirmed.',
  }),
  refreshToken: z.string().nullable(),
  expiresAt: z.int().nullable().meta({ description: 'When the token expires, in seconds of the epoch.' }),
  user: z.object({ id: z.uuid(), email: z.string() }),
  teams: z.array(Team),
});
export type Session = z.infer<typeof Session>;

export const TeamQuery = z.object({
  teamId: z.uuid().optional().meta({ description: 'Needed only by members of several teams.' }),
});
export type TeamQuery = z.infer<typeof TeamQuery>;

const Message = z
  .looseObject({
    role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
    content: z.union([z.string(), z.array(z.looseObject({ type: z.string() })), z.null()]).optional(),
  })
  .meta({ description: "A message as OpenAI's chat completions have it, whichever provider answers." });

export const AIRequest = z.object({
  provider: z.enum(['openai', 'anthropic', 'moonshot']),
  model: z.string().min(1).max(200),
  messages: z.array(Message).min(1),
  teamId: z.uuid().meta({ description: "Must be the proxy key's." }),
  userId: z.uuid().meta({ description: 'For whom it is asked: a member of the team.' }),
  metadata: z.object({ agentId: Name.optional(), taskId: Name.optional() }).optional(),
  stream: z.boolean().optional(),
  maxTokens: z.int().positive().optional(),
  temperature: z.number().min(0).max(2).optional(),
  tools: z.array(z.looseObject({ type: z.string() })).optional(),
  toolChoice: z.union([z.string(), z.looseObject({ type: z.string() })]).optional(),
});
export type AIRequest = z.infer<typeof AIRequest>;

export const ChatAnswer = z.object({
  requestId: z.string().meta({ description: 'The id of the call in the ledger.' }),
  provider: AIRequest.shape.provider,
  model: z.string().meta({ description: 'The model that answered.' }),
  message: z
    .looseObject({
      role: z.literal('assistant'),
      content: z.string().nullable(),
      tool_calls: z.array(z.looseObject({ id: z.string() })).optional(),
    })
    .meta({ description: 'To be sent back as it is when the conversation goes on.' }),
  finishReason: z.string().nullable(),
  usage: z.object({ inputTokens: z.int(), outputTokens: z.int() }).nullable(),
  costUsd: Money.nullable().meta({ description: 'Null where the model has no price.' }),
});
export type ChatAnswer = z.infer<typeof ChatAnswer>;

const Spent = z.object({ costUsd: Money, requestCount: z.int(), startedAt: z.string() });

export const RealtimeCosts = z.object({
  teamId: z.uuid(),
  version: z.string().meta({ description: 'Changes whenever a call is made or settled.' }),
  today: Spent,
  month: Spent.extend({ endsAt: z.string() }),
  heldUsd: Money.meta({ description: 'What calls under way may still cost.' }),
  budgetUsd: Money.nullable().meta({ description: "The month's budget. Null: unlimited." }),
});
export type RealtimeCosts = z.infer<typeof RealtimeCosts>;

export const HistoryQuery = TeamQuery.extend({
  from: z.iso.date().optional().meta({ description: 'The first day; 30 days back, unless it is given.' }),
  to: z.iso.date().optional().meta({ description: 'The last day; today, unless it is given.' }),
});
export type HistoryQuery = z.infer<typeof HistoryQuery>;

export const CostHistory = z.object({
  teamId: z.uuid(),
  from: z.iso
    .date()
    .meta({ description: 'The first day that is answered: the plan bounds what can be seen.' }),
  to: z.iso.date(),
  days: z
    .array(
      z.object({
        date: z.iso.date(),
        provider: z.string(),
        model: z.string(),
        totalCostUsd: Money,
        totalInput: z.int(),
        totalOutput: z.int(),
        requestCount: z.int(),
      }),
    )
    .meta({ description: "By day in the team's time zone, provider and model." }),
});
export type CostHistory = z.infer<typeof CostHistory>;

export const AssignTask = z.object({
  teamId: z.uuid().optional().meta({ description: 'Needed only by members of several teams.' }),
  agentId: z.uuid().meta({ description: 'An agent of the team. It begins at once.' }),
  title: z.string().trim().min(1).max(200),
  description: z.string().max(20_000).optional(),
  needsApproval: z.boolean().optional().meta({ description: 'A person has to approve the result.' }),
});
export type AssignTask = z.infer<typeof AssignTask>;

export const AssignedTask = z.object({
  id: z.uuid(),
  teamId: z.uuid(),
  agentId: z.uuid(),
  title: z.string(),
  status: TaskStatus.meta({ description: 'As it was when it was assigned; its agent goes on from here.' }),
  createdAt: z.string(),
});
export type AssignedTask = z.infer<typeof AssignedTask>;

/** After which note a page begins: when it was made, and its id. */
const NoteCursor = z
  .string()
  .regex(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) .{1,200}$/,
    'That is no cursor of an answer.',
  );

export const WhiteboardQuery = TeamQuery.extend({
  boardId: z.uuid().optional().meta({ description: "The team's first board, unless it is given." }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(500)
    .default(500)
    .meta({ description: 'How many notes are answered at most.' }),
  cursor: NoteCursor.optional().meta({ description: '`nextCursor` of the answer before this one.' }),
});
export type WhiteboardQuery = z.infer<typeof WhiteboardQuery>;

export const Whiteboard = z.object({
  teamId: z.uuid(),
  boardId: z.uuid(),
  name: z.string(),
  notes: z.array(
    z.object({
      id: z.string(),
      tab: z.string().meta({ description: 'The name of its page: Vision, Goals, Rules…' }),
      content: z.string(),
      color: z.string(),
      createdAt: z.string(),
      updatedAt: z.string(),
    }),
  ),
  nextCursor: NoteCursor.nullable().meta({
    description: 'Asks for the notes after these; null: there are none.',
  }),
});
export type Whiteboard = z.infer<typeof Whiteboard>;

const onBoard = {
  teamId: z.uuid().optional().meta({ description: 'Needed only by members of several teams.' }),
  boardId: z.uuid().optional().meta({ description: "The team's first board, unless it is given." }),
};

export const UpdateWhiteboard = z.discriminatedUnion('action', [
  AddNote.extend({ action: z.literal('add'), ...onBoard }),
  ChangeNote.extend({ action: z.literal('change'), ...onBoard }),
  RemoveNote.extend({ action: z.literal('remove'), ...onBoard }),
]);
export type UpdateWhiteboard = z.infer<typeof UpdateWhiteboard>;

export const UpdatedNote = z.object({ teamId: z.uuid(), boardId: z.uuid(), noteId: z.string() });
export type UpdatedNote = z.infer<typeof UpdatedNote>;
