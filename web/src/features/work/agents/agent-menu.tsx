import { Menu, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { modals } from '@mantine/modals';
import { IconArchive, IconPencil, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { RowMenu } from '@/ui/row-menu.tsx';
import { EditAgentModal } from './agent-modals.tsx';
import { type Agent, agentQueries } from './agent-queries.ts';
import { archiveAgent, pauseAgent } from './agent-writes.ts';

export function AgentMenu({ agent }: { agent: Agent }) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const [isEditing, editing] = useDisclosure(false);
  const onSettled = () => client.invalidateQueries({ queryKey: agentQueries.all(id) });
  const pause = useMutation({
    mutationFn: () => pauseAgent(agent, agent.is_active),
    onSuccess: () =>
      notifyDone(`${agent.name} ${agent.is_active ? 'pauses after its present step' : 'goes on'}.`),
    onError: notifyError,
    onSettled,
  });
  const archive = useMutation({
    mutationFn: () => archiveAgent(agent),
    onSuccess: () => notifyDone(`${agent.name} was archived.`),
    onError: notifyError,
    onSettled,
  });
  return (
    <>
      <RowMenu of={agent.name} isPending={pause.isPending || archive.isPending} width={180}>
        <Menu.Item leftSection={<IconPencil size={16} stroke={1.5} />} onClick={editing.open}>
          Edit
        </Menu.Item>
        <Menu.Item
          leftSection={
            agent.is_active ? (
              <IconPlayerPause size={16} stroke={1.5} />
            ) : (
              <IconPlayerPlay size={16} stroke={1.5} />
            )
          }
          onClick={() => pause.mutate()}
        >
          {agent.is_active ? 'Pause' : 'Resume'}
        </Menu.Item>
        <Menu.Item
          color="red"
          leftSection={<IconArchive size={16} stroke={1.5} />}
          onClick={() => confirmArchiving(agent, archive.mutate)}
        >
          Archive
        </Menu.Item>
      </RowMenu>
      <EditAgentModal agent={agent} isOpen={isEditing} onClose={editing.close} />
    </>
  );
}

function confirmArchiving({ name }: Agent, onConfirm: () => void): void {
  modals.openConfirmModal({
    title: `Archive ${name}?`,
    children: (
      <Text>
        It takes up nothing any more, and what it works on stays where it is until somebody else has it. Its
        tasks and what they cost stay.
      </Text>
    ),
    labels: { confirm: 'Archive agent', cancel: 'Cancel' },
    confirmProps: { color: 'red' },
    onConfirm,
  });
}
