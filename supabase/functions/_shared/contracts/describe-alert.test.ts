import { expect, test } from 'vitest';
import { AlertKind } from './alerts.ts';
import { describeAlert } from './describe-alert.ts';

test.each([
  [
    'budget_threshold',
    {
      period: 'month',
      scope_name: 'Alpha',
      percent: 80,
      spent_usd: '8.1000000000',
      limit_usd: '10',
      mode: 'hard',
    },
    'The monthly budget of Alpha is 80% used',
  ],
  ['spend_anomaly', { spent_usd: '12.5', usual_usd: '0.0031' }, '$12.50 in one hour, where $0.0031 is usual'],
  ['error_rate', { provider: 'openai', calls: 40, errors: 6 }, '15% of calls to OpenAI failed'],
  [
    'credential_failing',
    { provider: 'anthropic', credential: 'Main' },
    'Anthropic refuses the credential Main',
  ],
  ['key_expiring', { proxy_key: 'CI', days: 1 }, 'The key CI expires within a day'],
  ['unpriced_model', { model: 'gpt-9' }, 'gpt-9 has no price'],
])('%s says what happened to what', (kind, facts, title) => {
  expect(describeAlert({ kind, facts }).title).toBe(title);
});

test('every kind has words, whatever facts are missing', () => {
  for (const kind of [...AlertKind.options, 'channel_paused', 'weekly_report', 'test']) {
    const { title, detail } = describeAlert({ kind, facts: {} });
    expect(title).not.toBe(kind.replaceAll('_', ' '));
    expect(`${title} ${detail}`).not.toMatch(/undefined|NaN|null/);
  }
  expect(describeAlert({ kind: 'constructor', facts: {} }).title).toBe('constructor');
});
