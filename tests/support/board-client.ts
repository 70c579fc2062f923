import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { PulledBoard, schemaVersionOf } from '../../supabase/functions/_shared/contracts/whiteboard.ts';
import { makeBoardStore } from './board-shapes.ts';
import type { Person } from './person.ts';
import { readReady } from './ready.ts';

export const boardSchemaVersion = schemaVersionOf(makeBoardStore().schema.serialize());

/** Of all that the function answers what tests go on with. */
const Data = z.looseObject({
  clock: z.number().default(-1),
  refused: z.array(z.object({ id: z.string(), code: z.string() })).default([]),
  noteId: z.string().default(''),
  bucket: z.string().default(''),
  path: z.string().default(''),
  token: z.string().default(''),
  url: z.string().default(''),
});
const Body = z.object({
  data: Data.prefault({}),
  error: z.looseObject({ code: z.string() }).nullable().default(null),
});

type Answer = z.infer<typeof Body> & { status: number };

/** Asks functions/whiteboard as this person. */
export async function askBoards(
  person: Pick<Person, 'accessToken'> | null,
  path: string,
  body: unknown,
  method = 'POST',
): Promise<Answer> {
  const response = await fetch(`${readReady().url}/functions/v1/whiteboard${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(person !== null && { authorization: `Bearer ${person.accessToken}` }),
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, ...Body.parse(await response.json()) };
}

export async function createBoard(person: Person, organizationId: string, name = 'Board'): Promise<string> {
  const { data, error } = await person.db.rpc('create_board', { organization_id: organizationId, name });
  if (error) throw error;
  return data;
}

const tabOf = () => ({ clientId: randomUUID(), clientClock: 1, schemaVersion: boardSchemaVersion });

/** Pushes diffs as a new tab would, unless it is said which tab and which push of it. */
export const pushBoard = (
  person: Pick<Person, 'accessToken'> | null,
  boardId: string,
  diffs: unknown[],
  options: { clientId?: string; clientClock?: number; schemaVersion?: number } = {},
): Promise<Answer> => askBoards(person, '/push', { boardId, diffs, ...tabOf(), ...options });

export async function pullBoard(person: Person, boardId: string, since = -1): Promise<PulledBoard> {
  const { data, error } = await person.db.rpc('board_pull', { board_id: boardId, since });
  if (error) throw error;
  return PulledBoard.parse(data);
}
