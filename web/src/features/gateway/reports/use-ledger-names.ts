import { useMemo } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { assignSeriesColors } from '@/ui/charts/series-colors.ts';
import { projectQueries } from '../projects/project-queries.ts';
import { proxyKeyQueries } from '../proxy-keys/proxy-key-queries.ts';
import { peopleQueries } from './people-queries.ts';
import { useKnownValues } from './use-known-values.ts';

export type LedgerNames = {
  project: (id: string) => string;
  proxyKey: (id: string) => string;
  /** The project that a key belongs to. */
  projectOfKey: (id: string) => string | undefined;
  /** A member's name where the call named a member, else what the call said. */
  user: (user: string | null) => string;
  /** The name of an agent of ours, else what the call said. */
  agent: (agent: string | null) => string;
  modelColor: (model: string) => string;
  projectColor: (id: string) => string;
};

const nobody = 'Not attributed';

/** Names and colors for what the ledger has as ids, the same on every page. */
export function useLedgerNames(): LedgerNames {
  const { id } = useOrganization();
  const { data: projects } = useQuery(projectQueries.list(id));
  const { data: proxyKeys } = useQuery(proxyKeyQueries.list(id));
  const { data: people } = useQuery(peopleQueries.list(id));
  const { data: agents } = useQuery(peopleQueries.agents(id));
  const models = useKnownValues('model').join('\n');
  return useMemo(() => {
    const projectsById = new Map(projects?.map((project) => [project.id, project]));
    const keysById = new Map(proxyKeys?.map((key) => [key.id, key]));
    const names = new Map(
      people?.flatMap(({ user_id, email, full_name }) => [
        [user_id, full_name || email],
        [email, full_name || email],
      ]),
    );
    const agentNames = new Map(agents?.map((agent) => [agent.id, agent.name]));
    const nameOfProject = (projectId: string): string =>
      projectsById.get(projectId)?.name ?? (projects ? shortId(projectId) : '…');
    return {
      project: nameOfProject,
      proxyKey: (keyId) => keysById.get(keyId)?.name ?? (proxyKeys ? shortId(keyId) : '…'),
      projectOfKey: (keyId) => {
        const key = keysById.get(keyId);
        return key && nameOfProject(key.project_id);
      },
      user: (user) => (user ? (names.get(user) ?? user) : nobody),
      agent: (agent) => (agent ? (agentNames.get(agent) ?? agent) : nobody),
      modelColor: assignSeriesColors(models.split('\n')),
      projectColor: assignSeriesColors([...projectsById.keys()]),
    };
  }, [projects, proxyKeys, people, agents, models]);
}

/** For what has no name any more: it can still be told apart. */
const shortId = (id: string): string => id.slice(0, 8);
