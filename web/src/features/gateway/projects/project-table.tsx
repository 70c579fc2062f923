import { Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { formatUsd } from '@/lib/money.ts';
import { formatCount } from '@/lib/numbers.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { LastUsed } from '../proxy-keys/last-used.tsx';
import { type ProxyKey, proxyKeyQueries, stateOfKey } from '../proxy-keys/proxy-key-queries.ts';
import { useLedgerNames } from '../reports/use-ledger-names.ts';
import type { Project } from './project-queries.ts';
import classes from './projects.module.css';
import { useMonthSpend } from '../spend/use-month-spend.ts';

export function ProjectTable({ projects }: { projects: readonly Project[] }) {
  const { id, slug } = useOrganization();
  const { projectColor } = useLedgerNames();
  const { data: proxyKeys } = useQuery(proxyKeyQueries.watched(id));
  const monthSpend = useMonthSpend('project');
  const keysOf = (project: Project): ProxyKey[] =>
    proxyKeys?.filter(({ project_id }) => project_id === project.id) ?? [];
  const columns: [Column<Project>, ...Column<Project>[]] = [
    {
      key: 'name',
      header: 'Project',
      cell: (project) => (
        <span className={classes.name}>
          <span className={classes.swatch} style={{ background: projectColor(project.id) }} aria-hidden />
          <span>
            {project.name}
            {project.description !== '' && (
              <Text size="xs" c="dimmed" lineClamp={1} className={classes.description}>
                {project.description}
              </Text>
            )}
          </span>
        </span>
      ),
    },
    {
      key: 'keys',
      header: 'Active keys',
      align: 'right',
      width: 120,
      cell: (project) =>
        proxyKeys ? (
          formatCount(keysOf(project).filter((key) => stateOfKey(key) === 'active').length)
        ) : (
          <Loading />
        ),
    },
    {
      key: 'calls',
      header: 'Calls this month',
      align: 'right',
      width: 150,
      cell: ({ id: projectId }) => (monthSpend ? formatCount(monthSpend(projectId).calls) : <Loading />),
    },
    {
      key: 'spend',
      header: 'Spend this month',
      align: 'right',
      width: 150,
      cell: ({ id: projectId }) => (monthSpend ? formatUsd(monthSpend(projectId).costUsd) : <Loading />),
    },
    {
      key: 'used',
      header: 'Last used',
      align: 'right',
      width: 150,
      cell: (project) =>
        proxyKeys ? (
          <LastUsed at={latestUse(keysOf(project))} hasCalls={(monthSpend?.(project.id).calls ?? 0) > 0} />
        ) : (
          <Loading />
        ),
    },
  ];
  return (
    <DataTable
      label="Projects"
      rows={projects}
      columns={columns}
      rowKey={(project) => project.id}
      rowHref={(project) => paths.project(slug, project.id)}
    />
  );
}

/** ISO instants in UTC order as texts. */
const latestUse = (keys: readonly ProxyKey[]): string | null =>
  keys
    .map(({ last_used_at }) => last_used_at)
    .filter((at) => at !== null)
    .sort()
    .at(-1) ?? null;

const Loading = () => <Skeleton height={12} width={48} ml="auto" />;
