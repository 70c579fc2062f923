import { Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { formatPlural } from '@/lib/numbers.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { useGlance } from '@/lib/use-now.ts';
import classes from './history-note.module.css';

const dayMs = 86_400_000;

/** Says that there may be more than the plan shows; nothing where it shows all. */
export function HistoryNote({ historyStartsAt }: { historyStartsAt: Date | null | undefined }) {
  const { plan } = useOrganization();
  const now = useGlance();
  if (!historyStartsAt) return null;
  const days = Math.round((now.getTime() - historyStartsAt.getTime()) / dayMs);
  const shown = days % 365 === 0 ? formatPlural(days / 365, 'year') : formatPlural(days, 'day');
  return (
    <Text size="xs" c="dimmed" className={classes.note} role="note">
      <IconHistory size={14} stroke={1.5} aria-hidden />
      The {planNames[plan] ?? plan} plan shows {shown} of history. Older calls are kept and come back with a
      plan that shows more; this month’s totals count all of them.
    </Text>
  );
}

const planNames: Readonly<Record<string, string>> = { free: 'Free', pro: 'Pro', enterprise: 'Enterprise' };
