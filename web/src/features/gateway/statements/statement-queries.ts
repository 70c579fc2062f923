import { queryOptions } from '@tanstack/react-query';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export type Statement = Awaited<ReturnType<typeof fetchStatements>>[number];

/** What a statement charges to somebody, or to all (`organization`), for its own month or as an adjustment. */
export type StatementLine = {
  position: number;
  dimension: string;
  key: string;
  label: string;
  usage_month: string;
  calls: number;
  input_tokens: number;
  output_tokens: number;
  cost_usd: string;
};

export const statementQueries = {
  all: (organizationId: string) => ['gateway', organizationId, 'statements'],
  /** Latest month first. */
  list: (organizationId: string) =>
    queryOptions({
      queryKey: [...statementQueries.all(organizationId), 'list'],
      queryFn: () => fetchStatements(organizationId),
    }),
  lines: (organizationId: string, statementId: string) =>
    queryOptions({
      queryKey: [...statementQueries.all(organizationId), 'lines', statementId],
      // They never change.
      staleTime: Infinity,
      queryFn: () => fetchLines(statementId),
    }),
  /** The month that can be closed next; null before the first call. */
  next: (organizationId: string) =>
    queryOptions({
      queryKey: [...statementQueries.all(organizationId), 'next'],
      queryFn: async () =>
        unwrap(await supabase().rpc('next_statement', { organization_id: organizationId }))[0] ?? null,
    }),
  /** What closing that month now would state. */
  preview: (organizationId: string) =>
    queryOptions({
      queryKey: [...statementQueries.all(organizationId), 'preview'],
      staleTime: 0,
      queryFn: async (): Promise<StatementLine[]> =>
        unwrap(await supabase().rpc('preview_statement', { organization_id: organizationId })).map(
          ({ line, ...rest }) => ({ position: line, ...rest }),
        ),
    }),
};

async function fetchStatements(organizationId: string) {
  return unwrap(
    await supabase()
      .from('statements')
      .select(
        'id, month, time_zone, calls, usage_usd::text, adjustments_usd::text, total_usd::text, checksum, closed_by_email, closed_at',
      )
      .eq('organization_id', organizationId)
      .order('month', { ascending: false }),
  );
}

const pageRows = 1_000;

/** All of them, page by page: the Data API gives no more at once. */
async function fetchLines(statementId: string): Promise<StatementLine[]> {
  const lines: StatementLine[] = [];
  for (;;) {
    const page = unwrap(
      await supabase()
        .from('statement_lines')
        .select(
          'position, dimension, key, label, usage_month, calls, input_tokens, output_tokens, cost_usd::text',
        )
        .eq('statement_id', statementId)
        .gt('position', lines.at(-1)?.position ?? 0)
        .order('position')
        .limit(pageRows),
    );
    lines.push(...page);
    if (page.length < pageRows) return lines;
  }
}
