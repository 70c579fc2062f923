import { randomUUID } from 'node:crypto';
import { schemaVersionOf } from '../../supabase/functions/_shared/contracts/whiteboard.ts';
import { makeBoardStore } from './board-shapes.ts';
import type { Person } from './person.ts';
import { readReady } from './ready.ts';

export const boardSchemaVersion = schemaVersionOf(makeBoardStore().schema.serialize());

type Answer = { status: number; data: any; error: any };

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
  const { data = null, error = null } = await response.json();
  return { status: response.status, data, error };
}

export async function createBoard(person: Person, organizationId: string, name = 'Board'): Promise<string> {
  const { data, error } = await person.db.rpc('create_board', { organization_id: organizationId, name });
  if (error) throw error;
  return data;
}

/** Pushes diffs as a new tab would, unless it is said which tab and which push of it. */
export const pushBoard = (
  person: Pick<Person, 'accessToken'> | null,
  boardId: string,
  diffs: unknown[],
  { clientId = randomUUID() as string, clientClock = 1, schemaVersion = boardSchemaVersion } = {},
): Promise<Answer> => askBoards(person, '/push', { boardId, clientId, clientClock, schemaVersion, diffs });

export async function pullBoard(person: Person, boardId: string, since = -1): Promise<any> {
  const { data, error } = await person.db.rpc('board_pull', { board_id: boardId, since });
  if (error) throw error;
  return data;
}
