import { Modal, Stack, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { AgentSelect } from '@/ui/agent-select.tsx';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { notifyDone } from '@/ui/notify.ts';
import type { Board } from '../boards/board-queries.ts';
import { noteTaskQueries } from './note-task-queries.ts';
import { makeNoteTask } from './make-note-task.ts';

/** A note of which a task is to be made, and for whom, where that is known. */
export type NoteForTask = { noteId: string; text: string; agentId: string | null };

type NoteTaskModalProps = {
  board: Board;
  /** Null while it is closed. */
  note: NoteForTask | null;
  onClose: () => void;
};

/** Makes a task of a note. One stays on the board, where its result appears. */
export function NoteTaskModal({ board, note, onClose }: NoteTaskModalProps) {
  return (
    <Modal opened={note !== null} onClose={onClose} title="Make a task of this note">
      {note !== null && <NoteTaskForm board={board} note={note} onClose={onClose} />}
    </Modal>
  );
}

const longestTitle = 200;

function NoteTaskForm({ board, note, onClose }: { board: Board; note: NoteForTask; onClose: () => void }) {
  const client = useQueryClient();
  const { data: agents = [] } = useQuery(noteTaskQueries.agents(board.organization_id));
  const text = note.text.trim();
  const form = useForm({
    mode: 'controlled',
    initialValues: {
      title: text.split('\n', 1).join('').slice(0, longestTitle),
      agentId: note.agentId,
      needsApproval: false,
    },
    validate: { title: (title) => (title.trim() === '' ? 'Say what is to be done.' : null) },
  });
  const make = useMutation({
    mutationFn: (values: typeof form.values) => makeNoteTask(board, { ...note, text, ...values }),
    onSuccess: () => {
      notifyDone('The task is made. Its result will stand beside the note.');
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: noteTaskQueries.ofBoard(board).queryKey }),
  });
  return (
    <form onSubmit={form.onSubmit((values) => make.mutate(values))} noValidate>
      <Stack gap="md">
        <FormFailure error={make.error} />
        <TextInput
          label="Task"
          description="The agent reads all of the note as well."
          maxLength={longestTitle}
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('title')}
        />
        <AgentSelect agents={agents} {...form.getInputProps('agentId')} />
        <Switch
          label="I approve the result"
          description="It stands on the board once somebody has approved it."
          {...form.getInputProps('needsApproval', { type: 'checkbox' })}
        />
        <FormButtons
          action={form.values.agentId === null ? 'Create task' : 'Assign task'}
          isPending={make.isPending}
          onCancel={onClose}
        />
      </Stack>
    </form>
  );
}
