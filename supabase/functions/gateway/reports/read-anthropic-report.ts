import { z } from 'zod';
import { centsToUsd } from './cents-to-usd.ts';
import { emptyWhereMissing, fetchPages } from './fetch-report.ts';
import { boundsOf, requireUsd, type ReportLine, type ReportSpan } from './report.ts';

const count = z.coerce.number().nullish();
const text = z.string().nullish();

const bucketOf = <Result extends z.ZodType>(result: Result) =>
  z.object({ starting_at: z.string(), results: z.array(result) });

const Cost = z.object({
  /** Cents, as a decimal string. */
  amount: z
    .union([z.string(), z.number()])
    .transform(String)
    .pipe(z.string().regex(/^-?\d+(\.\d+)?$/)),
  currency: text,
  description: text,
  model: text,
  service_tier: text,
});

const Usage = z.object({
  model: text,
  service_tier: text,
  uncached_input_tokens: count,
  cache_read_input_tokens: count,
  cache_creation: z.object({ ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count }).nullish(),
  output_tokens: count,
});

/** Anthropic's costs by description and its usage by model and service tier. @throws ReportError */
export async function readAnthropicReport(
  baseUrl: string,
  apiKey: string,
  span: ReportSpan,
): Promise<ReportLine[]> {
  const headers = { 'x-api-key': apiKey, 'anthropic-version': '2023-06-01' };
  const ask = <Result extends z.ZodType>(path: string, groups: readonly string[], result: Result) => {
    const url = new URL(`${baseUrl}/v1/organizations/${path}`);
    const { from, to } = boundsOf(span);
    url.searchParams.set('starting_at', from.toISOString().replace('.000', ''));
    url.searchParams.set('ending_at', to.toISOString().replace('.000', ''));
    url.searchParams.set('bucket_width', '1d');
    for (const group of groups) url.searchParams.append('group_by[]', group);
    url.searchParams.set('limit', '31');
    return fetchPages(url, headers, bucketOf(result));
  };
  const costs = await ask('cost_report', ['description'], Cost);
  const usages = await ask('usage_report/messages', ['model', 'service_tier'], Usage).catch(
    emptyWhereMissing,
  );
  return [
    ...costs.flatMap(({ starting_at, results }) =>
      results.map((result) => toCost(dayOf(starting_at), result)),
    ),
    ...usages.flatMap(({ starting_at, results }) =>
      results.flatMap((result) => toUsage(dayOf(starting_at), result)),
    ),
  ];
}

const dayOf = (at: string): string => new Date(at).toISOString().slice(0, 10);

function toCost(day: string, cost: z.infer<typeof Cost>): ReportLine {
  requireUsd(cost.currency);
  return {
    day,
    kind: 'cost',
    line_item: cost.description ?? cost.model ?? '',
    service_tier: cost.service_tier ?? '',
    model: cost.model ?? null,
    cost_usd: centsToUsd(cost.amount),
  };
}

/** What names no model can be compared with none. The provider does not count calls. */
function toUsage(day: string, usage: z.infer<typeof Usage>): ReportLine[] {
  if (!usage.model) return [];
  const [fresh, read] = [usage.uncached_input_tokens ?? 0, usage.cache_read_input_tokens ?? 0];
  const write5m = usage.cache_creation?.ephemeral_5m_input_tokens ?? 0;
  const write1h = usage.cache_creation?.ephemeral_1h_input_tokens ?? 0;
  return [
    {
      day,
      kind: 'usage',
      line_item: usage.model,
      service_tier: usage.service_tier ?? '',
      model: usage.model,
      requests: null,
      input_tokens: fresh + read + write5m + write1h,
      cache_read_tokens: read,
      cache_write_5m_tokens: write5m,
      cache_write_1h_tokens: write1h,
      output_tokens: usage.output_tokens ?? 0,
    },
  ];
}
