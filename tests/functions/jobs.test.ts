import { expect, test } from 'vitest';
import { z } from 'zod';
import { readReady } from '../support/ready.ts';

const verbs = [
  'archive-calls',
  'refresh-prices',
  'reconcile',
  'sweep-expired-calls',
  'fold-usage',
  'refresh-output-estimates',
  'ensure-usage-partitions',
  'detect-alerts',
  'deliver-alerts',
  'recount-days',
  'retire-usage-months',
  'drop-detached-months',
  'expire-archives',
];

async function run(verb: string, headers: Record<string, string> = {}, slug = 'gateway') {
  const response = await fetch(`${readReady().url}/functions/v1/${slug}/jobs/${verb}`, {
    method: 'POST',
    headers,
  });
  return { status: response.status, body: z.unknown().parse(await response.json()) };
}

test.each(verbs)('[JOB1] %s runs now for whoever knows the secret, and answers its counts', async (verb) => {
  const { status, body } = await run(verb, { 'x-jobs-secret': readReady().jobsSecret });
  expect(status).toBe(200);
  const { data } = z.object({ success: z.literal(true), data: z.record(z.string(), z.number()) }).parse(body);
  expect(Object.keys(data).length).toBeGreaterThan(0);
});

test.each([
  ['no secret', {}],
  ['a wrong secret', { 'x-jobs-secret': 'x'.repeat(48) }],
  ['a public key', { authorization: `Bearer sb_publishable_x` }],
])('[JOB2] with %s it is a 401, whatever the verb', async (_, headers) => {
  const refused = { success: false, error: { code: 'unauthenticated' } };
  for (const verb of ['fold-usage', 'no-such-job']) {
    expect(await run(verb, headers)).toMatchObject({ status: 401, body: refused });
  }
});

test('[JOB3] an unknown verb is a 404 for whoever knows the secret', async () => {
  const headers = { authorization: `Bearer ${readReady().jobsSecret}` };
  expect(await run('no-such-job', headers)).toMatchObject({ status: 404 });
  expect(await run('constructor', headers)).toMatchObject({ status: 404 });
});

test('[JOB4] prices that are known already are not added again', async () => {
  const { body } = await run('refresh-prices', { 'x-jobs-secret': readReady().jobsSecret });
  expect(body).toMatchObject({ data: { pricesAdded: 0, usedFallback: 0 } });
});
