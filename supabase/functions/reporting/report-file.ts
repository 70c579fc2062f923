import type { ReportResult } from '../_shared/contracts/reporting.ts';
import { toCsvLine } from '../_shared/contracts/to-csv-line.ts';

export interface ReportFile {
  readonly csv: string;
  /** In the file, its head left aside. */
  readonly rows: number;
  /** Whether there are more than the file has. */
  readonly isCut: boolean;
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
  return { csv: lines.join(''), rows: count, isCut: isTruncated || count < rows.length };
}

const mostBytes = 5 * 1024 * 1024;

const byteLength = (text = ''): number => new TextEncoder().encode(text).length;
