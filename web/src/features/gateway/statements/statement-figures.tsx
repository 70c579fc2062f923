import { formatUsd, formatUsdExact, isZeroUsd } from '@/lib/money.ts';
import { formatCount } from '@/lib/numbers.ts';
import type { Statement } from './statement-queries.ts';
import classes from './statements.module.css';

type Figures = Pick<Statement, 'calls' | 'usage_usd' | 'adjustments_usd' | 'total_usd'>;

/** A statement's sums, to the last decimal on hover. */
export function StatementFigures({ of: figures }: { of: Figures }) {
  const amounts = [
    { label: 'Total', amount: figures.total_usd },
    ...(isZeroUsd(figures.adjustments_usd)
      ? []
      : [
          { label: 'Usage', amount: figures.usage_usd },
          { label: 'Adjustments', amount: figures.adjustments_usd },
        ]),
  ];
  return (
    <dl className={classes.figures}>
      {amounts.map(({ label, amount }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd title={formatUsdExact(amount)}>{formatUsd(amount)}</dd>
        </div>
      ))}
      <div>
        <dt>Calls</dt>
        <dd>{formatCount(figures.calls)}</dd>
      </div>
    </dl>
  );
}
