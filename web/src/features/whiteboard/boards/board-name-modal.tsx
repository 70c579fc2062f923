import { Modal, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { type Board, boardQueries } from './board-queries.ts';
import { changeBoard, createBoard } from './board-writes.ts';

type BoardNameModalProps = {
  /** None: a new one, which is opened when it is there. */
  board?: Board;
  isOpen: boolean;
  onClose: () => void;
};

export function BoardNameModal({ board, isOpen, onClose }: BoardNameModalProps) {
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={board === undefined ? 'New board' : `Rename ${board.name}`}
    >
      <NameForm {...(board !== undefined && { board })} onClose={onClose} />
    </Modal>
  );
}

function NameForm({ board, onClose }: Pick<BoardNameModalProps, 'board' | 'onClose'>) {
  const { id, slug } = useOrganization();
  const client = useQueryClient();
  const navigate = useNavigate();
  const form = useForm({
    mode: 'controlled',
    initialValues: { name: board?.name ?? '' },
    validate: { name: (name) => (name.trim() === '' ? 'Give it a name.' : null) },
  });
  const save = useMutation({
    mutationFn: async ({ name }: typeof form.values) => {
      if (board !== undefined) return changeBoard(board, { name: name.trim() });
      const created = await createBoard(id, name.trim());
      await navigate(paths.board(slug, created));
    },
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries({ queryKey: boardQueries.all(id) }),
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
        <FormButtons
          action={board === undefined ? 'Create board' : 'Save'}
          isPending={save.isPending}
          onCancel={onClose}
        />
      </Stack>
    </form>
  );
}
