import { Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { notifyDone } from '@/ui/notify.ts';
import { NotAccepted } from './add-credential-modal.tsx';
import { type Credential, credentialQueries } from './credential-queries.ts';
import { rotateCredential } from './credential-writes.ts';
import { explainApiKey } from './explain-api-key.ts';
import { providerLabel } from './provider-label.ts';

type RotateCredentialModalProps = { credential: Credential; isOpen: boolean; onClose: () => void };

/** A new key in the place of the old one. */
export function RotateCredentialModal({ credential, isOpen, onClose }: RotateCredentialModalProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title={`Rotate ${credential.name}`}>
      <RotateForm credential={credential} onClose={onClose} />
    </Modal>
  );
}

function RotateForm({ credential, onClose }: Pick<RotateCredentialModalProps, 'credential' | 'onClose'>) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { apiKey: '' },
    validate: { apiKey: explainApiKey },
  });
  const rotate = useMutation({
    mutationFn: ({ apiKey }: { apiKey: string }) => rotateCredential(credential, apiKey.trim()),
    onSuccess: ({ test }) => {
      if (!test.ok) return;
      notifyDone(`${credential.name} was rotated, and the new key works.`);
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: credentialQueries.all(id) }),
  });
  if (rotate.data) return <NotAccepted stored={rotate.data} onClose={onClose} />;
  return (
    <form onSubmit={form.onSubmit((values) => rotate.mutate(values))}>
      <Stack gap="md">
        <FormFailure error={rotate.error} />
        <Text size="sm" c="dimmed">
          Make a new key at {providerLabel(credential.provider)} and paste it here: the next call goes out
          with it. Then delete the old one, ···· {credential.last_four}, over there.
        </Text>
        <PasswordInput
          label="New API key"
          required
          withAsterisk={false}
          autoComplete="off"
          data-autofocus
          key={form.key('apiKey')}
          {...form.getInputProps('apiKey')}
        />
        <FormButtons action="Rotate and test" isPending={rotate.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}
