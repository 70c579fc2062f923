import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';
import type { Board } from '../boards/board-queries.ts';

type NewNoteTask = {
  noteId: string;
  /** All that stands on the note. */
  text: string;
  title: string;
  agentId: string | null;
  needsApproval: boolean;
};

/** Its agent begins at once. */
export async function makeNoteTask(board: Board, task: NewNoteTask): Promise<void> {
  const { noteId, text, title, agentId, needsApproval } = task;
  unwrap(
    await supabase().rpc('assign_task', {
      organization_id: board.organization_id,
      title,
      description: text === title.trim() ? '' : text,
      needs_approval: needsApproval,
      source: { kind: 'note', board_id: board.id, note_id: noteId },
      ...(agentId !== null && { agent_id: agentId }),
    }),
  );
}
