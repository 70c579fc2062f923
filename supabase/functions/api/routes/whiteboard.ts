import type { Hono } from 'hono';
import { z } from 'zod';
import { authenticate } from '../../_shared/auth.ts';
import {
  type UpdatedNote,
  UpdateWhiteboard,
  Whiteboard,
  WhiteboardQuery,
} from '../../_shared/contracts/api.ts';
import { WrittenNote } from '../../_shared/contracts/whiteboard.ts';
import { readBody } from '../../_shared/create-app.ts';
import { type Db, unwrap } from '../../_shared/db.ts';
import { AppError, isErrorCode } from '../../_shared/errors.ts';
import { answerData } from '../../_shared/http.ts';
import type { ApiEnv } from '../env.ts';
import { findTeam } from '../find-team.ts';
import { readQuery } from '../read-query.ts';

/** The notes of a board, in the name of the person who asks. Writing is functions/whiteboard's, which validates. */
export function addWhiteboardRoutes(app: Hono, env: ApiEnv): void {
  app.get('/v1/whiteboard', async (c) => {
    const { db } = await authenticate(env, c.req.raw);
    const { teamId, ...asked } = readQuery(c.req.url, WhiteboardQuery);
    const team = await findTeam(db, teamId);
    return answerData(await readBoard(db, team.id, asked));
  });

  app.post('/v1/whiteboard/update', async (c) => {
    const { db } = await authenticate(env, c.req.raw);
    const { teamId, boardId, ...note } = await readBody(c.req.raw, UpdateWhiteboard);
    const team = await findTeam(db, teamId);
    const board = await findBoard(db, team.id, boardId);
    const method = note.action === 'add' ? 'POST' : note.action === 'change' ? 'PATCH' : 'DELETE';
    const noteId = await writeNote(env, c.req.raw, method, { ...note, boardId: board.id });
    const updated: UpdatedNote = { teamId: team.id, boardId: board.id, noteId };
    return answerData(updated);
  });
}

type BoardRow = { id: string; name: string };

/** The one that is named, else the first. */
async function findBoard(db: Db, organizationId: string, boardId: string | undefined): Promise<BoardRow> {
  const boards = db.from('boards').select('id, name').eq('organization_id', organizationId);
  const [board] = unwrap(
    await (boardId === undefined ? boards : boards.eq('id', boardId))
      .order('created_at')
      .order('id')
      .limit(1),
  );
  if (board === undefined) throw new AppError('board_not_found');
  return board;
}

async function readBoard(
  db: Db,
  teamId: string,
  { boardId, limit, cursor }: Omit<WhiteboardQuery, 'teamId'>,
): Promise<Whiteboard> {
  const board = await findBoard(db, teamId, boardId);
  // One more tells whether there is more.
  const found = await readNotes(db, board.id, limit + 1, cursor);
  const notes = found.slice(0, limit);
  const last = notes.at(-1);
  return Whiteboard.parse({
    teamId,
    boardId: board.id,
    name: board.name,
    notes: notes.map((note) => ({
      id: note.note_id,
      tab: note.tab,
      content: note.text,
      color: note.color,
      createdAt: note.created_at,
      updatedAt: note.updated_at,
    })),
    nextCursor: found.length > limit && last !== undefined ? `${last.created_at} ${last.note_id}` : null,
  });
}

async function readNotes(db: Db, boardId: string, most: number, cursor: string | undefined) {
  const notes = () =>
    db
      .from('whiteboard_notes')
      .select('note_id, tab, text, color, created_at, updated_at')
      .eq('board_id', boardId)
      .order('created_at')
      .order('note_id')
      .limit(most);
  if (cursor === undefined) return unwrap(await notes());
  const [, at = '', id = ''] = /^(\S+) (.*)$/.exec(cursor) ?? [];
  // In two, since ids are their makers' choice, which in a filter of both would have to be quoted.
  const [asOld, younger] = await Promise.all([
    notes().eq('created_at', at).gt('note_id', id),
    notes().gt('created_at', at),
  ]);
  return [...unwrap(asOld), ...unwrap(younger)].slice(0, most);
}

const Envelope = z.object({
  data: WrittenNote.optional(),
  error: z.looseObject({ code: z.string() }).optional(),
});

async function writeNote(env: ApiEnv, request: Request, method: string, note: unknown): Promise<string> {
  const response = await fetch(`${env.SUPABASE_URL}/functions/v1/whiteboard/notes`, {
    method,
    headers: {
      authorization: request.headers.get('authorization') ?? '',
      'content-type': 'application/json',
    },
    body: JSON.stringify(note),
    signal: request.signal,
  });
  const { data, error } = Envelope.parse(await response.json());
  if (data !== undefined) return data.noteId;
  const { code, message: _, ...details } = error ?? { code: 'internal' };
  throw new AppError(isErrorCode(code) ? code : 'internal', details);
}
