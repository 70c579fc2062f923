import { Modal, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { AddressesField, explainAddresses } from './addresses-field.tsx';
import { type AlertChannel, alertChannelQueries } from './alert-channel-queries.ts';
import { changeAlertChannel } from './alert-channel-writes.ts';
import { KindsField } from './kinds-field.tsx';

type EditChannelModalProps = { channel: AlertChannel; isOpen: boolean; onClose: () => void };

/** Where a webhook leads stays; what it is told of may change. */
export function EditChannelModal({ channel, isOpen, onClose }: EditChannelModalProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title={`Edit ${channel.name}`}>
      <EditForm channel={channel} onClose={onClose} />
    </Modal>
  );
}

function EditForm({ channel, onClose }: Pick<EditChannelModalProps, 'channel' | 'onClose'>) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const isMail = channel.type === 'mail';
  const form = useForm({
    mode: 'controlled',
    initialValues: { name: channel.name, addresses: channel.addresses, kinds: channel.kinds },
    validate: {
      name: (name) => (name.trim() === '' ? 'Give it a name.' : null),
      addresses: (addresses) => (isMail ? explainAddresses(addresses) : null),
      kinds: (kinds) => (kinds.length === 0 ? 'Choose at least one kind, or switch the channel off.' : null),
    },
  });
  const save = useMutation({
    mutationFn: ({ name, addresses, kinds }: typeof form.values) =>
      changeAlertChannel(channel, { name: name.trim(), kinds, ...(isMail && { addresses }) }),
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries({ queryKey: alertChannelQueries.all(id) }),
  });
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack gap="md">
        <FormFailure error={save.error} />
        <TextInput
          label="Name"
          maxLength={100}
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('name')}
        />
        {isMail && <AddressesField {...form.getInputProps('addresses')} />}
        <KindsField input={form.getInputProps('kinds')} />
        <FormButtons action="Save" isPending={save.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}
