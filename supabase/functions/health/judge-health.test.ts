import { expect, test } from 'vitest';
import { type HealthFacts, judgeHealth } from './judge-health.ts';

const run = {
  last_run_at: '2026-11-21T00:00:00Z',
  last_success_at: '2026-11-21T00:00:00Z',
  is_failing: false,
};
const well: HealthFacts = {
  has_prices: true,
  queue_age_seconds: 3,
  providers: { openai: 'up', anthropic: 'unused', moonshot: 'degraded' },
  cron: { 'fold-usage': run },
  cron_idle_seconds: 4,
};

test.each<[string, Partial<HealthFacts>, string]>([
  ['all is well', {}, 'healthy'],
  ['a queue waits for ten minutes', { queue_age_seconds: 601 }, 'degraded'],
  ['the schedule stands', { cron_idle_seconds: 121 }, 'degraded'],
  ['the schedule never ran', { cron: null, cron_idle_seconds: null }, 'degraded'],
  ['a job fails', { cron: { 'fold-usage': { ...run, is_failing: true } } }, 'degraded'],
  ['a provider refuses every credential', { providers: { openai: 'down' } }, 'degraded'],
  ['there are no prices', { has_prices: false }, 'unhealthy'],
])('[HLT1] when %s', (_, facts, status) => {
  expect(judgeHealth({ ...well, ...facts }).status).toBe(status);
});

test('[HLT2] a database that does not answer is told as such', () => {
  expect(judgeHealth(null)).toEqual({ status: 'unhealthy', services: { database: { status: 'down' } } });
});
