import { Button, Group, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { NoteColor } from '@contracts/whiteboard.ts';
import { FormFailure } from '@/ui/form-failure.tsx';
import type { Board } from '../boards/board-queries.ts';
import { ColorSelect } from './color-select.tsx';
import { noteQueries } from './note-queries.ts';
import { addNote } from './note-writes.ts';

type AddNoteFormProps = { board: Board; tab: string };

export function AddNoteForm({ board, tab }: AddNoteFormProps) {
  const client = useQueryClient();
  const initialValues: { text: string; color: NoteColor } = { text: '', color: 'yellow' };
  const form = useForm({
    mode: 'controlled',
    initialValues,
    validate: { text: (text) => (text.trim() === '' ? 'Write something on it.' : null) },
  });
  const add = useMutation({
    mutationFn: (values: typeof initialValues) => addNote({ boardId: board.id, tab, ...values }),
    onSuccess: () => form.setFieldValue('text', ''),
    onSettled: () => client.invalidateQueries({ queryKey: noteQueries.all(board.id) }),
  });
  return (
    <form onSubmit={form.onSubmit((values) => add.mutate(values))}>
      <FormFailure error={add.error} />
      <Textarea
        label={`New note in ${tab}`}
        autosize
        minRows={2}
        maxLength={10_000}
        {...form.getInputProps('text')}
      />
      <Group mt="xs" gap="xs" align="flex-end">
        <ColorSelect {...form.getInputProps('color')} />
        <Button
          type="submit"
          loading={add.isPending}
          leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
        >
          Add note
        </Button>
      </Group>
    </form>
  );
}
