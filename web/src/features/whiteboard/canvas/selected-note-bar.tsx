import { useState } from 'react';
import { Button, Group } from '@mantine/core';
import { IconChecklist } from '@tabler/icons-react';
import { Link } from 'react-router';
import { type Editor, useValue } from 'tldraw';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import type { Board } from '../boards/board-queries.ts';
import { type NoteForTask, NoteTaskModal } from '../tasks/note-task-modal.tsx';
import { NoteTasks } from '../tasks/note-tasks.tsx';
import { useNoteTasks } from '../tasks/use-note-tasks.ts';
import { readSelectedNote } from './read-selected-note.ts';

type SelectedNoteBarProps = { board: Board; editor: Editor; isReadOnly: boolean };

/** What a note has to do with tasks, while it alone is selected. */
export function SelectedNoteBar({ board, editor, isReadOnly }: SelectedNoteBarProps) {
  const { slug } = useOrganization();
  const tasks = useNoteTasks(board);
  const [making, setMaking] = useState<NoteForTask | null>(null);
  const note = useValue('selected note', () => readSelectedNote(editor), [editor]);
  return (
    <>
      {note !== null && (
        <Group gap="xs">
          <NoteTasks tasks={tasks.filter(({ note_id: noteId }) => noteId === note.id).slice(0, 1)} />
          {note.taskId !== null && (
            <Button
              component={Link}
              to={paths.task(slug, note.taskId)}
              size="xs"
              variant="default"
              leftSection={<IconChecklist size={14} stroke={1.5} aria-hidden />}
            >
              Open its task
            </Button>
          )}
          {note.taskId === null && !isReadOnly && (
            <Button
              size="xs"
              variant="default"
              leftSection={<IconChecklist size={14} stroke={1.5} aria-hidden />}
              onClick={() => setMaking({ noteId: note.id, text: note.text, agentId: null })}
            >
              Make a task of it
            </Button>
          )}
        </Group>
      )}
      <NoteTaskModal board={board} note={making} onClose={() => setMaking(null)} />
    </>
  );
}
