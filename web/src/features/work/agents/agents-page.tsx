import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus, IconRobot } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { EmptyState } from '@/ui/empty-state.tsx';
import { PageHeader } from '@/ui/page-header.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { useLiveTasks } from '../tasks/use-live-tasks.ts';
import { CreateAgentModal } from './agent-modals.tsx';
import { agentQueries } from './agent-queries.ts';
import { AgentTable } from './agent-table.tsx';

/** Who works here beside people, at what cost. */
export function AgentsPage() {
  const { id, canManage } = useOrganization();
  const [isCreating, creating] = useDisclosure(false);
  const agents = useQuery(agentQueries.list(id));
  useLiveTasks();
  const present = agents.data?.filter(({ archived_at: archivedAt }) => archivedAt === null);
  return (
    <>
      <PageHeader
        title="Agents"
        description="Each works on its tasks by itself, through the gateway: held against its own budget and its project's before every call."
        actions={
          canManage &&
          present?.length !== 0 && (
            <Button leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />} onClick={creating.open}>
              Create agent
            </Button>
          )
        }
      />
      <AsyncView query={agents} skeleton={<TableSkeleton rows={4} label="Loading agents" />}>
        {() =>
          present === undefined || present.length === 0 ? (
            <EmptyState
              icon={IconRobot}
              title="Agents will be here."
              description={
                canManage
                  ? 'Give one a name, a model and a budget, then assign it a task.'
                  : 'An owner or admin makes them; then everyone can assign them tasks.'
              }
              action={canManage && <Button onClick={creating.open}>Create agent</Button>}
            />
          ) : (
            <AgentTable agents={present} />
          )
        }
      </AsyncView>
      <CreateAgentModal isOpen={isCreating} onClose={creating.close} />
    </>
  );
}
