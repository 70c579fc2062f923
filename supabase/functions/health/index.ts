import { z } from 'zod';
import { createApp, sentSecret } from '../_shared/create-app.ts';
import { connectAsService } from '../_shared/db.ts';
import { readEnv } from '../_shared/env.ts';
import { AppError } from '../_shared/errors.ts';
import { answerJson } from '../_shared/http.ts';
import { describeError, log } from '../_shared/log.ts';
import { isSameSecret } from '../_shared/secret-box.ts';
import { HealthEnv } from './env.ts';
import { HealthFacts, judgeHealth } from './judge-health.ts';
import { Metric, renderMetrics } from './render-metrics.ts';

const env = readEnv(HealthEnv);
const db = connectAsService(env);
const app = createApp('health', { secret: env.JOBS_SECRET, run: {} });
const patienceMs = 5_000;
const rememberedMs = 2_000;

/** Whether the installation works, for load balancers and status pages: 503 when no call could be made. */
app.get('/', async () => {
  const facts = await recentFacts();
  const health = judgeHealth(facts);
  const isUp = health.status !== 'unhealthy';
  // Probes read `status` at the top; the envelope is that of every endpoint.
  return answerJson({ success: isUp, ...health, data: health }, isUp ? 200 : 503);
});

/** The operator's figures in Prometheus' text format, for holders of METRICS_TOKEN or of the jobs secret. */
app.get('/metrics', async (c) => {
  const sent = sentSecret(c.req.raw);
  if (![env.METRICS_TOKEN ?? '', env.JOBS_SECRET].some((secret) => isSameSecret(sent, secret)))
    throw new AppError('unauthenticated');
  const metrics = await ask('service_metrics', z.array(Metric));
  const up = { metric: 'khq_up', labels: {}, value: metrics === null ? 0 : 1 };
  return new Response(renderMetrics([up, ...(metrics ?? [])]), {
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
  });
});

let recent: { readonly askedAt: number; readonly facts: Promise<HealthFacts | null> } | null = null;

/** Anyone may ask, and as often as they like: the database is asked once in two seconds. */
function recentFacts(): Promise<HealthFacts | null> {
  if (recent === null || performance.now() - recent.askedAt > rememberedMs)
    recent = { askedAt: performance.now(), facts: ask('service_health', HealthFacts) };
  return recent.facts;
}

/** Null when the database does not answer, or not as it should. */
async function ask<Answer>(
  name: 'service_health' | 'service_metrics',
  schema: z.ZodType<Answer>,
): Promise<Answer | null> {
  try {
    const { data, error } = await db.rpc(name).abortSignal(AbortSignal.timeout(patienceMs));
    if (error !== null) throw new Error(error.message);
    return schema.parse(data);
  } catch (error) {
    log({ level: 'error', service: 'health', action: name, metadata: { error: describeError(error) } });
    return null;
  }
}

Deno.serve(app.fetch);
