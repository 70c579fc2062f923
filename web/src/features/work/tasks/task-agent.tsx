import { Group, Text } from '@mantine/core';
import { AgentAvatar } from '../agents/agent-avatar.tsx';
import { useAgents } from './use-agents.ts';

/** Who has a task. */
export function TaskAgent({ agentId }: { agentId: string | null }) {
  const agent = useAgents().get(agentId ?? '');
  if (agent === undefined)
    return (
      <Text span inherit c="dimmed">
        Nobody yet
      </Text>
    );
  return (
    <Group gap="xs" wrap="nowrap">
      <AgentAvatar avatar={agent.avatar} size={22} />
      <span>{agent.name}</span>
    </Group>
  );
}
