import { useEffect, useRef } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { useOrganizationTopic } from '@/lib/live/use-topic.ts';
import type { Board } from '../boards/board-queries.ts';
import { type NoteTask, noteTaskQueries } from './note-task-queries.ts';

const none: readonly NoteTask[] = [];
const Happened = z.object({ kind: z.string() });

/** Many things happen in one second, and one look shows them all. */
const lookEveryMs = 400;

/** The tasks that were made of a board's notes, as they are at the moment. */
export function useNoteTasks(board: Board): readonly NoteTask[] {
  const client = useQueryClient();
  const query = noteTaskQueries.ofBoard(board);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const lookSoon = (): void => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void client.invalidateQueries({ queryKey: query.queryKey });
    }, lookEveryMs);
  };
  useOrganizationTopic('office', {
    onMessage: (event, payload) => {
      const kind = event === 'event' ? Happened.safeParse(payload).data?.kind : undefined;
      if (kind?.startsWith('task_') === true && kind !== 'task_cost') lookSoon();
    },
    onPull: lookSoon,
  });
  const { data = none } = useQuery(query);
  return data;
}
