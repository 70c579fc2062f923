import { formatUsd, type Usd } from '@/lib/money.ts';
import type { Call } from './call-queries.ts';

/** What it means that the response cache answered a call. */
export function describeSaving(call: Pick<Call, 'saved_usd'>): string {
  // Generated types know no null behind a cast.
  const saved: Usd | null = call.saved_usd;
  const saving = saved === null ? 'What that cost is not known' : `Saved ${formatUsd(saved)}`;
  return `Answered from the cache, as the same call was before. ${saving}.`;
}
