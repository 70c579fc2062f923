import { Select, type SelectProps } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { projectQueries } from '../projects/project-queries.ts';
import { proxyKeyQueries, stateOfKey } from '../proxy-keys/proxy-key-queries.ts';
import { scopeWords } from './budget-words.ts';

type ScopeSelectProps = SelectProps & {
  scope: 'project' | 'proxy_key';
  /** Ids that are not to be chosen. */
  without?: readonly string[];
};

/** One of the projects or keys that are in use; keys by project, for several may share a name. */
export function ScopeSelect({ scope, without = [], ...input }: ScopeSelectProps) {
  const { id } = useOrganization();
  const { data: projects = [] } = useQuery(projectQueries.list(id));
  const { data: proxyKeys = [] } = useQuery(proxyKeyQueries.list(id));
  const active = projects.filter(({ archived_at }) => archived_at === null);
  const options = (things: readonly { id: string; name: string }[]) =>
    things
      .filter((thing) => !without.includes(thing.id))
      .map((thing) => ({ value: thing.id, label: thing.name }));
  const keysOf = (projectId: string) =>
    proxyKeys.filter((key) => key.project_id === projectId && stateOfKey(key) === 'active');
  return (
    <Select
      label={scopeWords[scope]}
      placeholder="Choose one"
      nothingFoundMessage="There is none with this name"
      searchable
      data={
        scope === 'project'
          ? options(active)
          : active
              .map((project) => ({ group: project.name, items: options(keysOf(project.id)) }))
              .filter(({ items }) => items.length > 0)
      }
      {...input}
    />
  );
}
