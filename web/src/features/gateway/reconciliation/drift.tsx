import { Text } from '@mantine/core';
import { isZeroUsd, shareOf } from '@/lib/money.ts';
import { formatPercent } from '@/lib/numbers.ts';
import { formatDrift } from './cause-words.ts';
import type { Reconciliation } from './reconciliation-queries.ts';

type DriftProps = { of: Pick<Reconciliation, 'drift_usd' | 'theirs_usd' | 'ours_usd'>; isAlarming?: boolean };

/** The difference, and how much that is of the larger side. */
export function Drift({
  of: { drift_usd: drift, theirs_usd: theirs, ours_usd: ours },
  isAlarming,
}: DriftProps) {
  if (isZeroUsd(drift)) {
    return (
      <Text span inherit c="dimmed">
        None
      </Text>
    );
  }
  const whole = drift.startsWith('-') ? ours : theirs;
  return (
    <Text span inherit {...(isAlarming && { c: 'red', fw: 'var(--mantine-font-weight-bold)' })}>
      {formatDrift(drift)} ({formatPercent(Math.abs(shareOf(drift, whole)))})
    </Text>
  );
}
