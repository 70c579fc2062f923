import { Skeleton, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { dayIn, formatDay } from '@/lib/dates.ts';
import { formatUsd, isZeroUsd, shareOf, sumUsd, type Usd } from '@/lib/money.ts';
import { formatPercent, formatPlural } from '@/lib/numbers.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { useGlance, useQuarter } from '@/lib/use-now.ts';
import { AsyncView } from '@/ui/async-view.tsx';
import { BudgetBar } from '@/ui/charts/budget-bar.tsx';
import { levelOf } from '@/ui/charts/meter.tsx';
import { forecastUsd } from '../budgets/forecast.ts';
import { reportQueries } from '../reports/report-queries.ts';
import { type SpendStatus, spendStatusQueries } from '../spend/spend-status-queries.ts';
import { Change } from './change.tsx';
import { overviewSpans } from './overview-spans.ts';
import classes from './overview.module.css';

/** Today, and this month against its budget. */
export function SpendNow() {
  const { id } = useOrganization();
  return (
    <AsyncView query={useQuery(spendStatusQueries.current(id))} skeleton={<SpendNowSkeleton />}>
      {(status) => (
        <div className={classes.now}>
          <Today status={status} />
          <Month status={status} />
        </div>
      )}
    </AsyncView>
  );
}

function Today({ status }: { status: SpendStatus }) {
  const { id, timeZone } = useOrganization();
  const { previous } = overviewSpans(timeZone, 1, useQuarter());
  const { data: yesterday } = useQuery(reportQueries.summary(id, previous));
  const before = yesterday?.cost_usd ?? '0';
  return (
    <section className={classes.nowPart} aria-label="Spend today">
      <Title order={2} className={classes.label}>
        Today
      </Title>
      <div className={classes.figure}>{formatUsd(status.todayUsd)}</div>
      <Text size="xs" c="dimmed">
        {formatPlural(status.todayCalls, 'call')}
      </Text>
      <Change
        ratio={isZeroUsd(before) ? undefined : shareOf(status.todayUsd, before)}
        than="yesterday by now"
        before={formatUsd(before)}
      />
    </section>
  );
}

function Month({ status }: { status: SpendStatus }) {
  const { timeZone } = useOrganization();
  const resetsOn = formatDay(dayIn(timeZone, new Date(status.monthEndsAt)));
  const month = { start: status.monthStartedAt, end: status.monthEndsAt };
  const forecast = forecastUsd(status.monthUsd, month, useGlance());
  return (
    <section className={classes.nowPart} aria-label="Spend this month">
      <Title order={2} className={classes.label}>
        This month
      </Title>
      <div className={classes.monthFigures}>
        <div className={classes.figure}>{formatUsd(status.monthUsd)}</div>
        {status.budgetUsd !== null && (
          <Text c="dimmed" className="tabular">
            of {formatUsd(status.budgetUsd)}
          </Text>
        )}
      </div>
      {status.budgetUsd === null ? (
        <Text size="xs" c="dimmed">
          No budget limits this organization.
        </Text>
      ) : (
        <BudgetBar spentUsd={status.monthUsd} heldUsd={status.heldUsd} budgetUsd={status.budgetUsd} />
      )}
      <div className={classes.monthNotes}>
        <Text size="xs" c="dimmed">
          {budgetNote(status.monthUsd, status.heldUsd, status.budgetUsd)}
        </Text>
        {forecast !== null && !isZeroUsd(forecast) && (
          <Text size="xs" c="dimmed">
            {formatUsd(forecast)} expected at the end
          </Text>
        )}
        <Text size="xs" c="dimmed">
          Begins anew on {resetsOn}
        </Text>
      </div>
    </section>
  );
}

function budgetNote(spentUsd: Usd, heldUsd: Usd, budgetUsd: Usd | null): string {
  const held = isZeroUsd(heldUsd) ? 'Nothing held' : `${formatUsd(heldUsd)} held for calls in flight`;
  if (budgetUsd === null) return held;
  if (isZeroUsd(budgetUsd)) return 'A budget of zero: every call is refused until it is raised';
  const taken = shareOf(sumUsd([spentUsd, heldUsd]), budgetUsd);
  const state = { calm: '', near: 'nearly used up · ', full: 'used up, calls are refused · ' }[
    levelOf(taken)
  ];
  return `${formatPercent(taken)} ${state === '' ? 'used · ' : state}${held}`;
}

function SpendNowSkeleton() {
  return (
    <div className={classes.now} role="status" aria-label="Loading spend">
      {[0, 1].map((part) => (
        <div key={part} className={classes.nowPart}>
          <Skeleton height={14} width={80} />
          <Skeleton height={28} width={140} />
          <Skeleton height={14} width="60%" />
        </div>
      ))}
    </div>
  );
}
