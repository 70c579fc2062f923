import type { ReactNode } from 'react';
import { Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { formatUsd, isZeroUsd, shareOf } from '@/lib/money.ts';
import { formatCompact, formatCount, formatLatency, formatPercent, formatPlural } from '@/lib/numbers.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { reportQueries } from '../reports/report-queries.ts';
import { spendStatusQueries } from '../spend/spend-status-queries.ts';
import { usagePath } from '../usage/usage-filters.ts';
import { Change } from './change.tsx';
import type { OverviewSpans } from './overview-spans.ts';
import classes from './overview.module.css';

/** What happened in the range, each figure beside that of the period before where the ledger reaches back that far. */
export function Totals({ spans, days }: { spans: OverviewSpans; days: number }) {
  const { id, slug } = useOrganization();
  const current = useQuery({
    ...reportQueries.summary(id, spans.current),
    placeholderData: (last) => last,
  });
  const { data: status } = useQuery(spendStatusQueries.current(id));
  const { fromAt } = spans.previous;
  const isComparable =
    status !== undefined &&
    status.firstCallAt !== null &&
    status.firstCallAt <= fromAt &&
    (status.historyStartsAt === null || status.historyStartsAt <= fromAt);
  const { data: previous } = useQuery({
    ...reportQueries.summary(id, spans.previous),
    enabled: isComparable,
  });
  const before = isComparable && previous && previous.calls > 0 ? previous : undefined;
  const than = `the ${days} days before`;
  return (
    <AsyncView query={current} skeleton={<TotalsSkeleton />}>
      {(totals) => {
        const p95: number | null = totals.latency_p95_ms;
        return (
          <dl className={classes.totals}>
            <Total label="Spend" value={formatUsd(totals.cost_usd)} note={tokensNote(totals)}>
              {totals.cached_calls > 0 && (
                <Text component="span" size="xs" c="dimmed" display="block">
                  {formatUsd(totals.saved_usd)} saved by the cache,{' '}
                  {formatPlural(totals.cached_calls, 'call')}
                </Text>
              )}
              {before && !isZeroUsd(before.cost_usd) && (
                <Change
                  ratio={shareOf(totals.cost_usd, before.cost_usd)}
                  than={than}
                  before={formatUsd(before.cost_usd)}
                />
              )}
            </Total>
            <Total label="Calls" value={formatCount(totals.calls)} note={callsNote(totals, days)}>
              {before && (
                <Change ratio={totals.calls / before.calls} than={than} before={formatCount(before.calls)} />
              )}
            </Total>
            <Total
              label="Errors"
              value={
                <Link
                  to={usagePath(slug, {
                    from: spans.firstDay,
                    to: spans.lastDay,
                    statuses: ['failed', 'expired'],
                  })}
                  className={classes.quietLink}
                >
                  {totals.calls === 0 ? '0' : formatPercent(totals.errors / totals.calls)}
                </Link>
              }
              note={`${formatPlural(totals.errors, 'failed call')}, ${formatCount(totals.refusals)} refused`}
            >
              {before && (
                <Text component="span" size="xs" c="dimmed">
                  {formatPercent(before.errors / before.calls)} in {than}
                </Text>
              )}
            </Total>
            <Total
              label="p95 latency"
              value={p95 === null ? 'None yet' : formatLatency(p95)}
              note="95 of 100 answers came faster"
            >
              {before && p95 !== null && before.latency_p95_ms > 0 && (
                <Change
                  ratio={p95 / before.latency_p95_ms}
                  than={than}
                  before={formatLatency(before.latency_p95_ms)}
                />
              )}
            </Total>
          </dl>
        );
      }}
    </AsyncView>
  );
}

type TotalProps = { label: string; value: ReactNode; note: string; children: ReactNode };

function Total({ label, value, note, children }: TotalProps) {
  return (
    <div className={classes.total}>
      <dt className={classes.label}>{label}</dt>
      <dd className={classes.totalValue}>{value}</dd>
      <dd className={classes.totalNote}>{note}</dd>
      <dd className={classes.totalNote}>{children}</dd>
    </div>
  );
}

type Summary = { calls: number; refusals: number; input_tokens: number; output_tokens: number };

const tokensNote = ({ input_tokens, output_tokens }: Summary): string =>
  `${formatCompact(input_tokens)} tokens in, ${formatCompact(output_tokens)} out`;

function callsNote({ calls }: Summary, days: number): string {
  const perDay = calls / days;
  return calls === 0
    ? 'None yet'
    : `${perDay < 10 ? perDay.toFixed(1) : formatCount(Math.round(perDay))} a day`;
}

function TotalsSkeleton() {
  return (
    <div className={classes.totals} role="status" aria-label="Loading totals">
      {[0, 1, 2, 3].map((total) => (
        <div key={total} className={classes.total}>
          <Skeleton height={14} width={64} />
          <Skeleton height={22} width={96} my={6} />
          <Skeleton height={12} width={120} />
        </div>
      ))}
    </div>
  );
}
