import { lazy, Suspense } from 'react';
import { Anchor, Button, Skeleton } from '@mantine/core';
import { IconChalkboard } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { isUuid } from '@/lib/is-uuid.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { AsyncView } from '@/ui/async-view.tsx';
import { EmptyState } from '@/ui/empty-state.tsx';
import { PageHeader } from '@/ui/page-header.tsx';
import { BlockSkeleton } from '@/ui/skeletons.tsx';
import { BoardNotes } from '../notes/board-notes.tsx';
import { BoardMenu } from './board-menu.tsx';
import { type Board, boardQueries } from './board-queries.ts';
import { canDraw } from './can-draw.ts';
import classes from './board-page.module.css';

const BoardCanvas = lazy(async () => ({
  default: (await import('../canvas/board-canvas.tsx')).BoardCanvas,
}));

/** One board: to draw on, or its notes as a list. */
export function BoardPage() {
  const { id } = useOrganization();
  const { boardId = '', view } = useParams();
  const board = useQuery({ ...boardQueries.one(id, boardId), enabled: isUuid(boardId) });
  if (!isUuid(boardId) || board.data === null) return <NoBoard />;
  return (
    <AsyncView query={board} skeleton={<BlockSkeleton height={480} label="Loading the board" />}>
      {(found) =>
        found === null ? <NoBoard /> : <OpenBoard key={found.id} board={found} isList={view === 'notes'} />
      }
    </AsyncView>
  );
}

function OpenBoard({ board, isList }: { board: Board; isList: boolean }) {
  const { slug } = useOrganization();
  const isDrawing = canDraw() && !isList;
  return (
    <>
      <PageHeader
        title={board.name}
        description={
          <>
            <Anchor component={Link} to={paths.whiteboard(slug)} inherit underline="always">
              All boards
            </Anchor>
            {canDraw() && (
              <>
                {' · '}
                <Anchor
                  component={Link}
                  to={isDrawing ? paths.boardNotes(slug, board.id) : paths.board(slug, board.id)}
                  inherit
                  underline="always"
                >
                  {isDrawing ? 'Notes as a list' : 'Draw'}
                </Anchor>
              </>
            )}
          </>
        }
        actions={<BoardMenu board={board} />}
      />
      {isDrawing ? (
        <Suspense
          fallback={
            <Skeleton className={classes.canvas ?? ''} role="status" aria-label="Loading the board" />
          }
        >
          <BoardCanvas board={board} />
        </Suspense>
      ) : (
        <BoardNotes board={board} />
      )}
    </>
  );
}

function NoBoard() {
  const { slug } = useOrganization();
  return (
    <>
      <PageHeader title="Whiteboard" />
      <EmptyState
        icon={IconChalkboard}
        title="This board is not there."
        description="It may have been deleted, or belong to an organization that you are not a member of."
        action={
          <Button component={Link} to={paths.whiteboard(slug)} variant="default">
            See all boards
          </Button>
        }
      />
    </>
  );
}
