import { useState } from 'react';
import { ActionIcon, Anchor, ColorSwatch, Group, Paper, Stack, Text, Textarea } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconChecklist, IconPencil, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { notifyError } from '@/ui/notify.ts';
import type { Board } from '../boards/board-queries.ts';
import { NoteTaskModal } from '../tasks/note-task-modal.tsx';
import type { NoteTask } from '../tasks/note-task-queries.ts';
import { NoteTasks } from '../tasks/note-tasks.tsx';
import { ColorSelect } from './color-select.tsx';
import { type Note, noteQueries } from './note-queries.ts';
import { changeNote, removeNote } from './note-writes.ts';
import { swatches } from './swatches.ts';

type NoteItemProps = {
  board: Board;
  note: Note;
  /** Those that were made of it. */
  tasks: readonly NoteTask[];
  isReadOnly: boolean;
};

export function NoteItem({ board, note, tasks, isReadOnly }: NoteItemProps) {
  const { slug } = useOrganization();
  const [isEditing, setEditing] = useState(false);
  return (
    <Paper component="li" withBorder p="sm">
      {isEditing ? (
        <EditForm board={board} note={note} onClose={() => setEditing(false)} />
      ) : (
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <Group gap="sm" align="flex-start" wrap="nowrap">
            <ColorSwatch color={swatches[note.color]} size={16} mt={3} aria-hidden />
            <Stack gap={4}>
              <Text style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
                {note.text === '' ? <em>An empty note</em> : note.text}
              </Text>
              {note.result_of !== null && (
                <Anchor component={Link} to={paths.task(slug, note.result_of)} size="sm">
                  The result of a task
                </Anchor>
              )}
              <NoteTasks tasks={tasks} />
            </Stack>
          </Group>
          {!isReadOnly && <NoteActions board={board} note={note} onEdit={() => setEditing(true)} />}
        </Group>
      )}
    </Paper>
  );
}

function NoteActions({ board, note, onEdit }: { board: Board; note: Note; onEdit: () => void }) {
  const client = useQueryClient();
  const [isMaking, setMaking] = useState(false);
  const remove = useMutation({
    mutationFn: () => removeNote({ boardId: board.id, noteId: note.note_id }),
    onError: notifyError,
    onSettled: () => client.invalidateQueries({ queryKey: noteQueries.all(board.id) }),
  });
  const name = note.text === '' ? 'the empty note' : `“${note.text.slice(0, 40)}”`;
  return (
    <Group gap={4} wrap="nowrap">
      {note.result_of === null && (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Make a task of ${name}`}
          onClick={() => setMaking(true)}
        >
          <IconChecklist size={16} stroke={1.5} />
        </ActionIcon>
      )}
      <ActionIcon variant="subtle" color="gray" aria-label={`Edit ${name}`} onClick={onEdit}>
        <IconPencil size={16} stroke={1.5} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Delete ${name}`}
        loading={remove.isPending}
        onClick={() => confirmDeleting(name, () => remove.mutate())}
      >
        <IconTrash size={16} stroke={1.5} />
      </ActionIcon>
      <NoteTaskModal
        board={board}
        note={isMaking ? { noteId: note.note_id, text: note.text, agentId: null } : null}
        onClose={() => setMaking(false)}
      />
    </Group>
  );
}

function EditForm({ board, note, onClose }: { board: Board; note: Note; onClose: () => void }) {
  const client = useQueryClient();
  const [text, setText] = useState(note.text);
  const [color, setColor] = useState(note.color);
  const save = useMutation({
    mutationFn: () => changeNote({ boardId: board.id, noteId: note.note_id, text, color }),
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries({ queryKey: noteQueries.all(board.id) }),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="xs">
        <FormFailure error={save.error} />
        <Textarea
          label="Text"
          autosize
          minRows={2}
          maxLength={10_000}
          data-autofocus
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <ColorSelect value={color} onChange={setColor} />
        <FormButtons action="Save" isPending={save.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}

function confirmDeleting(name: string, onConfirm: () => void): void {
  modals.openConfirmModal({
    title: 'Delete this note?',
    children: (
      <Text>{name} goes from the board, for everyone. Tabs that have the board open cannot undo it.</Text>
    ),
    labels: { confirm: 'Delete note', cancel: 'Cancel' },
    confirmProps: { color: 'red' },
    onConfirm,
  });
}
