import { formatMomentExact, formatRelative } from '@/lib/dates.ts';
import { useGlance } from '@/lib/use-now.ts';

/** For lists of hundreds: one clock for all of them, and the exact time in a plain title. */
export function CallTime({ at }: { at: string }) {
  const moment = new Date(at);
  return (
    <time dateTime={at} title={formatMomentExact(moment)}>
      {formatRelative(moment, useGlance())}
    </time>
  );
}
