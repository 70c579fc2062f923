import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { notifyDone } from '@/ui/notify.ts';
import { type Freezable, freezeQueries } from './freeze-queries.ts';
import { freeze } from './freeze-writes.ts';

type FreezeModalProps = { of: Freezable; isOpen: boolean; onClose: () => void };

export function FreezeModal({ of, isOpen, onClose }: FreezeModalProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title={`Freeze ${of.name}?`}>
      <FreezeForm of={of} onDone={onClose} />
    </Modal>
  );
}

function FreezeForm({ of, onDone }: { of: Freezable; onDone: () => void }) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { reason: '' },
    validate: { reason: (reason) => (reason.trim() === '' ? 'Say why: refused clients are told.' : null) },
  });
  const freezing = useMutation({
    mutationFn: ({ reason }: { reason: string }) => freeze(id, of, reason),
    onSuccess: () => {
      notifyDone(`${of.name} is frozen.`);
      onDone();
    },
    onSettled: () => client.invalidateQueries({ queryKey: freezeQueries.all(id) }),
  });
  return (
    <form onSubmit={form.onSubmit((values) => freezing.mutate(values))}>
      <Stack gap="md">
        <FormFailure error={freezing.error} />
        <Text>
          New calls are refused at once and those in flight are cut, until someone thaws it. What was used
          until then is counted.
        </Text>
        <Textarea
          label="Reason"
          placeholder="Costs rise faster than they should"
          autosize
          minRows={2}
          maxLength={500}
          data-autofocus
          key={form.key('reason')}
          {...form.getInputProps('reason')}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" color="red" loading={freezing.isPending}>
            Freeze
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
