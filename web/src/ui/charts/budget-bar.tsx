import { formatUsd, shareOf, sumUsd, type Usd } from '@/lib/money.ts';
import { formatPercent } from '@/lib/numbers.ts';
import { Meter } from './meter.tsx';

type BudgetBarProps = { spentUsd: Usd; heldUsd: Usd; budgetUsd: Usd };

/** Spent solid and, right beside it, held hatched, on the length of a budget. */
export function BudgetBar({ spentUsd, heldUsd, budgetUsd }: BudgetBarProps) {
  const taken = shareOf(sumUsd([spentUsd, heldUsd]), budgetUsd);
  return (
    <Meter
      label="Budget"
      text={`${formatUsd(spentUsd)} spent and ${formatUsd(heldUsd)} held of ${formatUsd(budgetUsd)}, ${formatPercent(taken)}`}
      solid={shareOf(spentUsd, budgetUsd)}
      hatched={shareOf(heldUsd, budgetUsd)}
      taken={taken}
    />
  );
}
