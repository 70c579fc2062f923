import type { Hono } from 'hono';
import { toRichText } from '@tldraw/tlschema';
import { z } from 'zod';
import { AddNote, ChangeNote, type PushBoard, RemoveNote } from '../../_shared/contracts/whiteboard.ts';
import { readBody } from '../../_shared/create-app.ts';
import { AppError, isErrorCode } from '../../_shared/errors.ts';
import { answerData } from '../../_shared/http.ts';
import type { BoardDatabase, Push } from '../board-database.ts';
import { schemaVersion } from '../board-schema.ts';
import type { KnownRecord } from '../judge-batch.ts';
import { makeNote } from '../make-note.ts';
import { pushAlone } from '../push-alone.ts';
import { pushBatch } from '../push-batch.ts';
import { RecentRecords } from '../recent-records.ts';

type Identify = (request: Request) => Promise<string>;

/** Sticky notes as text, for lists and for the REST API: each is a push like one of a tab. */
export function addNoteRoutes(app: Hono, database: BoardDatabase, identify: Identify): void {
  app.post('/notes', async (c) => {
    const userId = await identify(c.req.raw);
    const { boardId, tab, text, color } = await readBody(c.req.raw, AddNote);
    const { records } = await database.read(boardId, userId, null);
    const pageId = findPage(records, tab);
    const count = records.filter(({ state }) => isNote(state) && state['parentId'] === pageId).length;
    const id = `shape:${crypto.randomUUID()}`;
    await push(database, userId, boardId, { [id]: ['put', makeNote({ id, pageId, count, text, color })] });
    return answerData({ noteId: id }, 201);
  });

  app.patch('/notes', async (c) => {
    const userId = await identify(c.req.raw);
    const { boardId, noteId, text, color } = await readBody(c.req.raw, ChangeNote);
    await requireNote(database, userId, boardId, noteId);
    const props = {
      ...(text !== undefined && { richText: ['put', toRichText(text)] }),
      ...(color !== undefined && { color: ['put', color] }),
    };
    await push(database, userId, boardId, { [noteId]: ['patch', { props: ['patch', props] }] });
    return answerData({ noteId });
  });

  app.delete('/notes', async (c) => {
    const userId = await identify(c.req.raw);
    const { boardId, noteId } = await readBody(c.req.raw, RemoveNote);
    const { records } = await database.read(boardId, userId, null);
    if (!records.some(({ id, state }) => id === noteId && isNote(state)))
      throw new AppError('board_note_not_found');
    const diff: PushBoard['diffs'][number] = {};
    for (const id of [noteId, ...hangingOn(records, noteId)]) diff[id] = ['remove'];
    await push(database, userId, boardId, diff);
    return answerData({ noteId });
  });
}

const isNote = (state: KnownRecord['state']): boolean =>
  state.typeName === 'shape' && state['type'] === 'note';

type Records = readonly { readonly id: string; readonly state: KnownRecord['state'] }[];

/** What is bound to a note, and the arrows between notes and results: without it they lead to nothing. */
function hangingOn(records: Records, noteId: string): string[] {
  const bindings = records.filter(({ state }) => state.typeName === 'binding');
  const fromOf = ({ state }: Records[number]) => state['fromId'];
  const bound = bindings.filter(({ state }) => state['toId'] === noteId);
  const arrows = records.filter(
    ({ id, state }) => isResultArrow(state) && bound.some((each) => fromOf(each) === id),
  );
  const ofArrows = bindings.filter((each) => arrows.some(({ id }) => fromOf(each) === id));
  return [...new Set([...bound, ...arrows, ...ofArrows].map(({ id }) => id))];
}

const ResultArrow = z.object({ type: z.literal('arrow'), meta: z.object({ task_id: z.string() }) });

/** As the database draws them. */
const isResultArrow = (state: KnownRecord['state']): boolean => ResultArrow.safeParse(state).success;

function findPage(records: Records, tab: string): string {
  const page = records.find(
    ({ state }) => state.typeName === 'page' && String(state['name']).toLowerCase() === tab.toLowerCase(),
  );
  if (page === undefined) throw new AppError('board_tab_not_found', { tab });
  return page.state.id;
}

async function requireNote(
  database: BoardDatabase,
  userId: string,
  boardId: string,
  noteId: string,
): Promise<void> {
  const { records } = await database.read(boardId, userId, [noteId]);
  const [note] = records;
  if (note === undefined || !isNote(note.state)) throw new AppError('board_note_not_found');
}

async function push(
  database: BoardDatabase,
  userId: string,
  boardId: string,
  diff: PushBoard['diffs'][number],
): Promise<void> {
  const batch = { boardId, clientId: crypto.randomUUID(), clientClock: 1, schemaVersion, diffs: [diff] };
  const parts = {
    database,
    recent: new RecentRecords(),
    push: (id: string, alone: Push) => pushAlone(database, id, alone),
  };
  const { refused } = await pushBatch(parts, userId, batch);
  const code = refused[0]?.code;
  if (code !== undefined) throw new AppError(isErrorCode(code) ? code : 'invalid_request');
}
