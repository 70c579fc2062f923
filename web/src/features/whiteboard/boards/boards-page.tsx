import { Badge, Button, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChalkboard, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { AsyncView } from '@/ui/async-view.tsx';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { EmptyState } from '@/ui/empty-state.tsx';
import { PageHeader } from '@/ui/page-header.tsx';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { BoardMenu } from './board-menu.tsx';
import { BoardNameModal } from './board-name-modal.tsx';
import { type Board, boardQueries } from './board-queries.ts';

/** The organization's boards. */
export function BoardsPage() {
  const { id, slug } = useOrganization();
  const boards = useQuery(boardQueries.list(id));
  const [isCreating, creating] = useDisclosure(false);
  const create = (
    <Button leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />} onClick={creating.open}>
      New board
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Whiteboard"
        description="Vision, goals, rules and whatever else the team thinks out together, with notes, text and drawing."
        actions={boards.data !== undefined && boards.data.length > 0 && create}
      />
      <AsyncView query={boards} skeleton={<TableSkeleton rows={2} label="Loading boards" />}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState
              icon={IconChalkboard}
              title="The team’s boards will be here."
              description="A board begins with the tabs Vision, Goals, Rules and Ideas. Everyone in the organization can draw on it at once."
              action={create}
            />
          ) : (
            <DataTable
              label="Boards"
              rows={rows}
              columns={columns}
              rowKey={(board) => board.id}
              rowHref={(board) => paths.board(slug, board.id)}
            />
          )
        }
      </AsyncView>
      <BoardNameModal isOpen={isCreating} onClose={creating.close} />
    </>
  );
}

const columns: [Column<Board>, ...Column<Board>[]] = [
  {
    key: 'name',
    header: 'Board',
    cell: ({ name, is_locked: isLocked }) => (
      <Group component="span" gap="xs" display="inline-flex">
        {name}
        {isLocked && (
          <Badge component="span" variant="light" color="gray">
            Locked
          </Badge>
        )}
      </Group>
    ),
  },
  {
    key: 'changed',
    header: 'Last changed',
    align: 'right',
    width: 180,
    cell: ({ updated_at: at }) => <RelativeTime at={at} />,
  },
  {
    key: 'menu',
    header: 'Actions',
    isHeaderHidden: true,
    align: 'right',
    width: 56,
    cell: (board) => <BoardMenu board={board} />,
  },
];
