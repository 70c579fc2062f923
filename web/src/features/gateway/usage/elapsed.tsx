import { formatDuration } from '@/lib/numbers.ts';
import { useSecond } from '@/lib/use-now.ts';

/** How long something has been running, counting up. */
export function Elapsed({ since }: { since: string }) {
  return formatDuration(Math.max(useSecond().getTime() - Date.parse(since), 0));
}
