import type { ReportResult } from '@contracts/reporting.ts';
import { toCsvLine } from '@contracts/to-csv-line.ts';

/** Everything that was answered, values as Postgres writes them. */
export function toReportCsv({ columns, rows }: ReportResult): Blob {
  const lines = [columns.map(({ name }) => name), ...rows].map(toCsvLine);
  return new Blob(lines, { type: 'text/csv;charset=utf-8' });
}
