import 'tldraw/tldraw.css';
import { useMemo, useState } from 'react';
import { Alert, Button, Group, Skeleton, useComputedColorScheme } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { getAssetUrlsByImport } from '@tldraw/assets/imports.vite';
import { type Editor, Tldraw, type TLComponents, type TLUiOverrides } from 'tldraw';
import { ImageType } from '@contracts/whiteboard.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { ErrorState } from '@/ui/error-state.tsx';
import { type Board, boardQueries } from '../boards/board-queries.ts';
import pageClasses from '../boards/board-page.module.css';
import { tldrawLicense } from '../boards/can-draw.ts';
import { AgentTargets } from './agent-targets.tsx';
import { BoardBar } from './board-bar.tsx';
import { explainRefused } from './explain-refused.ts';
import { useBoard } from './use-board.ts';
import { useCursors } from './use-cursors.ts';
import { useReadOnly } from './use-read-only.ts';
import classes from './board-canvas.module.css';

// tldraw begins anew where one of these is another one.
const assetUrls = getAssetUrlsByImport();
const noVideos: readonly string[] = [];
const imageTypes: readonly string[] = ImageType.options;

const components: TLComponents = { DebugMenu: null, DebugPanel: null, SharePanel: null, HelpMenu: null };

/** Exports are a matter of the plan and stand in the bar above; boards are not made of files. */
const overrides: TLUiOverrides = {
  actions: (_editor, actions) =>
    Object.fromEntries(Object.entries(actions).filter(([id]) => !/^(?:export|copy-as)-/.test(id))),
};

/** tldraw on a board that everyone sees alike. */
export function BoardCanvas({ board }: { board: Board }) {
  const { id, canManage } = useOrganization();
  const client = useQueryClient();
  const colorScheme = useComputedColorScheme('light');
  const [editor, setEditor] = useState<Editor | null>(null);
  const [people, setPeople] = useState({ count: 1 });
  const view = useBoard(board, {
    onSettings: () => void client.invalidateQueries({ queryKey: boardQueries.all(id) }),
    onRefused: explainRefused,
    people: () => people.count,
  });
  useCursors(board, view.shown, (count) => setPeople({ count }));
  const isReadOnly = board.is_locked && !canManage;
  useReadOnly(editor, isReadOnly);
  const { shown, status } = view;
  const store = useMemo(() => shown?.store ?? null, [shown]);
  if (view.error !== null) return <ErrorState error={view.error} onRetry={() => window.location.reload()} />;
  return (
    <div className={`${classes.root} ${pageClasses.canvas}`}>
      <BoardBar board={board} editor={editor} status={status} people={people.count} isReadOnly={isReadOnly} />
      <Problem problem={status.problem} />
      {store === null ? (
        <Skeleton className={classes.canvas ?? ''} role="status" aria-label="Loading the board" />
      ) : (
        <div className={classes.canvas}>
          <Tldraw
            store={store}
            licenseKey={tldrawLicense ?? ''}
            assetUrls={assetUrls}
            colorScheme={colorScheme}
            components={components}
            overrides={overrides}
            acceptedImageMimeTypes={imageTypes}
            acceptedVideoMimeTypes={noVideos}
            maxAssetSize={10 * 1024 * 1024}
            onMount={setEditor}
          />
          {editor !== null && !isReadOnly && <AgentTargets board={board} editor={editor} />}
        </div>
      )}
    </div>
  );
}

function Problem({ problem }: { problem: 'outdated' | 'gone' | null }) {
  if (problem === null) return null;
  const isOutdated = problem === 'outdated';
  return (
    <Alert
      color="orange"
      title={isOutdated ? 'This page is older than the board' : 'This board is not there any more'}
    >
      <Group justify="space-between">
        {isOutdated
          ? 'Reload it to see what others do and to have yours saved. What is not saved yet stays in this browser.'
          : 'It was deleted, or you are no member of its organization any more.'}
        {isOutdated && (
          <Button size="xs" variant="default" onClick={() => window.location.reload()}>
            Reload
          </Button>
        )}
      </Group>
    </Alert>
  );
}
