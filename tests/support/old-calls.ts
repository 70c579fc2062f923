import { z } from 'zod';
import { addToMonths } from './add-to-months.ts';
import { readReady } from './ready.ts';

/** Long ago enough to be archived, and nobody else's in these tests. */
export const monthOf = (monthsAgo: number): string => {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - monthsAgo, 1))
    .toISOString()
    .slice(0, 10);
};
export const partitionOf = (month: string): string => `ai_usage_${month.slice(0, 7).replace('-', '_')}`;

/** So many settled calls of a month, in ledger and rollups. */
export async function addOldCalls(
  { organizationId, projectId }: { organizationId: string; projectId: string },
  month: string,
  count: number,
): Promise<void> {
  await addToMonths(month, month, async (sql) => {
    await sql`
      insert into public.ai_usage (id, organization_id, project_id, proxy_key_id, user_id, tags, dialect, operation, provider,
        model, status, input_tokens, output_tokens, cost_usd, raw_usage, latency_ms, request_id, created_at, settled_at)
      select gen_random_uuid(), ${organizationId}, ${projectId}, gen_random_uuid(), 'zoë "z" \\ n', '{a,"b c"}', 'openai',
        'chat.completions', 'openai', 'gpt-4o', 'succeeded', n, 2, 0.0000000004 * n,
        '{"deep": {"n": 12345678901234567890, "text": "line\\nbreak"}}', 1.5, 'old',
        ${month}::timestamptz + n * interval '1 minute', ${month}::timestamptz + n * interval '1 minute' + interval '1 second'
      from generate_series(1, ${count}::int) n`;
    await sql`
      select private.write_deltas(array_agg(u), 1) from public.ai_usage u
      where organization_id = ${organizationId} and settled_at >= ${month} and settled_at < ${month}::timestamptz + interval '1 month'`;
  });
}

/** Runs the job that archives, restores and removes, and answers its counts. */
export async function runArchiveJob(): Promise<Record<string, number>> {
  const { url, jobsSecret } = readReady();
  const response = await fetch(`${url}/functions/v1/gateway/jobs/archive-calls`, {
    method: 'POST',
    headers: { 'x-jobs-secret': jobsSecret },
  });
  return z.object({ data: z.record(z.string(), z.number()) }).parse(await response.json()).data;
}
