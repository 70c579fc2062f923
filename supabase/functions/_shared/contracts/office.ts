import { z } from 'zod';
import { TaskStatus } from './agents.ts';

/** What an event says of its task or agent; each kind has its part of it. */
const OfficeEventDetails = z.object({
  title: z.string().optional(),
  status: TaskStatus.optional(),
  is_blocked: z.boolean().optional(),
  failure_code: z.string().optional(),
  parent_id: z.string().optional(),
  created_by: z.string().optional(),
  approver_id: z.string().optional(),
  kind: z.string().optional(),
  tool: z.string().optional(),
});

/** A row of `office_events`, as it is read and as it is sent. */
export const OfficeEvent = z.object({
  seq: z.number(),
  kind: z.string(),
  agent_id: z.string().nullable(),
  task_id: z.string().nullable(),
  /** What the task has cost so far, in dollars. */
  cost_usd: z.string().nullable(),
  details: OfficeEventDetails,
  at: z.iso.datetime({ offset: true }),
});
export type OfficeEvent = z.infer<typeof OfficeEvent>;

export const OfficeAgent = z.object({
  id: z.string(),
  name: z.string(),
  role: z.string(),
  avatar: z.string(),
  model: z.string(),
  is_active: z.boolean(),
});
export type OfficeAgent = z.infer<typeof OfficeAgent>;

/** Where somebody put an idle agent: in thousandths of the lounge. */
export const AgentPlacement = z.object({
  agent_id: z.string(),
  x: z.int().min(0).max(1000),
  y: z.int().min(0).max(1000),
  at: z.iso.datetime({ offset: true }),
});
export type AgentPlacement = z.infer<typeof AgentPlacement>;

/** What one needs to draw an office as of `seq`: who is there, what was before the window, and all events in it. */
export const OfficeState = z.object({
  seq: z.number(),
  now: z.iso.datetime({ offset: true }),
  spent_today_usd: z.string(),
  agents: z.array(OfficeAgent),
  people: z.array(z.object({ user_id: z.string(), name: z.string(), role: z.string() })),
  before: z.array(OfficeEvent),
  /** How many older tasks are open, or failed, beside those that `before` tells of. */
  left_out: z.number(),
  events: z.array(OfficeEvent),
  leases: z.record(z.string(), z.iso.datetime({ offset: true })),
  placements: z.array(AgentPlacement),
  places: z.record(z.string(), z.object({ x: z.number(), y: z.number() })),
});
export type OfficeState = z.infer<typeof OfficeState>;

/** A stretch of the log: what was before it, and a bounded page of what happened in it. */
export const OfficeStretch = z.object({
  before: z.array(OfficeEvent),
  events: z.array(OfficeEvent),
  /** Events from this number on were left out; null: that was all. */
  next_seq: z.number().nullable(),
});
export type OfficeStretch = z.infer<typeof OfficeStretch>;
