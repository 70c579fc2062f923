import { useEffect, useState } from 'react';
import { formatLatency } from '@/lib/numbers.ts';

/** How long something has been running, counting up. */
export function Elapsed({ since }: { since: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(Math.floor((now - Date.parse(since)) / 1_000), 0);
  return seconds < 60 ? `${seconds} s` : formatLatency(seconds * 1_000);
}
