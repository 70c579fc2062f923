import { Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { compareUsd, formatUsd, formatUsdExact, subtractUsd, sumUsd, zeroUsd } from '@/lib/money.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { useGlance } from '@/lib/use-now.ts';
import { AsyncView } from '@/ui/async-view.tsx';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { SideDrawer } from '@/ui/side-drawer.tsx';
import { Fact, FactList, Facts } from '../usage/facts.tsx';
import { type Budget, budgetQueries } from './budget-queries.ts';
import { BudgetRequests } from './budget-requests.tsx';
import { BudgetUse } from './budget-use.tsx';
import { describePeriod, modeWords } from './budget-words.ts';
import { DryRunNote } from './dry-run-note.tsx';
import { forecastUsd } from './forecast.ts';
import { Resets } from './resets.tsx';
import { useBudgetName } from './use-budget-name.ts';

type BudgetDrawerProps = { budgetId: string | undefined; budgets: readonly Budget[]; onClose: () => void };

/** All about one budget; its address is what a refused client is told. */
export function BudgetDrawer({ budgetId, budgets, onClose }: BudgetDrawerProps) {
  const budget = budgets.find(({ id }) => id === budgetId);
  return (
    <SideDrawer title="Budget" isOpen={budgetId !== undefined} onClose={onClose}>
      {budget === undefined ? (
        <Text c="dimmed">This budget was deleted.</Text>
      ) : (
        <Stack gap="lg" pb="xl">
          <Head budget={budget} />
          <Spending budget={budget} />
          <LastMonth budget={budget} />
          <BudgetRequests budget={budget} />
          <Warnings budgetId={budget.id} />
        </Stack>
      )}
    </SideDrawer>
  );
}

function Head({ budget }: { budget: Budget }) {
  const { kind, name } = useBudgetName()(budget);
  return (
    <Stack gap="sm">
      <div>
        <Text fz="lg" fw="var(--mantine-font-weight-bold)">
          {name}
        </Text>
        <Text size="sm" c="dimmed">
          {kind === '' ? '' : `${kind} · `}
          {describePeriod(budget.period)}
        </Text>
      </div>
      <BudgetUse budget={budget} />
    </Stack>
  );
}

function Spending({ budget }: { budget: Budget }) {
  const now = useGlance();
  const left = subtractUsd(budget.limit_usd, sumUsd([budget.spent_usd, budget.held_usd]));
  const forecast = forecastUsd(budget.spent_usd, { start: budget.window_start, end: budget.window_end }, now);
  return (
    <Facts title="Spending">
      <FactList>
        <Fact label="Limit">{formatUsdExact(budget.limit_usd)}</Fact>
        {budget.raised_until !== null && budget.regular_limit_usd !== null && (
          <Fact label={`Back to ${formatUsd(budget.regular_limit_usd)}`}>
            <Resets at={budget.raised_until} />
          </Fact>
        )}
        <Fact label="Spent">{formatUsdExact(budget.spent_usd)}</Fact>
        <Fact label="Held for calls in flight">{formatUsdExact(budget.held_usd)}</Fact>
        <Fact label="Left">{formatUsdExact(compareUsd(left, zeroUsd) > 0 ? left : zeroUsd)}</Fact>
        {forecast !== null && <Fact label="Expected at the end">{formatUsd(forecast)}</Fact>}
        <Fact label="Resets">
          <Resets at={budget.window_end} />
        </Fact>
        <Fact label="When full">{budget.mode === 'soft' ? modeWords.soft : modeWords.hard}</Fact>
        <Fact label="Warns at">
          {budget.warn_at.length === 0 ? 'Never' : budget.warn_at.map((percent) => `${percent}%`).join(', ')}
        </Fact>
      </FactList>
    </Facts>
  );
}

function LastMonth({
  budget: { scope, scope_id: scopeId, period, limit_usd: limitUsd },
}: {
  budget: Budget;
}) {
  return (
    <Facts title="Last month">
      <DryRunNote budget={{ scope, scopeId, period, limitUsd }} />
    </Facts>
  );
}

function Warnings({ budgetId }: { budgetId: string }) {
  const { id } = useOrganization();
  return (
    <Facts title="Warnings">
      <AsyncView query={useQuery(budgetQueries.warnings(id, budgetId))} skeleton={<Skeleton height={22} />}>
        {(warnings) =>
          warnings.length === 0 ? (
            <Text size="sm" c="dimmed">
              It has not warned yet.
            </Text>
          ) : (
            <FactList>
              {warnings.map((warning) => (
                <Fact
                  key={warning.id}
                  label={`${warning.percent}% passed, ${formatUsd(warning.spent_usd)} of ${formatUsd(warning.limit_usd)}`}
                >
                  <RelativeTime at={warning.created_at} />
                </Fact>
              ))}
            </FactList>
          )
        }
      </AsyncView>
    </Facts>
  );
}
