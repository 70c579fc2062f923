import { Text } from '@mantine/core';
import { formatCompact, formatCount } from '@/lib/numbers.ts';
import { Meter } from '@/ui/charts/meter.tsx';
import type { Allowance } from './rate-limit-queries.ts';
import classes from './rate-limits.module.css';

type RateLimitUseProps = {
  /** What is counted, for screen readers. */
  label: string;
  allowance: Allowance;
};

/** What is used of one number, on its length. */
export function RateLimitUse({ label, allowance: { used, limit } }: RateLimitUseProps) {
  if (limit === null) {
    return (
      <Text span inherit c="dimmed">
        Not limited
      </Text>
    );
  }
  return (
    <div className={classes.gauge}>
      <Meter
        label={label}
        text={`${formatCount(used)} of ${formatCount(limit)}`}
        // Where nothing is allowed, none is left.
        taken={limit === 0 ? 1 : used / limit}
        solid={limit === 0 ? 0 : used / limit}
      />
      <span className={classes.legend}>
        {limit === 0 ? 'Refuses every call' : `${formatCompact(used)} of ${formatCompact(limit)}`}
      </span>
    </div>
  );
}
