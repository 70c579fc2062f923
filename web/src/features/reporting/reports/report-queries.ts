import { queryOptions } from '@tanstack/react-query';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export type SavedReport = Awaited<ReturnType<typeof fetchReports>>[number];

export const reportQueries = {
  all: (organizationId: string) => ['reporting', organizationId, 'reports'],
  /** By name. */
  list: (organizationId: string) =>
    queryOptions({
      queryKey: reportQueries.all(organizationId),
      queryFn: () => fetchReports(organizationId),
    }),
  /** Which of them are mailed to whoever is signed in. */
  mails: (organizationId: string) =>
    queryOptions({
      queryKey: [...reportQueries.all(organizationId), 'mails'],
      queryFn: () => fetchMails(organizationId),
    }),
  /** The views and their columns, the same for everyone. */
  views: () => queryOptions({ queryKey: ['reporting', 'views'], staleTime: Infinity, queryFn: fetchViews }),
};

async function fetchReports(organizationId: string) {
  return unwrap(
    await supabase()
      .from('saved_reports')
      .select('id, name, query, chart, updated_at')
      .eq('organization_id', organizationId)
      .order('name')
      .order('id'),
  );
}

export type ReportMail = Awaited<ReturnType<typeof fetchMails>>[number];

async function fetchMails(organizationId: string) {
  return unwrap(
    await supabase()
      .from('report_mails')
      .select('saved_report_id, every, due_at, sent_at, last_error')
      .eq('organization_id', organizationId),
  );
}

export type View = { name: string; comment: string; columns: ViewColumn[] };
export type ViewColumn = { name: string; type: string; comment: string };

async function fetchViews(): Promise<View[]> {
  const rows = unwrap(await supabase().rpc('describe_reporting_views'));
  return [...Map.groupBy(rows, ({ view_name }) => view_name)].map(([name, columns]) => ({
    name,
    comment: columns[0]?.view_comment ?? '',
    columns: columns.map((each) => ({
      name: each.column_name,
      type: each.column_type,
      comment: each.column_comment,
    })),
  }));
}
