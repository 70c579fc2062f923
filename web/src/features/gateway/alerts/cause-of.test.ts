import { expect, test } from 'vitest';
import { causeOf } from './cause-of.ts';

const acme = { slug: 'acme', timeZone: 'UTC' };
const id = '00000000-0000-4000-8000-0000000000b1';
const at = { created_at: '2026-11-21T00:10:00Z' };

test.each([
  ['budget_threshold', id, {}, `/acme/budgets/${id}`],
  ['spend_anomaly', 'o', { proxy_key_id: id }, `/acme/usage?from=2026-11-20&to=2026-11-21&key=${id}`],
  ['error_rate', 'openai', {}, '/acme/usage?from=2026-11-20&to=2026-11-21&status=failed&status=expired'],
  ['credential_failing', id, {}, '/acme/providers'],
  ['unpriced_model', 'openai/gpt-9', { model: 'gpt-9' }, '/acme/usage?model=gpt-9'],
  ['key_expiring', id, { project_id: id }, `/acme/projects/${id}`],
  ['key_expiring', id, {}, '/acme/projects'],
  ['channel_paused', id, {}, '/acme/alerts/channels'],
])('%s leads to its cause', (kind, subject_id, facts, to) => {
  expect(causeOf({ kind, subject_id, facts, ...at }, acme)?.to).toBe(to);
});

test('what is not known leads nowhere', () => {
  expect(causeOf({ kind: 'weather', subject_id: '', facts: {}, ...at }, acme)).toBeNull();
});
