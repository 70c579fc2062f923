import { Alert, Stack, Tabs, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTopic } from '@/lib/live/use-topic.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { type Board, boardQueries } from '../boards/board-queries.ts';
import { useNoteTasks } from '../tasks/use-note-tasks.ts';
import { AddNoteForm } from './add-note-form.tsx';
import { NoteItem } from './note-item.tsx';
import { noteQueries, type Tab } from './note-queries.ts';

/** The sticky notes of a board as a list, to read and write without drawing. What else is on the board stays as it is. */
export function BoardNotes({ board }: { board: Board }) {
  const { id, canManage } = useOrganization();
  const client = useQueryClient();
  const tabs = useQuery(noteQueries.byTab(board.id));
  const refresh = () => void client.invalidateQueries({ queryKey: noteQueries.all(board.id) });
  useTopic(
    { of: 'board', organizationId: board.organization_id, boardId: board.id, stream: 'changes' },
    {
      onMessage: (event) => {
        if (event === 'settings') void client.invalidateQueries({ queryKey: boardQueries.all(id) });
        else refresh();
      },
      onPull: refresh,
    },
  );
  const isReadOnly = board.is_locked && !canManage;
  return (
    <AsyncView query={tabs} skeleton={<TableSkeleton rows={4} label="Loading notes" />}>
      {(found) => (
        <Stack gap="md">
          {isReadOnly && <Alert color="gray">This board is locked: only admins change it.</Alert>}
          <NoteTabs board={board} tabs={found} isReadOnly={isReadOnly} />
        </Stack>
      )}
    </AsyncView>
  );
}

function NoteTabs({ board, tabs, isReadOnly }: { board: Board; tabs: readonly Tab[]; isReadOnly: boolean }) {
  const tasks = useNoteTasks(board);
  return (
    <Tabs defaultValue={tabs[0]?.id ?? null} keepMounted={false}>
      <Tabs.List aria-label="Tabs of the board">
        {tabs.map(({ id, name, notes }) => (
          <Tabs.Tab
            key={id}
            value={id}
            rightSection={notes.length > 0 ? <Text size="xs">{notes.length}</Text> : null}
          >
            {name}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map((tab) => (
        <Tabs.Panel key={tab.id} value={tab.id} pt="md">
          <Stack gap="md" maw="42rem">
            {tab.notes.length === 0 ? (
              <Text c="dimmed">Nobody has put a note here yet.</Text>
            ) : (
              <Stack
                component="ul"
                gap="xs"
                p={0}
                m={0}
                style={{ listStyle: 'none' }}
                aria-label={`Notes in ${tab.name}`}
              >
                {tab.notes.map((note) => (
                  <NoteItem
                    key={note.note_id}
                    board={board}
                    note={note}
                    tasks={tasks.filter(({ note_id: noteId }) => noteId === note.note_id)}
                    isReadOnly={isReadOnly}
                  />
                ))}
              </Stack>
            )}
            {!isReadOnly && <AddNoteForm board={board} tab={tab.name} />}
          </Stack>
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
