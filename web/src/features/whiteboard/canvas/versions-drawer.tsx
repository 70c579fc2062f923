import { useState, type FormEvent } from 'react';
import { ActionIcon, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Editor } from 'tldraw';
import { explainError } from '@/lib/explain-error.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { SideDrawer } from '@/ui/side-drawer.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { type Board, boardQueries, type BoardVersion } from '../boards/board-queries.ts';
import { deleteVersion, saveVersion } from '../boards/board-writes.ts';
import { restoreVersion } from './restore-version.ts';

type VersionsDrawerProps = {
  board: Board;
  editor: Editor;
  isReadOnly: boolean;
  isOpen: boolean;
  onClose: () => void;
};

/** States of the board that someone gave a name, to go back to. */
export function VersionsDrawer({ board, editor, isReadOnly, isOpen, onClose }: VersionsDrawerProps) {
  return (
    <SideDrawer title="Versions" isOpen={isOpen} onClose={onClose}>
      <Stack gap="lg">
        <SaveForm board={board} />
        <VersionList board={board} editor={editor} isReadOnly={isReadOnly} />
      </Stack>
    </SideDrawer>
  );
}

function SaveForm({ board }: { board: Board }) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const save = useMutation({
    mutationFn: () => saveVersion(board, name),
    onSuccess: () => setName(''),
    onSettled: () => client.invalidateQueries({ queryKey: boardQueries.all(id) }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (name.trim() !== '') save.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="xs" wrap="nowrap">
        <TextInput
          flex={1}
          label="Keep the board as it is now"
          placeholder="Before the workshop"
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={save.error === null ? undefined : explainError(save.error).title}
        />
        <Button type="submit" loading={save.isPending} disabled={name.trim() === ''}>
          Save version
        </Button>
      </Group>
    </form>
  );
}

function VersionList({
  board,
  editor,
  isReadOnly,
}: Pick<VersionsDrawerProps, 'board' | 'editor' | 'isReadOnly'>) {
  const { id } = useOrganization();
  const versions = useQuery(boardQueries.versions(id, board.id));
  return (
    <AsyncView query={versions} skeleton={<TableSkeleton rows={3} label="Loading versions" />}>
      {(rows) =>
        rows.length === 0 ? (
          <Text c="dimmed">Nobody has kept a version yet.</Text>
        ) : (
          <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: 'none' }} aria-label="Versions">
            {rows.map((version) => (
              <Version key={version.id} version={version} editor={editor} isReadOnly={isReadOnly} />
            ))}
          </Stack>
        )
      }
    </AsyncView>
  );
}

function Version({
  version,
  editor,
  isReadOnly,
}: {
  version: BoardVersion;
  editor: Editor;
  isReadOnly: boolean;
}) {
  const { id, canManage } = useOrganization();
  const client = useQueryClient();
  const restore = useMutation({
    mutationFn: () => restoreVersion(version, editor),
    onSuccess: () => notifyDone(`The board is as in “${version.name}” again. Undo takes it back.`),
    onError: notifyError,
  });
  const remove = useMutation({
    mutationFn: () => deleteVersion(version),
    onError: notifyError,
    onSettled: () => client.invalidateQueries({ queryKey: boardQueries.all(id) }),
  });
  return (
    <Group component="li" justify="space-between" wrap="nowrap">
      <div>
        <Text>{version.name}</Text>
        <Text size="xs" c="dimmed">
          <RelativeTime at={version.created_at} />
        </Text>
      </div>
      <Group gap="xs" wrap="nowrap">
        {!isReadOnly && (
          <Button size="xs" variant="default" loading={restore.isPending} onClick={() => restore.mutate()}>
            Restore
          </Button>
        )}
        {canManage && (
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Delete version ${version.name}`}
            onClick={() => confirmDeleting(version.name, () => remove.mutate())}
          >
            <IconTrash size={16} stroke={1.5} />
          </ActionIcon>
        )}
      </Group>
    </Group>
  );
}

function confirmDeleting(name: string, onConfirm: () => void): void {
  modals.openConfirmModal({
    title: `Delete version ${name}?`,
    children: <Text>Nobody can go back to it any more. The board stays as it is.</Text>,
    labels: { confirm: 'Delete version', cancel: 'Cancel' },
    confirmProps: { color: 'red' },
    onConfirm,
  });
}
