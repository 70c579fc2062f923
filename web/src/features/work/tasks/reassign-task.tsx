import { Select } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { notifyError } from '@/ui/notify.ts';
import { agentQueries } from '../agents/agent-queries.ts';
import { type OpenTask, taskQueries } from './task-queries.ts';
import { reassignTask } from './task-writes.ts';

/** Gives a task to another agent. */
export function ReassignTask({ task }: { task: OpenTask }) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const { data: agents = [] } = useQuery(agentQueries.list(id));
  const reassign = useMutation({
    mutationFn: (agentId: string) => reassignTask(task.id, agentId),
    onError: notifyError,
    onSettled: () => client.invalidateQueries({ queryKey: taskQueries.all(id) }),
  });
  return (
    <Select
      aria-label="Agent of this task"
      placeholder="Give it to an agent"
      w={200}
      data={agents
        .filter(({ archived_at: archivedAt }) => archivedAt === null)
        .map(({ id: value, name }) => ({ value, label: name }))}
      value={task.agent_id}
      disabled={reassign.isPending}
      allowDeselect={false}
      onChange={(agentId) => agentId !== null && reassign.mutate(agentId)}
    />
  );
}
