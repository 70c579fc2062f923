import { Button, Group, Modal, Radio, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { roleMeanings, roleNames } from '../role-words.ts';
import { InvitationLink } from './invitation-link.tsx';
import { invitationQueries, sendInvitation } from './invitation-queries.ts';

export function InviteModal({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Modal opened={isOpen} onClose={onClose} title="Invite a colleague">
      <InviteForm onClose={onClose} />
    </Modal>
  );
}

function InviteForm({ onClose }: { onClose: () => void }) {
  const { id: organizationId } = useOrganization();
  const client = useQueryClient();
  const form = useForm({ mode: 'uncontrolled', initialValues: { email: '', role: 'member' } });
  const send = useMutation({
    mutationFn: (values: { email: string; role: string }) => sendInvitation({ organizationId, ...values }),
    onSettled: () => client.invalidateQueries({ queryKey: invitationQueries.all(organizationId) }),
  });
  if (send.isSuccess)
    return (
      <Stack gap="md">
        <InvitationLink email={send.variables.email} sent={send.data} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={send.reset}>
            Invite another
          </Button>
          <Button onClick={onClose}>Done</Button>
        </Group>
      </Stack>
    );
  return (
    <form onSubmit={form.onSubmit((values) => send.mutate(values))}>
      <Stack gap="md">
        <FormFailure error={send.error} />
        <TextInput
          label="Email"
          type="email"
          required
          withAsterisk={false}
          autoComplete="off"
          data-autofocus
          key={form.key('email')}
          {...form.getInputProps('email')}
        />
        <Radio.Group label="Role" key={form.key('role')} {...form.getInputProps('role')}>
          <Stack gap="xs" mt={8}>
            {(['member', 'admin'] as const).map((role) => (
              <Radio key={role} value={role} label={roleNames[role]} description={roleMeanings[role]} />
            ))}
          </Stack>
        </Radio.Group>
        <FormButtons action="Send invitation" isPending={send.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}
