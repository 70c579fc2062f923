import { queryOptions } from '@tanstack/react-query';
import type { Tables } from '@db';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

const boardColumns = 'id, name, is_locked, record_count, created_at, updated_at, organization_id';
const versionColumns = 'id, name, record_count, created_at, created_by';

export type Board = Pick<
  Tables<'boards'>,
  'id' | 'name' | 'is_locked' | 'record_count' | 'created_at' | 'updated_at' | 'organization_id'
>;
export type BoardVersion = Pick<
  Tables<'board_snapshots'>,
  'id' | 'name' | 'record_count' | 'created_at' | 'created_by'
>;

export const boardQueries = {
  all: (organizationId: string) => ['whiteboard', organizationId],
  /** Oldest first, which is the order in which people know them. */
  list: (organizationId: string) =>
    queryOptions({
      queryKey: [...boardQueries.all(organizationId), 'boards'],
      queryFn: async (): Promise<Board[]> =>
        unwrap(
          await supabase()
            .from('boards')
            .select(boardColumns)
            .eq('organization_id', organizationId)
            .order('created_at')
            .order('id'),
        ),
    }),
  /** Null where there is no such board, or where it is another organization's. */
  one: (organizationId: string, boardId: string) =>
    queryOptions({
      queryKey: [...boardQueries.all(organizationId), 'boards', boardId],
      queryFn: async (): Promise<Board | null> => {
        const rows = unwrap(
          await supabase()
            .from('boards')
            .select(boardColumns)
            .eq('organization_id', organizationId)
            .eq('id', boardId),
        );
        return rows[0] ?? null;
      },
    }),
  /** Newest first. */
  versions: (organizationId: string, boardId: string) =>
    queryOptions({
      queryKey: [...boardQueries.all(organizationId), 'versions', boardId],
      queryFn: async (): Promise<BoardVersion[]> =>
        unwrap(
          await supabase()
            .from('board_snapshots')
            .select(versionColumns)
            .eq('board_id', boardId)
            .order('created_at', { ascending: false }),
        ),
    }),
};
