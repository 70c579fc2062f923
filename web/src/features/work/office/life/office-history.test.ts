import { describe, expect, test } from 'vitest';
import type { OfficeEvent } from '@contracts/office.ts';
import { officeHistoryOf, spentAt, standingAt } from './office-history.ts';

const agents = [0, 1, 2].map((number) => ({ id: `agent-${number}`, number, isActive: true }));
const doors: Record<string, number> = { ada: 0, ben: 2 };
const staff = { agents, doorOf: (personId: string | null) => doors[personId ?? ''] ?? 3 };
const start = Date.parse('2026-11-20T09:00:00Z');
const secondMs = 1_000;

type Told = {
  task?: string;
  agent?: number;
  after?: number;
  cost?: string;
  details?: OfficeEvent['details'];
};

function event(
  seq: number,
  kind: string,
  { task = 't', agent = 0, after = seq, cost = '0', details = {} }: Told = {},
): OfficeEvent {
  const at = new Date(start + after * secondMs).toISOString();
  return {
    seq,
    kind,
    agent_id: `agent-${agent}`,
    task_id: task,
    cost_usd: cost,
    details: { title: task, ...details },
    at,
  };
}

const history = (...events: OfficeEvent[]) => officeHistoryOf(staff, [], events);

function where(of: ReturnType<typeof history>, agent: number, after: number) {
  const found = of.agents.get(`agent-${agent}`);
  const standing = found && standingAt(found, start + after * secondMs);
  return { stop: standing?.stop, activity: standing?.activity, trouble: standing?.trouble?.kind ?? null };
}

test('[OFV11] an agent is idle in the lounge, at its desk while it works, at the approver’s door, and back in the lounge', () => {
  const of = history(
    event(1, 'task_created', { details: { status: 'pending', approver_id: 'ben' } }),
    event(2, 'task_started', { details: { status: 'in_progress', approver_id: 'ben' } }),
    event(3, 'task_awaits_approval', { details: { status: 'awaiting_approval', approver_id: 'ben' } }),
    event(4, 'task_completed', { details: { status: 'completed', approver_id: 'ben' } }),
  );
  expect([0, 1, 2, 3, 4].map((after) => where(of, 0, after))).toEqual([
    { stop: 'lounge/0', activity: 'idle', trouble: null },
    { stop: 'desk/0', activity: 'waiting', trouble: null },
    { stop: 'desk/0', activity: 'working', trouble: null },
    { stop: 'door/2/0', activity: 'awaiting', trouble: null },
    { stop: 'lounge/0', activity: 'idle', trouble: null },
  ]);
  expect(where(of, 1, 3).stop).toBe('lounge/1');
});

test('[OFV12] whoever made the task is asked where nobody is named to approve', () => {
  const of = history(
    event(1, 'task_awaits_approval', { details: { status: 'awaiting_approval', created_by: 'ada' } }),
  );
  expect(where(of, 0, 1).stop).toBe('door/0/0');
});

test('[OFV13] agents that share a task meet at the table, until one is left', () => {
  const working = { status: 'in_progress' } as const;
  const of = history(
    event(1, 'task_started', { task: 'whole', agent: 0, details: working }),
    event(2, 'task_started', { task: 'part-1', agent: 1, details: { ...working, parent_id: 'whole' } }),
    event(3, 'task_started', { task: 'part-2', agent: 2, details: { ...working, parent_id: 'whole' } }),
    event(4, 'task_completed', {
      task: 'part-1',
      agent: 1,
      details: { status: 'completed', parent_id: 'whole' },
    }),
    event(5, 'task_completed', {
      task: 'part-2',
      agent: 2,
      details: { status: 'completed', parent_id: 'whole' },
    }),
  );
  expect([1, 2, 4, 5].map((after) => where(of, 0, after).stop)).toEqual([
    'desk/0',
    'meeting/0',
    'meeting/0',
    'desk/0',
  ]);
  expect(where(of, 1, 3)).toMatchObject({ stop: 'meeting/1', activity: 'meeting' });
  expect(where(of, 1, 4).stop).toBe('lounge/1');
});

describe('[OFV14] what went wrong shows wherever the agent is:', () => {
  test.each([
    ['failed', false],
    ['blocked', true],
  ] as const)('%s', (trouble, is_blocked) => {
    const of = history(
      event(1, 'task_failed', { task: 'old', details: { status: 'failed', is_blocked } }),
      event(2, 'task_started', { task: 'new', details: { status: 'in_progress' } }),
      event(3, 'task_completed', { task: 'new', details: { status: 'completed' } }),
      event(4, 'task_restarted', { task: 'old', details: { status: 'pending' } }),
    );
    expect(where(of, 0, 1)).toEqual({ stop: 'lounge/0', activity: 'idle', trouble });
    expect(where(of, 0, 2)).toEqual({ stop: 'desk/0', activity: 'working', trouble });
    expect(where(of, 0, 3).trouble).toBe(trouble);
    expect(where(of, 0, 4).trouble).toBeNull();
  });
});

test('[OFV15] a task that is given to someone else is theirs, and a paused agent begins nothing', () => {
  const of = officeHistoryOf(
    { ...staff, agents: [{ id: 'agent-0', number: 0, isActive: false }, ...agents.slice(1)] },
    [],
    [
      event(1, 'task_created', { details: { status: 'pending' } }),
      event(2, 'task_assigned', { agent: 1, details: { status: 'pending' } }),
    ],
  );
  expect(where(of, 0, 1)).toMatchObject({ stop: 'lounge/0', activity: 'paused' });
  expect(where(of, 1, 2)).toMatchObject({ stop: 'desk/1', activity: 'waiting' });
});

test('[OFV16] a snapshot and the events after it tell what the whole log tells', () => {
  const log = [
    event(1, 'task_created', { details: { status: 'pending' } }),
    event(2, 'task_started', { details: { status: 'in_progress' }, cost: '0' }),
    event(3, 'task_cost', { details: { status: 'in_progress' }, cost: '0.01' }),
    event(4, 'step_done', { details: { status: 'in_progress' }, cost: '0.01' }),
    event(5, 'task_cost', { details: { status: 'in_progress' }, cost: '0.0300000001' }),
  ];
  const whole = history(...log);
  const late = officeHistoryOf(
    staff,
    [log[3] ?? log[0]].flatMap((each) => each ?? []),
    log.slice(4),
  );
  expect(where(late, 0, 6)).toEqual(where(whole, 0, 6));
  expect(late.tasks.get('t')?.costUsd).toBe(whole.tasks.get('t')?.costUsd);
  expect(late.agents.get('agent-0')?.stays.at(-1)?.stop).toBe('desk/0');
});

test('[OFV17] spend rises with the events and adds up exactly', () => {
  const log = ['0', '0.1', '0.3', '0.3000000001'].map((cost, index) =>
    event(index + 1, 'task_cost', { cost, details: { status: 'in_progress' } }),
  );
  const { spend } = history(...log);
  expect([0, 2, 3, 9].map((after) => spentAt(spend, start + after * secondMs))).toEqual([
    '0',
    '0.1',
    '0.3',
    '0.3000000001',
  ]);
});

test('[OFV18] where somebody put an agent it stays until it has something to do', () => {
  const placed = { agentId: 'agent-0', stop: 'free/300/400', atMs: start + 1_500 };
  const log = [
    event(1, 'task_completed', { details: { status: 'completed' } }),
    event(3, 'task_started', { task: 'next', details: { status: 'in_progress' } }),
    event(4, 'task_completed', { task: 'next', details: { status: 'completed' } }),
  ];
  const of = officeHistoryOf(staff, [], log, [placed, { ...placed, atMs: start + 3_500, stop: 'free/1/1' }]);
  expect(of.agents.get('agent-0')?.stays.map(({ stop }) => stop)).toEqual([
    'lounge/0',
    'free/300/400',
    'desk/0',
    'lounge/0',
  ]);
});
