import { Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { dayIn, formatDay } from '@/lib/dates.ts';
import { formatUsd } from '@/lib/money.ts';
import { formatPlural } from '@/lib/numbers.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { budgetQueries, type DryRun } from './budget-queries.ts';

type DryRunNoteProps = {
  /** Null while it is not known what it limits, or to what. */
  budget: DryRun | null;
};

/** What last month would have looked like under this budget, for whoever thinks about its limit. */
export function DryRunNote({ budget }: DryRunNoteProps) {
  const { id, timeZone } = useOrganization();
  const [settled] = useDebouncedValue(budget, 400);
  const { data, isFetching } = useQuery({
    ...budgetQueries.dryRun(id, settled ?? nothing),
    enabled: settled !== null,
    placeholderData: (last) => last,
  });
  if (budget === null || !data) return null;
  const { refused_calls: refused, refused_usd: refusedUsd, calls, cost_usd: costUsd } = data;
  // The generated types know no nulls in what a function returns.
  const firstAt: string | null = data.first_refused_at;
  const ofAll = `${formatPlural(calls, 'call')} for ${formatUsd(costUsd)}`;
  return (
    <Text size="sm" c="dimmed" aria-live="polite" aria-busy={isFetching} data-dry-run>
      {calls === 0 && 'Nothing that it limits was called last month.'}
      {calls > 0 && firstAt === null && `Last month it would have refused none of ${ofAll}.`}
      {firstAt !== null &&
        `Last month it would have refused ${refused} of ${ofAll}: ${formatUsd(refusedUsd)} of them, the first on ${formatDay(dayIn(timeZone, new Date(firstAt)))}.`}
    </Text>
  );
}

const nothing: DryRun = { scope: '', scopeId: '', period: '', limitUsd: '0' };
