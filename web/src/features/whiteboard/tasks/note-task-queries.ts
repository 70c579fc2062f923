import { queryOptions } from '@tanstack/react-query';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';
import type { Board } from '../boards/board-queries.ts';

export type NoteTask = Awaited<ReturnType<typeof fetchTasks>>[number];

export const noteTaskQueries = {
  /** Those that were made of a board's notes, the newest first. */
  ofBoard: (board: Board) =>
    queryOptions({
      queryKey: ['whiteboard', board.organization_id, 'tasks', board.id],
      queryFn: () => fetchTasks(board),
    }),
  /** Who may be given one, by name. */
  agents: (organizationId: string) =>
    queryOptions({
      queryKey: ['whiteboard', organizationId, 'agents'],
      queryFn: async () =>
        unwrap(
          await supabase()
            .from('agents')
            .select('id, name, role, is_active')
            .eq('organization_id', organizationId)
            .is('archived_at', null)
            .order('name'),
        ),
    }),
};

async function fetchTasks(board: Board) {
  return unwrap(
    await supabase()
      .from('tasks')
      .select('id, title, status, is_blocked, failure_code, note_id:source->>note_id')
      .eq('organization_id', board.organization_id)
      .eq('source->>kind', 'note')
      .eq('source->>board_id', board.id)
      .order('created_at', { ascending: false })
      .limit(1000),
  );
}
