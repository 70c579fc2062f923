import { expect, test } from 'vitest';
import { causeLabel, explainCause, formatDrift } from './cause-words.ts';

test('[CAU1] a cause is told with what is known of it', () => {
  const usd = '0.7350000000';
  expect(explainCause({ cause: 'by_passed', usd, calls: 3 })).toContain('3 calls by-passed the proxy');
  expect(explainCause({ cause: 'by_passed', usd, tokens: 1_200_000 })).toContain(
    '1.2\u00a0M tokens by-passed',
  );
  expect(explainCause({ cause: 'by_passed', usd })).toContain('Calls by-passed');
  expect(explainCause({ cause: 'price_moved', usd, factor: '1.1200' })).toContain('1.1200 times');
  expect(explainCause({ cause: 'credential_not_covered', usd }, 'Production')).toContain('Production');
  expect(explainCause({ cause: 'late_rows', usd, calls: 1 })).toContain('counts it on');
});

test('[CAU2] one that is not known yet is shown by its name', () => {
  expect(causeLabel({ cause: 'solar_flare', usd: '1' })).toBe('solar flare');
  expect(explainCause({ cause: 'solar_flare', usd: '1' })).toBe('solar flare');
});

test('[CAU3] drift carries its sign', () => {
  expect(formatDrift('0.735')).toBe('+$0.74');
  expect(formatDrift('-12.4')).toBe('-$12.40');
});
