import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { NoteColor } from '@contracts/whiteboard.ts';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

const Note = z.object({
  note_id: z.string(),
  page_id: z.string(),
  text: z.string(),
  color: NoteColor.catch('yellow'),
  updated_at: z.string(),
  /** The task of which it is the result. */
  result_of: z.string().nullable(),
});
export type Note = z.infer<typeof Note>;
export type Tab = { id: string; name: string; notes: Note[] };

const Page = z.object({ record_id: z.string(), state: z.object({ name: z.string(), index: z.string() }) });

export const noteQueries = {
  all: (boardId: string) => ['whiteboard', 'notes', boardId],
  /** The board's tabs in their order, each with its notes, oldest first. */
  byTab: (boardId: string) =>
    queryOptions({
      queryKey: noteQueries.all(boardId),
      queryFn: async (): Promise<Tab[]> => {
        const [pages, notes] = await Promise.all([
          supabase()
            .from('board_records')
            .select('record_id, state')
            .eq('board_id', boardId)
            .eq('type', 'page'),
          supabase()
            .from('whiteboard_notes')
            .select('note_id, page_id, text, color, updated_at, result_of')
            .eq('board_id', boardId)
            .order('created_at'),
        ]);
        const all = z.array(Note).parse(unwrap(notes));
        return z
          .array(Page)
          .parse(unwrap(pages))
          .sort((a, b) => (a.state.index < b.state.index ? -1 : 1))
          .map(({ record_id: id, state: { name } }) => ({
            id,
            name,
            notes: all.filter(({ page_id: page }) => page === id),
          }));
      },
    }),
};
