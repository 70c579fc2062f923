import { requireSuccess, unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';
import type { Board } from './board-queries.ts';

type Identified = Pick<Board, 'id'>;

/** Answers its id. Refused with the plan's limit where there is no room. */
export const createBoard = async (organizationId: string, name: string): Promise<string> =>
  unwrap(await supabase().rpc('create_board', { organization_id: organizationId, name }));

export async function changeBoard(
  { id }: Identified,
  change: Partial<Pick<Board, 'name' | 'is_locked'>>,
): Promise<void> {
  requireSuccess(await supabase().from('boards').update(change).eq('id', id));
}

export async function deleteBoard({ id }: Identified): Promise<void> {
  requireSuccess(await supabase().from('boards').delete().eq('id', id));
}

/** Keeps the board as the server has it now. */
export const saveVersion = async ({ id }: Identified, name: string): Promise<string> =>
  unwrap(await supabase().rpc('save_board_snapshot', { board_id: id, name }));

export async function deleteVersion({ id }: { id: string }): Promise<void> {
  requireSuccess(await supabase().rpc('delete_board_snapshot', { id }));
}
