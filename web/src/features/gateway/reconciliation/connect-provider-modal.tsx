import {
  Alert,
  Button,
  Group,
  Modal,
  PasswordInput,
  SegmentedControl,
  Select,
  Stack,
  Text,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Provider } from '@contracts/gateway.ts';
import type { StoredBillingKey } from '@contracts/reconciliation.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { notifyDone } from '@/ui/notify.ts';
import { SecretField } from '@/ui/secret-field.tsx';
import { explainApiKey } from '../credentials/explain-api-key.ts';
import { providerLabel } from '../credentials/provider-label.ts';
import { reconciliationQueries } from './reconciliation-queries.ts';
import { storeBillingKey } from './reconciliation-writes.ts';

type ConnectProviderModalProps = { isOpen: boolean; onClose: () => void };

export function ConnectProviderModal({ isOpen, onClose }: ConnectProviderModalProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title="Connect a provider’s bills">
      <ConnectForm onClose={onClose} />
    </Modal>
  );
}

const whereToFind: Readonly<Record<Provider, string>> = {
  openai: 'An owner makes one at platform.openai.com, Settings, Admin keys. It begins with sk-admin-.',
  anthropic:
    'An admin makes one at console.anthropic.com, Settings, Admin keys. It begins with sk-ant-admin.',
  moonshot: 'Any key of the account: Moonshot tells its balance, and what that falls by is what it charged.',
};

type Values = { provider: Provider; kind: 'admin' | 'events'; apiKey: string };

function ConnectForm({ onClose }: { onClose: () => void }) {
  const { id: organizationId } = useOrganization();
  const client = useQueryClient();
  const form = useForm<Values>({
    initialValues: { provider: 'openai', kind: 'admin', apiKey: '' },
    validate: { apiKey: (apiKey, { kind }) => (kind === 'admin' ? explainApiKey(apiKey) : null) },
  });
  const { provider, kind } = form.values;
  const connect = useMutation({
    mutationFn: (values: Values) => {
      const key = { organizationId, provider: values.provider };
      return storeBillingKey(
        values.kind === 'admin'
          ? { ...key, kind: 'admin', apiKey: values.apiKey.trim() }
          : { ...key, kind: 'events' },
      );
    },
    onSuccess: (stored) => {
      if (stored.kind === 'events' || stored.read.error !== null) return;
      notifyDone(`${providerLabel(provider)}’s last 30 days were read.`);
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: reconciliationQueries.all(organizationId) }),
  });
  if (connect.data) return <Stored stored={connect.data} onClose={onClose} />;
  return (
    <form onSubmit={form.onSubmit((values) => connect.mutate(values))}>
      <Stack gap="md">
        <FormFailure error={connect.error} />
        <Select
          label="Provider"
          data={Provider.options.map((value) => ({ value, label: providerLabel(value) }))}
          allowDeselect={false}
          data-autofocus
          {...form.getInputProps('provider')}
        />
        <SegmentedControl
          aria-label="How bills come"
          data={[
            { value: 'admin', label: 'We read its reports' },
            { value: 'events', label: 'It sends events' },
          ]}
          {...form.getInputProps('kind')}
        />
        {kind === 'admin' ? (
          <PasswordInput
            label={provider === 'moonshot' ? 'API key' : 'Admin key'}
            description={whereToFind[provider]}
            required
            withAsterisk={false}
            autoComplete="off"
            {...form.getInputProps('apiKey')}
          />
        ) : (
          <Text size="sm" c="dimmed">
            You get an address and a secret. Whatever bills you posts its charges there, signed as the
            Standard Webhooks specification says.
          </Text>
        )}
        <FormButtons action="Connect" isPending={connect.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}

/** A key that did not work, which is stored all the same; or what is shown this once. */
function Stored({ stored, onClose }: { stored: StoredBillingKey; onClose: () => void }) {
  return (
    <Stack gap="md">
      {stored.kind === 'events' ? (
        <>
          <SecretField label="Address" value={stored.url} />
          <SecretField label="Signing secret" value={stored.secret} />
          <Text size="sm" c="dimmed">
            The secret is shown this once. Connect again for a new one.
          </Text>
        </>
      ) : (
        <Alert color="orange" role="alert" title="The key is stored, but the reports could not be read">
          {stored.read.error} It is tried again by itself. If the key is wrong, connect again with the right
          one.
        </Alert>
      )}
      <Group justify="flex-end">
        <Button onClick={onClose}>{stored.kind === 'events' ? 'Done' : 'Close'}</Button>
      </Group>
    </Stack>
  );
}
