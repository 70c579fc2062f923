import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { projectQueries } from '../projects/project-queries.ts';
import { proxyKeyQueries } from '../proxy-keys/proxy-key-queries.ts';
import { useKnownValues } from '../reports/use-known-values.ts';
import { useLedgerNames } from '../reports/use-ledger-names.ts';
import { statusWords } from './call-words.ts';
import { DateFilter } from './date-filter.tsx';
import { FilterChoice, type Option } from './filter-choice.tsx';
import classes from './filters.module.css';
import { type Choice, callStatuses, isFiltered, noFilters, type UsageFilters } from './usage-filters.ts';

type UsageFilterBarProps = { filters: UsageFilters; onChange: (filters: UsageFilters) => void };

const labels: Readonly<Record<Choice, string>> = {
  projects: 'Project',
  keys: 'Key',
  models: 'Model',
  users: 'User',
  agents: 'Agent',
  statuses: 'Status',
};

const order: readonly Choice[] = ['projects', 'keys', 'models', 'users', 'agents', 'statuses'];

export function UsageFilterBar({ filters, onChange }: UsageFilterBarProps) {
  const options = useFilterOptions(filters);
  return (
    <div className={classes.bar} role="group" aria-label="Filters">
      <DateFilter
        from={filters.from}
        to={filters.to}
        onChange={(range) => onChange({ ...filters, ...range })}
      />
      {order.map((choice) => (
        <FilterChoice
          key={choice}
          label={labels[choice]}
          options={options[choice]}
          chosen={filters[choice]}
          onChange={(chosen) => onChange({ ...filters, [choice]: chosen })}
        />
      ))}
      {isFiltered(filters) && (
        <Button size="xs" variant="subtle" color="gray" onClick={() => onChange(noFilters)}>
          Clear filters
        </Button>
      )}
    </div>
  );
}

function useFilterOptions(filters: UsageFilters): Record<Choice, readonly Option[]> {
  const { id } = useOrganization();
  const names = useLedgerNames();
  const { data: projects = [] } = useQuery(projectQueries.list(id));
  const { data: proxyKeys = [] } = useQuery(proxyKeyQueries.list(id));
  const models = useKnownValues('model');
  const users = useKnownValues('user');
  const agents = useKnownValues('agent');
  // Keys of other projects would find nothing.
  const offeredKeys = proxyKeys.filter(
    ({ project_id }) => filters.projects.length === 0 || filters.projects.includes(project_id),
  );
  return {
    projects: projects.map((project) => ({
      value: project.id,
      label: project.name,
      note: project.archived_at === null ? undefined : 'Archived',
    })),
    keys: offeredKeys.map((key) => ({
      value: key.id,
      label: key.name,
      note: names.project(key.project_id),
    })),
    models: models.map((model) => ({
      value: model,
      label: model,
      icon: <Swatch color={names.modelColor(model)} />,
    })),
    users: users.map((user) => ({ value: user, label: names.user(user) })),
    agents: agents.map((agent) => ({ value: agent, label: names.agent(agent) })),
    statuses: callStatuses.map((status) => ({
      value: status,
      label: statusWords[status].label,
      icon: <Swatch color={`var(--mantine-color-${statusWords[status].color}-6)`} />,
    })),
  };
}

const Swatch = ({ color }: { color: string }) => (
  <span aria-hidden style={{ flex: 'none', width: 8, height: 8, borderRadius: 2, background: color }} />
);
