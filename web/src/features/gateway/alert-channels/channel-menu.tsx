import { Menu, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { modals } from '@mantine/modals';
import { notifications } from '@mantine/notifications';
import { IconPencil, IconPlayerPause, IconPlayerPlay, IconSend, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { RowMenu } from '@/ui/row-menu.tsx';
import { alertQueries } from '../alerts/alert-queries.ts';
import { type AlertChannel, alertChannelQueries } from './alert-channel-queries.ts';
import {
  changeAlertChannel,
  deleteAlertChannel,
  resumeAlertChannel,
  testAlertChannel,
} from './alert-channel-writes.ts';
import { EditChannelModal } from './edit-channel-modal.tsx';

export function ChannelMenu({ channel }: { channel: AlertChannel }) {
  const [isEditing, editing] = useDisclosure(false);
  const { test, toggle, resume, remove } = useChannelActions(channel);
  const isBusy = [test, toggle, resume, remove].some(({ isPending }) => isPending);
  const icon = { size: 16, stroke: 1.5 };
  return (
    <>
      <RowMenu of={channel.name} isPending={isBusy}>
        <Menu.Item leftSection={<IconSend {...icon} />} onClick={() => test.mutate()}>
          Send a test
        </Menu.Item>
        <Menu.Item leftSection={<IconPencil {...icon} />} onClick={editing.open}>
          Edit
        </Menu.Item>
        {channel.paused_at !== null && (
          <Menu.Item leftSection={<IconPlayerPlay {...icon} />} onClick={() => resume.mutate()}>
            Resume
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={channel.is_active ? <IconPlayerPause {...icon} /> : <IconPlayerPlay {...icon} />}
          onClick={() => toggle.mutate()}
        >
          {channel.is_active ? 'Switch off' : 'Switch on'}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          color="red"
          leftSection={<IconTrash {...icon} />}
          onClick={() => confirmDeleting(channel.name, () => remove.mutate())}
        >
          Delete
        </Menu.Item>
      </RowMenu>
      <EditChannelModal channel={channel} isOpen={isEditing} onClose={editing.close} />
    </>
  );
}

function useChannelActions(channel: AlertChannel) {
  const { name } = channel;
  return {
    test: useChannelMutation(async () => {
      const { ok, error } = await testAlertChannel(channel);
      if (ok) notifyDone(`The test went to ${name}.`);
      else notifyFailedTest(name, error);
    }),
    toggle: useChannelMutation(async () => {
      await changeAlertChannel(channel, { is_active: !channel.is_active });
      notifyDone(`${name} was switched ${channel.is_active ? 'off' : 'on'}.`);
    }),
    resume: useChannelMutation(async () => {
      await resumeAlertChannel(channel);
      notifyDone(`${name} is told of alerts again.`);
    }),
    remove: useChannelMutation(async () => {
      await deleteAlertChannel(channel);
      notifyDone(`${name} was deleted.`);
    }),
  };
}

function useChannelMutation(run: () => Promise<void>) {
  const { id } = useOrganization();
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onError: notifyError,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: alertChannelQueries.all(id) }),
        client.invalidateQueries({ queryKey: alertQueries.all(id) }),
      ]),
  });
}

function notifyFailedTest(name: string, error: string | null): void {
  notifications.show({
    title: `The test did not reach ${name}`,
    message: error ?? 'It did not say why.',
    color: 'orange',
    withBorder: true,
    autoClose: 10_000,
  });
}

function confirmDeleting(name: string, onConfirm: () => void): void {
  modals.openConfirmModal({
    title: `Delete ${name}?`,
    children: <Text>It is told of nothing any more, and what waits for it is dropped.</Text>,
    labels: { confirm: 'Delete channel', cancel: 'Cancel' },
    confirmProps: { color: 'red' },
    onConfirm,
  });
}
