import { Modal, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { type Credential, credentialQueries } from './credential-queries.ts';
import { changeCredential } from './credential-writes.ts';

type RenameCredentialModalProps = { credential: Credential; isOpen: boolean; onClose: () => void };

export function RenameCredentialModal({ credential, isOpen, onClose }: RenameCredentialModalProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title="Rename credential">
      <RenameForm credential={credential} onClose={onClose} />
    </Modal>
  );
}

function RenameForm({ credential, onClose }: Pick<RenameCredentialModalProps, 'credential' | 'onClose'>) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: credential.name },
    validate: { name: (name) => (name.trim() === '' ? 'Give it a name.' : null) },
  });
  const rename = useMutation({
    mutationFn: ({ name }: { name: string }) => changeCredential(credential, { name: name.trim() }),
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries({ queryKey: credentialQueries.all(id) }),
  });
  return (
    <form onSubmit={form.onSubmit((values) => rename.mutate(values))}>
      <Stack gap="md">
        <FormFailure error={rename.error} />
        <TextInput
          label="Name"
          required
          withAsterisk={false}
          maxLength={100}
          autoComplete="off"
          data-autofocus
          key={form.key('name')}
          {...form.getInputProps('name')}
        />
        <FormButtons action="Save" isPending={rename.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}
