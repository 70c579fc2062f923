import { Text } from '@mantine/core';
import { formatUsd, isZeroUsd, shareOf, sumUsd } from '@/lib/money.ts';
import { formatPercent } from '@/lib/numbers.ts';
import { BudgetBar } from '@/ui/charts/budget-bar.tsx';
import type { Budget } from './budget-queries.ts';
import classes from './budgets.module.css';

/** Spent and held on the length of the limit, and what that comes to. */
export function BudgetUse({ budget }: { budget: Budget }) {
  const { spent_usd: spentUsd, held_usd: heldUsd, limit_usd: limitUsd } = budget;
  return (
    <div className={classes.gauge}>
      <BudgetBar spentUsd={spentUsd} heldUsd={heldUsd} budgetUsd={limitUsd} />
      <div className={classes.legend}>
        <span>
          {formatUsd(spentUsd)} of {formatUsd(limitUsd)}
        </span>
        <Text span inherit c="dimmed">
          {describeUse(budget)}
        </Text>
      </div>
    </div>
  );
}

function describeUse({ spent_usd: spentUsd, held_usd: heldUsd, limit_usd: limitUsd, mode }: Budget): string {
  if (isZeroUsd(limitUsd)) return mode === 'hard' ? 'Nothing may be spent' : 'Warns of everything';
  const taken = formatPercent(shareOf(sumUsd([spentUsd, heldUsd]), limitUsd));
  return isZeroUsd(heldUsd) ? taken : `${taken}, ${formatUsd(heldUsd)} held`;
}
