import { useEffect, useState } from 'react';
import { Tooltip } from '@mantine/core';
import { formatMomentExact, formatRelative } from '@/lib/dates.ts';

const tickMs = 15_000;

/** `5 min ago`, kept true while it is shown; the exact time on hover and for machines. */
export function RelativeTime({ at }: { at: string }) {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), tickMs);
    return () => clearInterval(timer);
  }, []);
  const moment = new Date(at);
  return (
    <Tooltip label={formatMomentExact(moment)}>
      <time dateTime={at}>{formatRelative(moment, now)}</time>
    </Tooltip>
  );
}
