import { z } from 'zod';
import { emptyWhereMissing, fetchPages } from './fetch-report.ts';
import { boundsOf, requireUsd, type ReportLine, type ReportSpan } from './report.ts';

const count = z.coerce.number().nullish();
const text = z.string().nullish();

const bucketOf = <Result extends z.ZodType>(result: Result) =>
  z.object({ start_time: z.number(), results: z.array(result) });

const Cost = z.object({
  // Documented as a number; a string keeps more decimals.
  amount: z.object({ value: z.union([z.number(), z.string()]).nullish(), currency: text }).nullish(),
  line_item: text,
});

const Usage = z.object({
  model: text,
  service_tier: text,
  batch: z.boolean().nullish(),
  input_tokens: count,
  input_cached_tokens: count,
  input_cache_write_tokens: count,
  output_tokens: count,
  num_model_requests: count,
});
type Usage = z.infer<typeof Usage>;

/** OpenAI's costs by line item, in dollars, and its usage by model. @throws ReportError */
export async function readOpenAiReport(
  baseUrl: string,
  apiKey: string,
  span: ReportSpan,
): Promise<ReportLine[]> {
  const headers = { authorization: `Bearer ${apiKey}` };
  const ask = <Result extends z.ZodType>(path: string, groups: readonly string[], result: Result) => {
    const url = new URL(`${baseUrl}/organization/${path}`);
    const { from, to } = boundsOf(span);
    url.searchParams.set('start_time', String(from.getTime() / 1000));
    url.searchParams.set('end_time', String(to.getTime() / 1000));
    url.searchParams.set('bucket_width', '1d');
    for (const group of groups) url.searchParams.append('group_by', group);
    url.searchParams.set('limit', '31');
    return fetchPages(url, headers, bucketOf(result));
  };
  const costs = await ask('costs', ['line_item'], Cost);
  const completions = await ask('usage/completions', ['model', 'service_tier', 'batch'], Usage).catch(
    emptyWhereMissing,
  );
  const embeddings = await ask('usage/embeddings', ['model'], Usage).catch(emptyWhereMissing);
  return [
    ...costs.flatMap(({ start_time, results }) => results.map((result) => toCost(dayOf(start_time), result))),
    ...[...completions, ...embeddings].flatMap(({ start_time, results }) =>
      results.flatMap((result) => toUsage(dayOf(start_time), result)),
    ),
  ];
}

const dayOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);

function toCost(day: string, { amount, line_item: lineItem }: z.infer<typeof Cost>): ReportLine {
  requireUsd(amount?.currency);
  const cost_usd = String(amount?.value ?? 0);
  return { day, kind: 'cost', line_item: lineItem ?? '', service_tier: '', model: null, cost_usd };
}

/** What names no model can be compared with none. */
function toUsage(day: string, usage: Usage): ReportLine[] {
  if (!usage.model) return [];
  return [
    {
      day,
      kind: 'usage',
      line_item: usage.model,
      service_tier: usage.batch ? 'batch' : (usage.service_tier ?? ''),
      model: usage.model,
      requests: usage.num_model_requests ?? null,
      input_tokens: usage.input_tokens ?? 0,
      cache_read_tokens: usage.input_cached_tokens ?? 0,
      cache_write_5m_tokens: usage.input_cache_write_tokens ?? 0,
      output_tokens: usage.output_tokens ?? 0,
    },
  ];
}
