import { expect, test } from 'vitest';
import { z } from 'zod';
import { makeFullOrganization } from '../db/full-organization.ts';
import { operatorSql } from '../support/database.ts';
import { readReady } from '../support/ready.ts';

const Job = z.object({ status: z.string(), lastRunAt: z.string().nullable() });
const Health = z.object({
  success: z.boolean(),
  status: z.string(),
  services: z.object({
    database: z.object({ status: z.string() }),
    prices: z.object({ status: z.string() }),
    queue: z.object({ status: z.string(), oldestSeconds: z.number() }),
    providers: z.record(z.string(), z.object({ status: z.string() })),
    cron: z.object({ status: z.string(), idleSeconds: z.number(), jobs: z.record(z.string(), Job) }),
  }),
});

const ask = (path = '', headers: Record<string, string> = {}) =>
  fetch(`${readReady().url}/functions/v1/health${path}`, { headers });

test('[HLT3] anyone may ask whether it works: database, queue, providers and the schedule', async () => {
  const response = await ask();
  expect(response.status).toBe(200);
  const health = Health.parse(await response.json());
  expect(['healthy', 'degraded']).toContain(health.status);
  expect(health.services.database.status).toBe('up');
  expect(Object.keys(health.services.providers).toSorted()).toEqual(['anthropic', 'moonshot', 'openai']);
  expect(health.services.cron.status).toBe('up');
  const jobs = await operatorSql()`select jobname from cron.job where active`;
  expect(Object.keys(health.services.cron.jobs).toSorted()).toEqual(
    jobs.map(({ jobname }) => String(jobname)).toSorted(),
  );
  expect(health.services.cron.jobs['fold-usage']?.lastRunAt).not.toBeNull();
});

test('[HLT4] what the public is told names no tenant and counts none', async () => {
  const organization = await makeFullOrganization();
  const text = await (await ask()).text();
  for (const id of [organization.organizationId, organization.credentialId, organization.owner.email])
    expect(text).not.toContain(id);
  expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
  await organization.remove();
});

test('[MTR2] metrics are for the operator', async () => {
  expect((await ask('/metrics')).status).toBe(401);
  expect((await ask('/metrics', { authorization: 'Bearer wrong-wrong-wrong-wrong' })).status).toBe(401);
  const response = await ask('/metrics', { authorization: `Bearer ${readReady().jobsSecret}` });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  // Each line is a sample or says what follows; each sample's metric was introduced.
  const introduced = new Set<string>();
  for (const line of text.trim().split('\n')) {
    const type = /^# TYPE (\w+) gauge$/.exec(line)?.[1];
    if (type !== undefined) introduced.add(type);
    if (line.startsWith('#')) continue;
    const name = /^(\w+)(?:\{(?:\w+="(?:[^"\\]|\\.)*",?)+\})? -?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.exec(line)?.[1];
    expect.soft([...introduced], line).toContain(name);
  }
  for (const name of [
    'khq_up',
    'khq_open_calls',
    'khq_queue_age_seconds',
    'khq_cron_last_success_timestamp_seconds',
  ])
    expect([...introduced]).toContain(name);
  expect(text).toMatch(/^khq_up 1$/m);
  expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
});
