import { expect, test } from 'vitest';
import { costOfAttempts, costOfLastAttempt, readAttempts } from './read-attempts.ts';

const attempt = (cost_usd: string | null) => ({
  code: 'upstream_503',
  http_status: 503,
  latency_ms: 12,
  usage: { input_tokens: 0 },
  usage_source: 'reported',
  cost_usd,
  credential_id: null,
  provider: 'openai',
  model: 'gpt-4o-mini',
  retry_after_seconds: null,
});

test('[ATT1] a call that was answered at once has none, nor has what is not understood', () => {
  expect(readAttempts({ attempts: null })).toEqual([]);
  expect(readAttempts({ attempts: 'later' })).toEqual([]);
  expect(readAttempts({ attempts: [{ code: 1 }] })).toEqual([]);
});

test('[ATT2] the costs of the attempts add up to the call’s, to the last decimal', () => {
  const attempts = readAttempts({ attempts: [attempt('0.0000150001'), attempt(null), attempt('0')] });
  expect(attempts).toHaveLength(3);
  expect(costOfAttempts(attempts)).toBe('0.0000150001');
  expect(costOfLastAttempt('0.0000420001', attempts)).toBe('0.000027');
  expect(costOfLastAttempt(null, attempts)).toBeNull();
});
