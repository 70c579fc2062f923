import { expect, test } from 'vitest';
import { describeNotification, pathOfNotification } from './describe-notification.ts';
import { NotificationKind } from './notifications.ts';

const task = {
  title: 'Write the brief',
  agent: 'Nova',
  cost_usd: '0.0312000000',
  reason: 'Its budget is used up.',
};

test('[NTW1] every kind has words and leads somewhere, but for invitations, whose mail does', () => {
  for (const kind of NotificationKind.options) {
    const notification = { kind, subject_id: 's1', data: { alert_id: 7 } };
    const { title, detail } = describeNotification(notification);
    expect.soft(title.length, kind).toBeGreaterThan(10);
    expect.soft(`${title} ${detail}`, kind).not.toMatch(/undefined|null|NaN/);
    expect.soft(pathOfNotification(notification, 'acme') === null, kind).toBe(kind === 'invitation');
  }
});

test('[NTW2] tasks are told by title and agent, with what they cost or why they failed', () => {
  expect(describeNotification({ kind: 'task_completed', data: task })).toEqual({
    title: 'Nova completed “Write the brief”',
    detail: 'It cost $0.031.',
  });
  expect(describeNotification({ kind: 'task_failed', data: task })).toEqual({
    title: '“Write the brief” failed',
    detail: 'Its budget is used up.',
  });
  expect(pathOfNotification({ kind: 'task_failed', subject_id: 't1', data: task }, 'acme')).toBe(
    '/acme/tasks/t1',
  );
});

test('[NTW3] a budget’s warning reads as the alert does, and leads to it', () => {
  const data = {
    alert_id: 12,
    scope_name: 'Acme',
    percent: 80,
    period: 'month',
    spent_usd: '8',
    limit_usd: '10',
  };
  expect(describeNotification({ kind: 'budget_warning', data }).title).toBe(
    'The monthly budget of Acme is 80% used',
  );
  expect(pathOfNotification({ kind: 'budget_warning', subject_id: 'b1', data }, 'acme')).toBe(
    '/acme/alerts/12',
  );
});
