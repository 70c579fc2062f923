import { reportLimits, type ReportResult } from '../_shared/contracts/reporting.ts';
import { toCsvLine } from '../_shared/contracts/to-csv-line.ts';

export interface ReportFile {
  readonly csv: string;
  /** In the file, its head left aside. */
  readonly rows: number;
  /** What keeps the others out, where there are more than the file has. */
  readonly limit: string | null;
}

/** A report's rows as CSV, as many whole ones as mail servers take without asking. */
export function toReportFile(
  { columns, rows, isTruncated }: Omit<ReportResult, 'durationMs'>,
  maxBytes = mostBytes,
): ReportFile {
  const lines = [toCsvLine(columns.map(({ name }) => name))];
  let bytes = byteLength(lines[0]);
  for (const row of rows) {
    const line = toCsvLine(row);
    bytes += byteLength(line);
    if (bytes > maxBytes) break;
    lines.push(line);
  }
  const count = lines.length - 1;
  return { csv: lines.join(''), rows: count, limit: limitOf(count < rows.length, isTruncated) };
}

const mostBytes = 5 * 1024 * 1024;

function limitOf(isTooBig: boolean, isTruncated: boolean): string | null {
  if (isTooBig) return 'the file of a mail has at most 5 MB';
  return isTruncated ? `a report has at most ${reportLimits.rows.toLocaleString('en-US')} rows` : null;
}

const byteLength = (text = ''): number => new TextEncoder().encode(text).length;
