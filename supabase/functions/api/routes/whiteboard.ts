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
    const { teamId, boardId } = readQuery(c.req.url, WhiteboardQuery);
    const team = await findTeam(db, teamId);
    return answerData(await readBoard(db, team.id, boardId));
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
  const boards = unwrap(
    await db
      .from('boards')
      .select('id, name')
      .eq('organization_id', organizationId)
      .order('created_at')
      .order('id'),
  );
  const board = boardId === undefined ? boards[0] : boards.find(({ id }) => id === boardId);
  if (board === undefined) throw new AppError('board_not_found');
  return board;
}

async function readBoard(db: Db, teamId: string, boardId: string | undefined): Promise<Whiteboard> {
  const board = await findBoard(db, teamId, boardId);
  const notes = unwrap(
    await db
      .from('whiteboard_notes')
      .select('note_id, tab, text, color, created_at, updated_at')
      .eq('board_id', board.id)
      .order('created_at'),
  );
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
  });
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
