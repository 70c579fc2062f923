import { useEffect, useEffectEvent, useState } from 'react';
import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type Editor, useValue } from 'tldraw';
import type { Board } from '../boards/board-queries.ts';
import { type NoteForTask, NoteTaskModal } from '../tasks/note-task-modal.tsx';
import { noteTaskQueries } from '../tasks/note-task-queries.ts';
import { readSelectedNote } from './read-selected-note.ts';
import classes from './agent-targets.module.css';

/** As many as fit beside the board. */
const most = 8;

/** The agents at the board's edge, while a note is dragged: dropped on one, it becomes that one's task. */
export function AgentTargets({ board, editor }: { board: Board; editor: Editor }) {
  const { data: agents = [] } = useQuery(noteTaskQueries.agents(board.organization_id));
  const [over, setOver] = useState<string | null>(null);
  const [dropped, setDropped] = useState<NoteForTask | null>(null);
  const isDragging = useValue(
    'is a note dragged',
    () => editor.isIn('select.translating') && readSelectedNote(editor)?.taskId === null,
    [editor],
  );
  const onMove = useEffectEvent((event: PointerEvent) => setOver(agentAt(event)));
  const onUp = useEffectEvent((event: PointerEvent) => {
    const agentId = agentAt(event);
    const note = readSelectedNote(editor);
    if (agentId === null || note === null) return;
    // It goes back to where it was taken.
    editor.cancel();
    setDropped({ noteId: note.id, text: note.text, agentId });
  });
  useEffect(() => {
    if (!isDragging) return undefined;
    const listening = new AbortController();
    const options = { capture: true, signal: listening.signal };
    window.addEventListener('pointermove', (event) => onMove(event), options);
    window.addEventListener('pointerup', (event) => onUp(event), options);
    return () => {
      listening.abort();
      setOver(null);
    };
  }, [isDragging]);
  return (
    <>
      {isDragging && agents.length > 0 && (
        <div className={classes.targets} aria-hidden>
          {agents.slice(0, most).map(({ id, name }) => (
            <Text
              key={id}
              size="sm"
              className={classes.target ?? ''}
              data-agent-id={id}
              data-over={id === over || undefined}
            >
              Task for {name}
            </Text>
          ))}
        </div>
      )}
      <NoteTaskModal board={board} note={dropped} onClose={() => setDropped(null)} />
    </>
  );
}

/** tldraw holds the pointer while it drags, so that nothing else hears of it. */
function agentAt({ clientX, clientY }: PointerEvent): string | null {
  for (const element of document.elementsFromPoint(clientX, clientY)) {
    const id = element.getAttribute('data-agent-id');
    if (id !== null) return id;
  }
  return null;
}
