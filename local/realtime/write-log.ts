import { createWriteStream } from 'node:fs';
import { openLog } from '../open-log.ts';

/** One line each, and so many a minute at most: whoever sends nonsense must not fill a disk. */
export function writeLog(file: string): { write: (code: string, detail: unknown) => void; end: () => void } {
  const stream = createWriteStream(file, { fd: openLog(file) });
  let minute = 0;
  let lines = 0;
  return {
    write: (code, detail) => {
      const now = new Date();
      const isNext = Math.floor(now.getTime() / 60_000) !== minute;
      if (isNext) [minute, lines] = [Math.floor(now.getTime() / 60_000), 0];
      if (++lines > MOST_LINES) return;
      const text = detail instanceof Error ? `${detail.name}: ${detail.message}` : String(detail);
      stream.write(`${now.toISOString()} ${code} ${text.replaceAll('\n', ' ')}\n`);
    },
    end: () => stream.end(),
  };
}

const MOST_LINES = 200;
