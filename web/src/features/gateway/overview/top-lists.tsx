import { Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { isZeroUsd, sumUsd } from '@/lib/money.ts';
import { formatPlural } from '@/lib/numbers.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { ShareList } from '@/ui/charts/share-list.tsx';
import { reportQueries } from '../reports/report-queries.ts';
import { type LedgerNames, useLedgerNames } from '../reports/use-ledger-names.ts';
import { type UsageFilters, usagePath } from '../usage/usage-filters.ts';
import type { OverviewSpans } from './overview-spans.ts';
import classes from './overview.module.css';

const longest = 5;

type TopList = {
  title: string;
  dimension: 'proxy_key' | 'model' | 'user';
  label: (names: LedgerNames, key: string) => string;
  /** Said after the number of calls. */
  note?: (names: LedgerNames, key: string) => string | undefined;
  color?: (names: LedgerNames, key: string) => string;
  filter: (key: string) => Partial<UsageFilters>;
};

const lists: readonly TopList[] = [
  {
    title: 'Top models',
    dimension: 'model',
    label: (_names, key) => key,
    color: (names, key) => names.modelColor(key),
    filter: (key) => ({ models: [key] }),
  },
  {
    title: 'Top keys',
    dimension: 'proxy_key',
    label: (names, key) => names.proxyKey(key),
    note: (names, key) => names.projectOfKey(key),
    filter: (key) => ({ keys: [key] }),
  },
  {
    title: 'Top users',
    dimension: 'user',
    label: (names, key) => names.user(key),
    filter: (key) => ({ users: [key] }),
  },
];

/** Who and what most of the range's spend went to, each leading to its calls. */
export function TopLists({ spans }: { spans: OverviewSpans }) {
  return (
    <div className={classes.tops}>
      {lists.map((list) => (
        <section key={list.dimension} aria-label={list.title}>
          <Title order={2} className={classes.topHead}>
            {list.title}
          </Title>
          <Top list={list} spans={spans} />
        </section>
      ))}
    </div>
  );
}

function Top({ list, spans }: { list: TopList; spans: OverviewSpans }) {
  const { id, slug } = useOrganization();
  const names = useLedgerNames();
  const rows = useQuery({
    ...reportQueries.breakdown(id, { ...spans.current, dimension: list.dimension }),
    placeholderData: (last) => last,
  });
  return (
    <AsyncView query={rows} skeleton={<TopSkeleton />}>
      {(data) => {
        const dearest = data.filter(({ cost_usd }) => !isZeroUsd(cost_usd)).slice(0, longest);
        if (dearest.length === 0) {
          return (
            <Text size="sm" c="dimmed">
              Nothing was spent in this range.
            </Text>
          );
        }
        return (
          <ShareList
            label={list.title}
            whole={sumUsd(data.map(({ cost_usd }) => cost_usd))}
            shares={dearest.map(({ key, cost_usd, calls }) => ({
              key,
              label: list.label(names, key),
              note: [list.note?.(names, key), formatPlural(calls, 'call')].filter(Boolean).join(' · '),
              amount: cost_usd,
              href: usagePath(slug, {
                ...list.filter(key),
                from: spans.firstDay,
                to: spans.lastDay,
              }),
              ...(list.color ? { color: list.color(names, key) } : {}),
            }))}
          />
        );
      }}
    </AsyncView>
  );
}

function TopSkeleton() {
  return (
    <Stack gap={20} role="status" aria-label="Loading">
      {[0, 1, 2, 3].map((row) => (
        <Skeleton key={row} height={28} />
      ))}
    </Stack>
  );
}
