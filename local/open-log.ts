import { openSync, renameSync, statSync } from 'node:fs';

/** Opens a log to append to; one that has grown large becomes `….1`, which replaces the last such one. */
export function openLog(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LARGE_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o600);
}

const LARGE_BYTES = 10_000_000;
