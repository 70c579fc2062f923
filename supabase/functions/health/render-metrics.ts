import { z } from 'zod';

/** A row of `public.service_metrics`. */
export const Metric = z.object({
  metric: z.string(),
  labels: z.record(z.string(), z.string()),
  value: z.coerce.number(),
});
export type Metric = z.infer<typeof Metric>;

const meanings: Readonly<Record<string, string>> = {
  khq_calls_last_hour: 'Settled calls of the last hour, to the quarter',
  khq_call_errors_last_hour: 'Calls of the last hour that failed',
  khq_call_refusals_last_hour: 'Calls of the last hour that were not let through',
  khq_cost_usd_last_hour: 'Dollars that the calls of the last hour cost',
  khq_input_tokens_last_hour: 'Input tokens of the last hour, caches included',
  khq_output_tokens_last_hour: 'Output tokens of the last hour',
  khq_open_calls: 'Calls in flight',
  khq_expired_calls: 'Calls whose process died and that the sweeper has not settled yet',
  khq_held_usd: 'Dollars held for calls in flight',
  khq_unfolded_usage: 'Settlements that the rollups do not hold yet',
  khq_queue_age_seconds: 'How long the oldest delivery or expired call waits past its time',
  khq_alert_deliveries: 'Deliveries of alerts that wait or were given up',
  khq_open_alerts: 'Alerts whose cause lasts',
  khq_cron_last_success_timestamp_seconds: 'When a scheduled job last succeeded',
  khq_cron_failing: '1 where the latest run of a scheduled job failed',
  khq_organizations: 'Organizations',
  khq_database_bytes: 'Size of the database',
  khq_database_connections: 'Connections of clients to the database',
  khq_up: '1 where the database answers',
};

/** Prometheus' text format, version 0.0.4. All are gauges: each is what is so now. */
export function renderMetrics(metrics: readonly Metric[]): string {
  const byName = Map.groupBy(metrics, ({ metric }) => metric);
  return [...byName]
    .map(([name, samples]) => {
      const head = `# HELP ${name} ${meanings[name] ?? name}\n# TYPE ${name} gauge\n`;
      return (
        head + samples.map((sample) => `${name}${renderLabels(sample.labels)} ${sample.value}\n`).join('')
      );
    })
    .join('');
}

function renderLabels(labels: Metric['labels']): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}
