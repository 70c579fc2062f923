import { useState } from 'react';
import { Button, Group, Modal, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { SecretField } from '@/ui/secret-field.tsx';
import { loginQueries } from './login-queries.ts';
import { createLogin, type NewLogin } from './login-writes.ts';

type CreateLoginModalProps = { isOpen: boolean; onClose: () => void };

/** First what the login is for, then how to connect with it, once. */
export function CreateLoginModal({ isOpen, onClose }: CreateLoginModalProps) {
  const [login, setLogin] = useState<NewLogin | undefined>();
  const close = (): void => {
    setLogin(undefined);
    onClose();
  };
  const isShown = login !== undefined;
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title={isShown ? 'Your SQL login' : 'Create a SQL login'}
      size={isShown ? 'lg' : 'md'}
      // Whoever clicks beside it would lose the only sight of the password.
      closeOnClickOutside={!isShown}
      closeOnEscape={!isShown}
      withCloseButton={!isShown}
    >
      {isShown ? (
        <ShownLogin login={login} onDone={close} />
      ) : (
        <CreateLoginForm onMade={setLogin} onCancel={close} />
      )}
    </Modal>
  );
}

type CreateLoginFormProps = { onMade: (login: NewLogin) => void; onCancel: () => void };

function CreateLoginForm({ onMade, onCancel }: CreateLoginFormProps) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const form = useForm({
    mode: 'controlled',
    initialValues: { name: '' },
    validate: { name: (name) => (name.trim() === '' ? 'Say what it is for.' : null) },
  });
  const create = useMutation({
    mutationFn: (name: string) => createLogin(id, name),
    onSuccess: onMade,
    onSettled: () => client.invalidateQueries({ queryKey: loginQueries.all(id) }),
  });
  return (
    <form onSubmit={form.onSubmit(({ name }) => create.mutate(name))}>
      <Stack gap="md">
        <FormFailure error={create.error} />
        <TextInput
          label="Name"
          description="Who or what will use it: one login for each."
          placeholder="Metabase"
          maxLength={100}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <FormButtons action="Create login" isPending={create.isPending} onCancel={onCancel} />
      </Stack>
    </form>
  );
}

function ShownLogin({ login, onDone }: { login: NewLogin; onDone: () => void }) {
  const { username, password, host, port, database } = login;
  const address = `postgresql://${encodeURIComponent(username)}:${password}@${host}:${port}/${database}`;
  return (
    <Stack gap="md">
      <Text>
        Copy it now and keep it where your secrets are. The password is not stored: it is not shown again.
      </Text>
      <SecretField label="Password" value={password} />
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
        <SecretField label="Username" value={username} />
        <SecretField label="Host" value={host} />
        <SecretField label="Port" value={String(port)} />
        <SecretField label="Database" value={database} />
      </SimpleGrid>
      <SecretField label="psql" value={`psql '${address}'`} />
      <Text size="sm" c="dimmed">
        It reads the views of schema reporting, and in them this organization alone. It may have four
        connections, and a query may take a minute.
      </Text>
      <Group justify="flex-end">
        <Button onClick={onDone}>Done</Button>
      </Group>
    </Stack>
  );
}
