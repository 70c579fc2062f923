import { addDays, startOfDay } from '@/lib/dates.ts';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';
import type { Dimension } from '../reports/report-queries.ts';
import type { CallScope } from './call-queries.ts';
import { type Choice, choices } from './usage-filters.ts';

const dimensions: Readonly<Record<Choice, Dimension | undefined>> = {
  projects: 'project',
  keys: 'proxy_key',
  models: 'model',
  users: 'user',
  agents: 'agent',
  statuses: undefined,
};

/** How many settled calls the scope has, from the rollups; undefined where those cannot tell. */
export async function countCalls({
  organizationId,
  timeZone,
  filters,
}: CallScope): Promise<number | undefined> {
  const [choice, ...others] = choices.filter((each) => filters[each].length > 0);
  const dimension = choice === undefined ? 'provider' : dimensions[choice];
  // Rollups know one dimension at a time.
  if (dimension === undefined || others.length > 0) return undefined;
  const rows = unwrap(
    await supabase().rpc('break_down_usage', {
      organization_id: organizationId,
      from_at: filters.from ? startOfDay(filters.from, timeZone).toISOString() : '-infinity',
      to_at: filters.to ? startOfDay(addDays(filters.to, 1), timeZone).toISOString() : 'infinity',
      dimension,
    }),
  );
  const chosen = new Set<string>(choice === undefined ? [] : filters[choice]);
  return rows
    .filter(({ key }) => choice === undefined || chosen.has(key))
    .reduce((count, { calls }) => count + calls, 0);
}
