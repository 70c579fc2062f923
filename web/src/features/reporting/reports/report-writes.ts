import { type ReportResult, ReportResult as ReportResultSchema } from '@contracts/reporting.ts';
import { callFunction } from '@/lib/api.ts';
import { requireSuccess, unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';
import type { ChartKind } from './chart-kinds.ts';
import type { MailFrequency } from './mail-frequencies.ts';

export type ReportValues = { name: string; query: string; chart: ChartKind };

/** Answers the new report's id. */
export async function createReport(organizationId: string, report: ReportValues): Promise<string> {
  const { id } = unwrap(
    await supabase()
      .from('saved_reports')
      .insert({ organization_id: organizationId, ...report, name: report.name.trim() })
      .select('id')
      .single(),
  );
  return id;
}

export async function changeReport(reportId: string, change: Partial<ReportValues>): Promise<void> {
  requireSuccess(await supabase().from('saved_reports').update(change).eq('id', reportId));
}

export async function deleteReport(reportId: string): Promise<void> {
  requireSuccess(await supabase().from('saved_reports').delete().eq('id', reportId));
}

/** Has it mailed to whoever is signed in; null: not any more. */
export async function mailReport(reportId: string, every: MailFrequency | null): Promise<void> {
  requireSuccess(
    await supabase().rpc('mail_report', { saved_report_id: reportId, ...(every !== null && { every }) }),
  );
}

export type RunningReport = { runId: string; signal: AbortSignal };

/** `runId` is what it can be cancelled by, wherever the end of the request does not end it. */
export function runReport(
  organizationId: string,
  query: string,
  { runId, signal }: RunningReport,
): Promise<ReportResult> {
  return callFunction({
    path: '/reporting/run',
    method: 'POST',
    body: { organizationId, runId, query },
    answer: ReportResultSchema,
    signal,
  });
}

/** Ends it in the database; what it would have answered is lost. */
export async function cancelReport(organizationId: string, runId: string): Promise<void> {
  requireSuccess(await supabase().rpc('cancel_report', { organization_id: organizationId, run_id: runId }));
}
