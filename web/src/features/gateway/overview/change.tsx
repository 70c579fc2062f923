import { Text, Tooltip } from '@mantine/core';
import { IconArrowDownRight, IconArrowUpRight } from '@tabler/icons-react';
import { formatPercent } from '@/lib/numbers.ts';
import classes from './overview.module.css';

type ChangeProps = {
  /** Now over before; undefined where a comparison would say nothing true. */
  ratio: number | undefined;
  /** `than the 30 days before` */
  than: string;
  /** What it was before, formatted. */
  before: string;
};

/** How a figure moved. Without judgement: more spend may be good or bad. */
export function Change({ ratio, than, before }: ChangeProps) {
  if (ratio === undefined) return null;
  const Arrow = ratio >= 1 ? IconArrowUpRight : IconArrowDownRight;
  const isSame = Math.abs(ratio - 1) < 0.005;
  return (
    <Tooltip label={`${before} in the period before, up to the same time of day`}>
      <Text component="span" size="xs" c="dimmed" className={classes.change} tabIndex={0}>
        {isSame ? (
          <>As in {than}</>
        ) : (
          <>
            <Arrow size={14} stroke={1.5} aria-hidden />
            {describe(ratio)} than {than}
          </>
        )}
      </Text>
    </Tooltip>
  );
}

function describe(ratio: number): string {
  if (ratio >= 10) return `${Math.round(ratio)} times more`;
  return ratio > 1 ? `${formatPercent(ratio - 1)} more` : `${formatPercent(1 - ratio)} less`;
}
