import { Menu } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconList, IconLock, IconLockOpen, IconPencil, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { ConfirmByTyping } from '@/ui/confirm-by-typing.tsx';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { RowMenu } from '@/ui/row-menu.tsx';
import { BoardNameModal } from './board-name-modal.tsx';
import { type Board, boardQueries } from './board-queries.ts';
import { changeBoard, deleteBoard } from './board-writes.ts';

/** What can be done with a board as a whole; admins rename, lock and delete it. */
export function BoardMenu({ board }: { board: Board }) {
  const { id, slug, canManage } = useOrganization();
  const client = useQueryClient();
  const [isRenaming, renaming] = useDisclosure(false);
  const [isDeleting, deleting] = useDisclosure(false);
  const refresh = () => client.invalidateQueries({ queryKey: boardQueries.all(id) });
  const lock = useMutation({
    mutationFn: () => changeBoard(board, { is_locked: !board.is_locked }),
    onSuccess: () =>
      notifyDone(
        board.is_locked
          ? `Everyone can draw on ${board.name} again.`
          : `Only admins change ${board.name} now.`,
      ),
    onError: notifyError,
    onSettled: refresh,
  });
  const icon = { size: 16, stroke: 1.5 };
  return (
    <>
      <RowMenu of={board.name} isPending={lock.isPending}>
        <Menu.Item
          component={Link}
          to={paths.boardNotes(slug, board.id)}
          leftSection={<IconList {...icon} />}
        >
          Notes as a list
        </Menu.Item>
        {canManage && (
          <>
            <Menu.Item leftSection={<IconPencil {...icon} />} onClick={renaming.open}>
              Rename
            </Menu.Item>
            <Menu.Item
              leftSection={board.is_locked ? <IconLockOpen {...icon} /> : <IconLock {...icon} />}
              onClick={() => lock.mutate()}
            >
              {board.is_locked ? 'Unlock' : 'Lock for members'}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item color="red" leftSection={<IconTrash {...icon} />} onClick={deleting.open}>
              Delete
            </Menu.Item>
          </>
        )}
      </RowMenu>
      <BoardNameModal board={board} isOpen={isRenaming} onClose={renaming.close} />
      <ConfirmByTyping
        isOpen={isDeleting}
        onClose={deleting.close}
        title={`Delete ${board.name}`}
        phrase={board.name}
        action="Delete board"
        onConfirm={async () => {
          await deleteBoard(board);
          notifyDone(`${board.name} was deleted.`);
          await refresh();
        }}
      >
        All of its notes, drawings and versions go with it, for everyone. There is no way back.
      </ConfirmByTyping>
    </>
  );
}
