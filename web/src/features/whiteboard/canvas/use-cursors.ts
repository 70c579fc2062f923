import { useEffect, useRef } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useUserId } from '@/lib/session.tsx';
import type { Board } from '../boards/board-queries.ts';
import { showCursors } from './cursors.ts';
import type { ShownBoard } from './use-board.ts';
import { viewerQuery } from './viewer-query.ts';

/** Others see this cursor and are seen as long as the board is shown. */
export function useCursors(board: Board, shown: ShownBoard | null, onPeople: (count: number) => void): void {
  const { id: boardId, organization_id: organizationId } = board;
  const userId = useUserId();
  const { data: name } = useQuery(viewerQuery(userId));
  const latest = useRef(onPeople);
  useEffect(() => {
    latest.current = onPeople;
  });
  useEffect(() => {
    if (shown === null || name === undefined) return undefined;
    const viewer = { userId, name, color: colorOf(userId) };
    return showCursors(shown, { organizationId, boardId }, viewer, (count) => latest.current(count));
  }, [shown, organizationId, boardId, userId, name]);
}

const colors = [
  '#d9480f',
  '#2f9e44',
  '#1971c2',
  '#7048e8',
  '#c2255c',
  '#0c8599',
  '#e67700',
  '#5f3dc4',
] as const;

/** The same person has the same color on each screen. */
function colorOf(userId: string): string {
  const sum = [...userId].reduce((total, letter) => total + (letter.codePointAt(0) ?? 0), 0);
  return colors[sum % colors.length] ?? colors[0];
}
