import { z } from 'zod';

const ProviderState = z.enum(['up', 'degraded', 'down', 'unused']);

/** What the database says of itself: `public.service_health`. */
export const HealthFacts = z.object({
  has_prices: z.boolean(),
  queue_age_seconds: z.number(),
  providers: z.record(z.string(), ProviderState),
  cron: z
    .record(
      z.string(),
      z.object({
        last_run_at: z.string().nullable(),
        last_success_at: z.string().nullable(),
        is_failing: z.boolean(),
      }),
    )
    .nullable(),
  cron_idle_seconds: z.number().nullable(),
});
export type HealthFacts = z.infer<typeof HealthFacts>;

export interface Health {
  /** Degraded: calls are made, but something beside them stands still. Unhealthy: none can be. */
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly services: Readonly<Record<string, unknown>>;
}

/** Jobs run every few seconds; nothing of them for so long means that the schedule stands. */
const maxCronIdleSeconds = 120;
const maxQueueAgeSeconds = 600;

/** Null facts: the database did not answer. Says nothing of any tenant. */
export function judgeHealth(facts: HealthFacts | null): Health {
  if (facts === null) return { status: 'unhealthy', services: { database: { status: 'down' } } };
  const isQueueUp = facts.queue_age_seconds <= maxQueueAgeSeconds;
  const isCronUp = facts.cron_idle_seconds !== null && facts.cron_idle_seconds <= maxCronIdleSeconds;
  const jobs = Object.entries(facts.cron ?? {}).map(([job, run]): [string, unknown] => [
    job,
    {
      status: run.last_run_at === null ? 'unknown' : run.is_failing ? 'failing' : 'up',
      lastRunAt: run.last_run_at,
      lastSuccessAt: run.last_success_at,
    },
  ]);
  const providers = Object.entries(facts.providers).map(([provider, status]) => [provider, { status }]);
  const isWell =
    isQueueUp &&
    isCronUp &&
    !Object.values(facts.cron ?? {}).some((run) => run.is_failing) &&
    !Object.values(facts.providers).includes('down');
  return {
    status: !facts.has_prices ? 'unhealthy' : isWell ? 'healthy' : 'degraded',
    services: {
      database: { status: 'up' },
      prices: { status: facts.has_prices ? 'up' : 'missing' },
      queue: { status: isQueueUp ? 'up' : 'late', oldestSeconds: facts.queue_age_seconds },
      providers: Object.fromEntries(providers),
      cron: {
        status: isCronUp ? 'up' : 'late',
        idleSeconds: facts.cron_idle_seconds,
        jobs: Object.fromEntries(jobs),
      },
    },
  };
}
