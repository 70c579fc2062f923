import { Modal, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';

type SaveReportModalProps = {
  title: string;
  initialName: string;
  isOpen: boolean;
  onClose: () => void;
  onSave: (name: string) => Promise<void>;
};

/** Asks for a report's name. */
export function SaveReportModal(props: SaveReportModalProps) {
  return (
    <Modal opened={props.isOpen} onClose={props.onClose} title={props.title}>
      <SaveReportForm {...props} />
    </Modal>
  );
}

function SaveReportForm({ initialName, onClose, onSave }: SaveReportModalProps) {
  const form = useForm({
    mode: 'controlled',
    initialValues: { name: initialName },
    validate: { name: (name) => (name.trim() === '' ? 'Give it a name.' : null) },
  });
  const save = useMutation({ mutationFn: onSave });
  return (
    <form onSubmit={form.onSubmit(({ name }) => save.mutate(name.trim()))}>
      <Stack gap="md">
        <FormFailure error={save.error} />
        <TextInput label="Name" maxLength={100} data-autofocus {...form.getInputProps('name')} />
        <FormButtons action="Save" isPending={save.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}
