import { Badge, Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCloudCheck, IconCloudOff, IconCloudUp, IconHistory, IconUsers } from '@tabler/icons-react';
import type { Editor } from 'tldraw';
import type { Board } from '../boards/board-queries.ts';
import type { BoardStatus } from '../sync/board-sync.ts';
import { ExportMenu } from './export-menu.tsx';
import { SelectedNoteBar } from './selected-note-bar.tsx';
import { VersionsDrawer } from './versions-drawer.tsx';

type BoardBarProps = {
  board: Board;
  editor: Editor | null;
  status: BoardStatus;
  people: number;
  isReadOnly: boolean;
};

/** How the board is doing, and what can be done with all of it. */
export function BoardBar({ board, editor, status, people, isReadOnly }: BoardBarProps) {
  const [isOpen, versions] = useDisclosure(false);
  return (
    <Group justify="space-between" gap="xs">
      <Group gap="md">
        <SaveState status={status} />
        <Text size="sm" c="dimmed" component="span">
          <Group gap={4} component="span" display="inline-flex">
            <IconUsers size={16} stroke={1.5} aria-hidden />
            {people === 1 ? 'Only you' : `${people} here`}
          </Group>
        </Text>
        {isReadOnly && (
          <Badge variant="light" color="gray">
            Locked: you can look
          </Badge>
        )}
      </Group>
      {editor !== null && (
        <Group gap="xs">
          <SelectedNoteBar board={board} editor={editor} isReadOnly={isReadOnly} />
          <Button
            size="xs"
            variant="default"
            leftSection={<IconHistory size={14} stroke={1.5} aria-hidden />}
            onClick={versions.open}
          >
            Versions
          </Button>
          <ExportMenu board={board} editor={editor} />
          <VersionsDrawer
            board={board}
            editor={editor}
            isReadOnly={isReadOnly}
            isOpen={isOpen}
            onClose={versions.close}
          />
        </Group>
      )}
    </Group>
  );
}

function SaveState({ status: { isOffline, isSaving } }: { status: BoardStatus }) {
  const icon = { size: 16, stroke: 1.5, 'aria-hidden': true };
  const [glyph, words] = isOffline
    ? [<IconCloudOff key="off" {...icon} />, isSaving ? 'Offline: kept in this browser' : 'Offline']
    : isSaving
      ? [<IconCloudUp key="up" {...icon} />, 'Saving']
      : [<IconCloudCheck key="saved" {...icon} />, 'Saved'];
  return (
    <Text size="sm" c="dimmed" component="output" aria-live="polite">
      <Group gap={4} component="span" display="inline-flex">
        {glyph}
        {words}
      </Group>
    </Text>
  );
}
