import { expect, test } from 'vitest';
import type { OfficeEvent } from '@contracts/office.ts';
import { beginLog, growLog, type LiveLog } from './live-log.ts';

const at = (seq: number): string => new Date(Date.UTC(2026, 0, 1) + seq * 1_000).toISOString();
const cost = (seq: number): OfficeEvent => ({
  seq,
  kind: seq < 3 ? 'task_started' : seq % 2 === 0 ? 'task_cost' : 'step_done',
  agent_id: 'a',
  task_id: `task-${seq % 3}`,
  cost_usd: String(seq / 1_000),
  details: { title: 'Write it', status: 'in_progress', created_by: 'ada' },
  at: at(seq),
});

test('[OFV19] a page that stays open for long keeps the last minute and how every task stands', () => {
  let log: LiveLog = beginLog([], [cost(0), cost(1), cost(2)], 2);
  for (let seq = 3; seq < 2_000; seq += 1) log = growLog(log, cost(seq));
  expect(log.events.length).toBeLessThan(500);
  expect(log.before).toHaveLength(3);
  expect(log.lastSeq).toBe(1_999);
  expect(log.tasks).toEqual(beginLog(log.before, log.events, log.lastSeq).tasks);
  // Each task's latest less what it had cost when the log began.
  expect(log.addedUsd).toBe('5.991');
});
