import postgres from 'postgres';
import { type QueryFault, reportLimits } from '../_shared/contracts/reporting.ts';
import { AppError } from '../_shared/errors.ts';

/**
 * What Postgres said of a query, for whoever wrote it. `offset` is how many characters stand before their text. What
 * is not the query's fault says nothing.
 */
export function toQueryError(error: unknown, offset: number): AppError {
  if (!(error instanceof postgres.PostgresError)) {
    if (error instanceof AppError) return error;
    const wasClosed = error instanceof Error && 'code' in error && error.code === 'CONNECTION_CLOSED';
    return new AppError(wasClosed ? 'report_ended' : 'internal', {}, { cause: error });
  }
  const { code, message, hint, position } = error;
  if (code === '57014' || code === '25P04') {
    return new AppError('report_timed_out', { seconds: reportLimits.seconds });
  }
  if (code === '57P01') return new AppError('report_ended');
  if (code === '53300') return new AppError('reports_busy');
  if (code.startsWith('28')) return new AppError('reporting_unavailable', {}, { cause: error });
  // Internal, of the system, or of the connection.
  if (/^(XX|58|57|53|08)/.test(code)) return new AppError('internal', {}, { cause: error });
  const at = Number(position) - offset;
  return new AppError('query_failed', {
    reason: message.includes('multiple commands') ? 'Run one query at a time.' : message,
    sqlstate: code,
    ...(hint === undefined ? {} : { hint }),
    ...(at >= 1 ? { position: at } : {}),
  } satisfies QueryFault);
}
