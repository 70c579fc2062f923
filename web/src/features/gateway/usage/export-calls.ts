import { callCsvHeader, callCsvLine, type CsvNames } from './call-csv.ts';
import { type CallCursor, type CallScope, fetchCalls } from './call-queries.ts';

/** Few enough that what a page asks for meanwhile does not wait for long. */
const pageRows = 500;

type ExportCalls = {
  scope: CallScope;
  names: CsvNames;
  signal: AbortSignal;
  onProgress: (rows: number) => void;
};

/**
 * The scope's calls as a CSV file, newest first, loaded page by page. Each page becomes a blob of its own, which
 * browsers keep out of memory. Throws the signal's reason when it is aborted.
 */
export async function exportCalls({ scope, names, signal, onProgress }: ExportCalls): Promise<Blob> {
  const parts: Blob[] = [new Blob([callCsvHeader()])];
  let rows = 0;
  let after: CallCursor | undefined;
  do {
    const page = await fetchCalls(scope, { after, limit: pageRows });
    signal.throwIfAborted();
    parts.push(new Blob([page.map((call) => callCsvLine(call, names)).join('')]));
    rows += page.length;
    onProgress(rows);
    after = page.length < pageRows ? undefined : page.at(-1);
  } while (after);
  return new Blob(parts, { type: 'text/csv;charset=utf-8' });
}
