import { Alert, Anchor, Button, Group, Modal, PasswordInput, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { StoredCredential } from '@contracts/gateway.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { notifyDone } from '@/ui/notify.ts';
import { BlockSkeleton } from '@/ui/skeletons.tsx';
import { credentialQueries, type Provider } from './credential-queries.ts';
import { addCredential } from './credential-writes.ts';
import { explainApiKey } from './explain-api-key.ts';

type AddCredentialModalProps = { isOpen: boolean; onClose: () => void };

export function AddCredentialModal({ isOpen, onClose }: AddCredentialModalProps) {
  const installation = useQuery({ ...credentialQueries.providers(), enabled: isOpen });
  return (
    <Modal opened={isOpen} onClose={onClose} title="Add a credential">
      <AsyncView query={installation} skeleton={<BlockSkeleton height={240} label="Loading providers" />}>
        {({ providers }) => <AddForm providers={providers} onClose={onClose} />}
      </AsyncView>
    </Modal>
  );
}

function AddForm({ providers, onClose }: { providers: readonly Provider[]; onClose: () => void }) {
  const { id: organizationId } = useOrganization();
  const client = useQueryClient();
  const form = useForm<{ provider: Provider['provider'] | null; name: string; apiKey: string }>({
    initialValues: { provider: providers[0]?.provider ?? null, name: '', apiKey: '' },
    validate: { apiKey: explainApiKey },
  });
  const chosen = providers.find(({ provider }) => provider === form.values.provider);
  const add = useMutation({
    mutationFn: async ({ name, apiKey }: { name: string; apiKey: string }) => {
      if (!chosen) throw new Error('No provider is chosen.');
      return addCredential({
        organizationId,
        provider: chosen.provider,
        name: name.trim() || chosen.name,
        apiKey: apiKey.trim(),
      });
    },
    onSuccess: ({ test }) => {
      if (!test.ok) return;
      notifyDone('The credential works.');
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: credentialQueries.all(organizationId) }),
  });
  if (add.data) return <NotAccepted stored={add.data} onClose={onClose} />;
  return (
    <form onSubmit={form.onSubmit((values) => add.mutate(values))}>
      <Stack gap="md">
        <FormFailure error={add.error} />
        <Select
          label="Provider"
          data={providers.map(({ provider, name }) => ({ value: provider, label: name }))}
          {...form.getInputProps('provider')}
        />
        <TextInput
          label="Name"
          placeholder={chosen?.name ?? ''}
          description="To tell several of one provider apart."
          maxLength={100}
          autoComplete="off"
          {...form.getInputProps('name')}
        />
        <PasswordInput
          label="API key"
          placeholder={chosen?.keyHint ?? ''}
          description={chosen && <WhereToFind provider={chosen} />}
          required
          withAsterisk={false}
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('apiKey')}
        />
        <FormButtons action="Add credential" isPending={add.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}

function WhereToFind({ provider }: { provider: Provider }) {
  return (
    <>
      You find it{' '}
      <Anchor href={provider.keysUrl} target="_blank" rel="noreferrer" inherit>
        in your {provider.name} account
      </Anchor>
      .
    </>
  );
}

/** Also after rotating: the key is stored, so that a provider's bad hour does not make anyone type it again. */
export function NotAccepted({ stored, onClose }: { stored: StoredCredential; onClose: () => void }) {
  return (
    <Stack gap="md">
      <Alert color="orange" role="alert" title="The key is stored, but its test failed">
        {stored.test.error ?? 'It did not say why.'} If the key is right, test it again later; if not, rotate
        it or delete it.
      </Alert>
      <Group justify="flex-end">
        <Button onClick={onClose}>Close</Button>
      </Group>
    </Stack>
  );
}
