import { useState } from 'react';
import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { AlertKind, type AlertChannelType, CreateAlertChannel, WebhookUrl } from '@contracts/alerts.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { notifyDone } from '@/ui/notify.ts';
import { SecretField } from '@/ui/secret-field.tsx';
import { AddressesField, explainAddresses } from './addresses-field.tsx';
import { alertChannelQueries } from './alert-channel-queries.ts';
import { addAlertChannel } from './alert-channel-writes.ts';
import { channelTypeWords, isChannelType } from './channel-words.ts';
import { KindsField } from './kinds-field.tsx';

type AddChannelModalProps = { isOpen: boolean; onClose: () => void };

export function AddChannelModal({ isOpen, onClose }: AddChannelModalProps) {
  const [hasSecret, setHasSecret] = useState(false);
  const close = (): void => {
    setHasSecret(false);
    onClose();
  };
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title="Add a channel"
      // The only sight of a secret is not lost by accident.
      closeOnClickOutside={false}
      closeOnEscape={!hasSecret}
      withCloseButton={!hasSecret}
    >
      <AddForm onSecret={() => setHasSecret(true)} onClose={close} />
    </Modal>
  );
}

type Values = { type: AlertChannelType; name: string; addresses: string[]; url: string; kinds: string[] };

function AddForm({ onSecret, onClose }: { onSecret: () => void; onClose: () => void }) {
  const { id: organizationId } = useOrganization();
  const client = useQueryClient();
  const form = useForm<Values>({
    mode: 'controlled',
    initialValues: { type: 'slack', name: '', addresses: [], url: '', kinds: [...AlertKind.options] },
    validate: {
      addresses: (addresses, { type }) => (type === 'mail' ? explainAddresses(addresses) : null),
      url: (url, { type }) =>
        type === 'mail' ? null : (WebhookUrl.safeParse(url).error?.issues[0]?.message ?? null),
      kinds: (kinds) => (kinds.length === 0 ? 'Choose at least one kind.' : null),
    },
  });
  const add = useMutation({
    mutationFn: (values: Values) =>
      addAlertChannel(
        CreateAlertChannel.parse({
          ...values,
          organizationId,
          name: values.name.trim() || channelTypeWords[values.type],
        }),
      ),
    onSuccess: ({ secret }) => {
      if (secret !== null) return onSecret();
      notifyDone('The channel is told of alerts from now on.');
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: alertChannelQueries.all(organizationId) }),
  });
  if (add.data?.secret) return <SigningSecret secret={add.data.secret} onClose={onClose} />;
  const { type } = form.values;
  return (
    <form onSubmit={form.onSubmit((values) => add.mutate(values))}>
      <Stack gap="md">
        <FormFailure error={add.error} />
        <Select
          label="By"
          data={Object.entries(channelTypeWords).map(([value, label]) => ({ value, label }))}
          allowDeselect={false}
          data-autofocus
          {...form.getInputProps('type')}
          onChange={(value) => isChannelType(value) && form.setFieldValue('type', value)}
        />
        <TextInput
          label="Name"
          placeholder={channelTypeWords[type]}
          maxLength={100}
          autoComplete="off"
          {...form.getInputProps('name')}
        />
        {type === 'mail' ? (
          <AddressesField {...form.getInputProps('addresses')} />
        ) : (
          <TextInput
            label="Address"
            placeholder="https://"
            description={addressWords[type]}
            autoComplete="off"
            {...form.getInputProps('url')}
          />
        )}
        <KindsField input={form.getInputProps('kinds')} />
        <FormButtons action="Add channel" isPending={add.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}

const addressWords = {
  slack:
    'The incoming webhook of Slack, or of what understands the same. It is encrypted and never shown again.',
  webhook: 'Gets JSON, signed as Standard Webhooks says. It is encrypted and never shown again.',
} as const;

function SigningSecret({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <Stack gap="md">
      <Text>
        Your receiver verifies with this secret that a request came from here. It is shown this once: keep it
        where the receiver finds it.
      </Text>
      <SecretField label="Signing secret" value={secret} />
      <Group justify="flex-end">
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  );
}
