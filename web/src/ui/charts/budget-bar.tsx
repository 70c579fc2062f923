import { formatUsd, shareOf, sumUsd, type Usd } from '@/lib/money.ts';
import { formatPercent } from '@/lib/numbers.ts';
import classes from './budget-bar.module.css';

type BudgetBarProps = { spentUsd: Usd; heldUsd: Usd; budgetUsd: Usd };

/** Spent solid and, right beside it, held hatched, on the length of a budget. */
export function BudgetBar({ spentUsd, heldUsd, budgetUsd }: BudgetBarProps) {
  const spent = Math.min(shareOf(spentUsd, budgetUsd), 1);
  const held = Math.min(shareOf(heldUsd, budgetUsd), 1 - spent);
  const taken = shareOf(sumUsd([spentUsd, heldUsd]), budgetUsd);
  const text = `${formatUsd(spentUsd)} spent and ${formatUsd(heldUsd)} held of ${formatUsd(budgetUsd)}, ${formatPercent(taken)}`;
  return (
    <div
      className={classes.track}
      role="meter"
      aria-label="Budget"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(Math.min(taken, 1) * 100)}
      aria-valuetext={text}
      data-level={levelOf(taken)}
    >
      <span className={classes.spent} style={{ width: `${spent * 100}%` }} />
      <span className={classes.held} style={{ width: `${held * 100}%` }} />
    </div>
  );
}

/** The color speaks only when there is something to say. */
export function levelOf(taken: number): 'calm' | 'near' | 'full' {
  if (taken >= 1) return 'full';
  return taken >= 0.8 ? 'near' : 'calm';
}
