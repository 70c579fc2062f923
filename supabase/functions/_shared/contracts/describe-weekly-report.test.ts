import { expect, test } from 'vitest';
import { describeWeeklyReport } from './describe-weekly-report.ts';

const facts = {
  first_day: '2026-11-02',
  last_day: '2026-11-08',
  cost_usd: '12.4000000000',
  calls: 1234,
  errors: 12,
  before_usd: '10.0000000000',
};

test('[WRD1] says what was spent, when, and beside what', () => {
  expect(describeWeeklyReport(facts)).toEqual({
    title: '$12.40 spent from Nov 2 to Nov 8',
    detail: '1,234 calls, 12 of them failed. That is 24% more than the $10.00 of the week before.',
    tables: [],
  });
});

test.each([
  [null, ''],
  ['0.0000000000', 'Nothing was spent the week before.'],
  ['12.4000000001', 'That is as much as the week before.'],
  ['24.8000000000', 'That is 50% less than the $24.80 of the week before.'],
  ['0.1240000000', 'That is 100 times the $0.12 of the week before.'],
])('[WRD2] beside a week that cost %s: %s', (before_usd, words) => {
  const { detail } = describeWeeklyReport({ ...facts, before_usd });
  expect(detail).toBe(`1,234 calls, 12 of them failed. ${words}`.trim());
});

test('[WRD3] tells what the cache saved, what cost most, and which budgets fill up', () => {
  const { detail, tables } = describeWeeklyReport({
    ...facts,
    cached_calls: 1,
    saved_usd: '0.0031000000',
    models: [{ name: 'gpt-5', cost_usd: '12.4', calls: 1 }],
    proxy_keys: [{ name: null, cost_usd: '12.4', calls: 1234 }],
    budgets: [
      { scope: 'plan', name: null, period: 'month', spent_usd: '81', limit_usd: '100', percent: 81 },
      { scope: 'organization', name: null, period: 'total', spent_usd: '9', limit_usd: '10', percent: 90 },
      { scope: 'user', name: 'ann', period: 'day', spent_usd: '9', limit_usd: '9', percent: 100 },
    ],
  });
  expect(detail).toContain('The cache answered 1 call and saved $0.0031.');
  expect(tables).toEqual([
    { title: 'Models', rows: [['gpt-5', '$12.40, 1 call']] },
    { title: 'Keys', rows: [['Deleted', '$12.40, 1,234 calls']] },
    {
      title: 'Budgets near their limits',
      rows: [
        ['The plan, this month', '$81.00 of $100.00, 81%'],
        ['The organization, in total', '$9.00 of $10.00, 90%'],
        ['ann, this day', '$9.00 of $9.00, 100%'],
      ],
    },
  ]);
});
