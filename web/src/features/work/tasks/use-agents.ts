import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { type Agent, agentQueries } from '../agents/agent-queries.ts';

/** Agents by id, archived ones among them. */
export function useAgents(): ReadonlyMap<string, Agent> {
  const { id } = useOrganization();
  const { data = [] } = useQuery(agentQueries.list(id));
  return new Map(data.map((agent) => [agent.id, agent]));
}
