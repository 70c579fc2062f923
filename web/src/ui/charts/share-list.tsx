import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { formatUsd, shareOf, type Usd } from '@/lib/money.ts';
import { formatPercent } from '@/lib/numbers.ts';
import classes from './share-list.module.css';

type Share = {
  key: string;
  label: ReactNode;
  /** Small, below the label. */
  note?: string;
  amount: Usd;
  color?: string;
  href: string;
};

/** Who spent most: each with a bar for its part of the whole. */
export function ShareList({ label, shares, whole }: { label: string; shares: readonly Share[]; whole: Usd }) {
  return (
    <ol className={classes.list} aria-label={label}>
      {shares.map((share) => {
        const ratio = shareOf(share.amount, whole);
        return (
          <li key={share.key}>
            <Link to={share.href} className={classes.row}>
              <span className={classes.label}>{share.label}</span>
              <span className={classes.amount}>{formatUsd(share.amount)}</span>
              <span className={classes.track} aria-hidden>
                <span
                  className={classes.bar}
                  style={{ width: `${Math.max(ratio * 100, 0.5)}%`, background: share.color }}
                />
              </span>
              <span className={classes.note}>{share.note}</span>
              <span className={classes.percent}>{formatPercent(ratio)}</span>
            </Link>
          </li>
        );
      })}
    </ol>
  );
}
