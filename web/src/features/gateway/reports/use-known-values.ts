import { useQuery } from '@tanstack/react-query';
import { addDays, startOfDay } from '@/lib/dates.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { useToday } from '@/lib/use-now.ts';
import { type Dimension, reportQueries } from './report-queries.ts';

const rememberedDays = 90;

/** The models, users or agents that calls of the last 90 days carried, dearest first. */
export function useKnownValues(dimension: Dimension): string[] {
  const { id, timeZone } = useOrganization();
  const today = useToday(timeZone);
  const { data } = useQuery({
    ...reportQueries.breakdown(id, {
      fromAt: startOfDay(addDays(today, -rememberedDays), timeZone),
      toAt: startOfDay(addDays(today, 1), timeZone),
      dimension,
    }),
    // Outside of the reports' keys: new calls hardly ever add to these.
    queryKey: ['gateway', id, 'known-values', dimension, today],
    staleTime: 60_000,
  });
  return data?.map(({ key }) => key) ?? [];
}
