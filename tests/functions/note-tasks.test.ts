import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { askBoards, boardSchemaVersion, createBoard, pullBoard, pushBoard } from '../support/board-client.ts';
import { makeBoardStore, makeBox, makeNote } from '../support/board-shapes.ts';
import { operatorSql } from '../support/database.ts';
import { makeAgent } from '../support/make-agent.ts';
import { makeOrganization, type Organization } from '../support/organization.ts';
import type { Person } from '../support/person.ts';
import { refusalOf } from '../db/refusal.ts';

let organization: Organization;
let boardId: string;
beforeAll(async () => {
  organization = await makeOrganization();
  boardId = await createBoard(organization.member, organization.organizationId);
});

const place = { parentId: 'page:goals', x: 10, y: 20 };
const put = <State extends { id: string }>(record: State) => ({ [record.id]: ['put', record] });
const newId = (): string => `shape:${randomUUID()}`;

async function stick(text = 'Find three names', where = place): Promise<string> {
  const id = newId();
  await pushBoard(organization.member, boardId, [put(makeNote(id, where, text))]);
  return id;
}

const assignNote = (noteId: string, of: { person?: Person; organizationId?: string } = {}) =>
  (of.person ?? organization.member).db.rpc('assign_task', {
    organization_id: of.organizationId ?? organization.organizationId,
    title: 'Task of a note',
    source: { kind: 'note', board_id: boardId, note_id: noteId },
  });

async function makeNoteTask(noteId: string): Promise<string> {
  const { data, error } = await assignNote(noteId);
  if (error) throw error;
  return data;
}

/** As its agent would, if it had one. */
const complete = (taskId: string, result: string) => operatorSql()`
  update public.tasks set status = 'completed', result = ${result}, finished_at = now() where id = ${taskId}`;

const readBoard = () => pullBoard(organization.member, boardId);
const cardOf = async (taskId: string) =>
  (await readBoard()).puts.find(({ id }) => id === `shape:result-${taskId}`);

const wordsOf = async (taskId: string): Promise<string | null> => {
  const { data } = await organization.member.db
    .from('whiteboard_notes')
    .select('text')
    .eq('board_id', boardId)
    .eq('result_of', taskId)
    .maybeSingle();
  return data?.text ?? null;
};

test('[NTK1] a task of a note brings its result back as one note beside it, at one tick that is told', async () => {
  const noteId = await stick();
  const taskId = await makeNoteTask(noteId);
  const before = await readBoard();
  await complete(taskId, '# Names\n\n**Aurora**, `Nova`\nand snake_case');
  const since = await pullBoard(organization.admin, boardId, before.clock);
  expect(since).toMatchObject({ clock: before.clock + 1, wipe: false, deletes: [] });
  const card = since.puts.find(({ id }) => id === `shape:result-${taskId}`);
  const arrow = `shape:result-${taskId}-arrow`;
  const bound = since.puts.filter(({ typeName }) => typeName === 'binding');
  expect(since.puts).toHaveLength(4);
  expect(new Map(bound.map(({ props, toId }) => [Object(props).terminal, toId]))).toEqual(
    new Map([
      ['start', noteId],
      ['end', card?.id],
    ]),
  );
  expect(bound.map(({ fromId }) => fromId)).toEqual([arrow, arrow]);
  expect(card).toMatchObject({
    x: 250,
    y: 20,
    parentId: 'page:goals',
    meta: { task_id: taskId, note_id: noteId },
  });
  expect(card).toMatchObject({ props: { url: expect.stringMatching(new RegExp(`^/.+/tasks/${taskId}$`)) } });
  expect(await wordsOf(taskId)).toBe('Names\nAurora, Nova\nand snake_case');
  const [told] = await operatorSql()`
    select payload from realtime.messages where topic like ${`board:${boardId}:%`} and event = 'changed'
    order by inserted_at desc, (payload ->> 'clock')::bigint desc limit 1`;
  expect(told?.['payload']).toMatchObject({
    clock: since.clock,
    changes: [
      { clock: since.clock, diff: Object.fromEntries(since.puts.map((each) => [each.id, ['put', each]])) },
    ],
  });
});

test('[NTK2] card, arrow and bindings are what tldraw calls so, and the card goes on being edited as a note', async () => {
  const taskId = await makeNoteTask(await stick());
  const before = await readBoard();
  await complete(taskId, `${'word '.repeat(500)}\n\nend`);
  const { puts } = await pullBoard(organization.member, boardId, before.clock);
  const store = makeBoardStore();
  expect(puts.map(({ type }) => String(type)).toSorted()).toEqual(['arrow', 'arrow', 'arrow', 'note']);
  for (const record of puts)
    expect(() => store.schema.validateRecord(store, asRecord(record), 'createRecord', null)).not.toThrow();
  const [version] = await operatorSql()`select private.arrow_schema_version() as number`;
  expect(version?.['number']).toBe(boardSchemaVersion);
  expect((await wordsOf(taskId))?.length).toBeLessThanOrEqual(200);
  const noteId = `shape:result-${taskId}`;
  const changed = await askBoards(organization.member, '/notes', { boardId, noteId, text: 'Mine' }, 'PATCH');
  expect(changed.status).toBe(200);
  expect(await wordsOf(taskId)).toBe('Mine');
});

test('[NTK3] sent back and done again, its card says the new result; put away, it does not come back', async () => {
  const taskId = await makeNoteTask(await stick());
  const again = async (result: string) => {
    await organization.member.db.rpc('return_task', { id: taskId, comment: 'Better' }).throwOnError();
    await complete(taskId, result);
  };
  await complete(taskId, 'First');
  const { clock, puts } = await readBoard();
  await again('First');
  expect((await readBoard()).clock).toBe(clock);
  await again('Second');
  expect(await wordsOf(taskId)).toBe('Second');
  expect((await readBoard()).puts).toHaveLength(puts.length);
  await pushBoard(organization.member, boardId, [{ [`shape:result-${taskId}`]: ['remove'] }]);
  await again('Third');
  expect(await cardOf(taskId)).toBeUndefined();
});

test('[NTK4] where the note or the board is gone, the task is done and nothing else happens', async () => {
  const noteId = await stick();
  const taskId = await makeNoteTask(noteId);
  await pushBoard(organization.member, boardId, [{ [noteId]: ['remove'] }]);
  const { clock } = await readBoard();
  await complete(taskId, 'Done');
  expect((await readBoard()).clock).toBe(clock);

  const otherBoard = await createBoard(organization.member, organization.organizationId, 'Brief');
  const other = await askBoards(organization.member, '/notes', {
    boardId: otherBoard,
    tab: 'Vision',
    text: 'x',
    color: 'red',
  });
  const { data: id } = await organization.member.db
    .rpc('assign_task', {
      organization_id: organization.organizationId,
      title: 'Task',
      source: { kind: 'note', board_id: otherBoard, note_id: other.data.noteId },
    })
    .throwOnError();
  await organization.admin.db.from('boards').delete().eq('id', otherBoard).throwOnError();
  await complete(id, 'Done');
  const [task] = await operatorSql()`select status from public.tasks where id = ${id}`;
  expect(task?.['status']).toBe('completed');
});

test('[NTK5] a task is made only of a note of the same organization; others learn nothing about it', async () => {
  const noteId = await stick();
  const { outsider } = organization;
  const { data: theirs } = await outsider.db.from('organizations').select('id').single().throwOnError();
  const missing = { status: 404, code: 'board_note_not_found' };
  expect(refusalOf(await assignNote(noteId, { person: outsider, organizationId: theirs.id }))).toMatchObject(
    missing,
  );
  expect(refusalOf(await assignNote(newId()))).toMatchObject(missing);
  const box = newId();
  await pushBoard(organization.member, boardId, [put(makeBox(box, place))]);
  expect(refusalOf(await assignNote(box))).toMatchObject(missing);
  for (const source of [{ kind: 'note' }, { kind: 'note', board_id: 'x', note_id: 3 }]) {
    const asked = { organization_id: organization.organizationId, title: 'Task', source };
    expect(refusalOf(await organization.member.db.rpc('assign_task', asked))).toMatchObject(missing);
  }
});

test('[NTK6] on a locked board a member makes no task of a note, and an earlier one of theirs writes nothing there', async () => {
  const noteId = await stick();
  const earlier = await makeNoteTask(noteId);
  const { admin } = organization;
  const lock = (is: boolean) =>
    admin.db.from('boards').update({ is_locked: is }).eq('id', boardId).throwOnError();
  await lock(true);
  expect(refusalOf(await assignNote(noteId))).toMatchObject({ status: 403, code: 'board_locked' });
  const { data: adminsTask } = await assignNote(noteId, { person: admin }).throwOnError();
  await complete(earlier, 'No');
  await complete(adminsTask, 'Yes');
  expect([await wordsOf(earlier), await wordsOf(adminsTask)]).toEqual([null, 'Yes']);
  await lock(false);
});

test('[NTK7] several tasks of one note stand beside each other, out of the group that the note is in', async () => {
  const frame = newId();
  await pushBoard(organization.member, boardId, [
    put({ ...makeBox(frame, { parentId: 'page:goals', x: 1000, y: 500 }), type: 'group', props: {} }),
  ]);
  const noteId = await stick('In a group', { parentId: frame, x: 5, y: 6 });
  const ids = [await makeNoteTask(noteId), await makeNoteTask(noteId)];
  for (const id of ids) await complete(id, 'Done');
  expect(await cardOf(ids[0] ?? '')).toMatchObject({ parentId: 'page:goals', x: 1245, y: 506 });
  expect(await cardOf(ids[1] ?? '')).toMatchObject({ parentId: 'page:goals', x: 1485, y: 506 });
});

test('[NTK8] pushes and results of one board at the same time wait for each other, and nothing is lost', async () => {
  const noteIds = await Promise.all(Array.from({ length: 6 }, () => stick()));
  const taskIds = await Promise.all(noteIds.map(makeNoteTask));
  const { clock } = await readBoard();
  await Promise.all([
    ...taskIds.map((id) => complete(id, 'Done')),
    ...noteIds.map((id) => pushBoard(organization.admin, boardId, [{ [id]: ['patch', { x: ['put', 77] }] }])),
  ]);
  const after = await pullBoard(organization.member, boardId, clock);
  expect(after.clock).toBeGreaterThan(clock);
  // Notes and cards, and for each of them an arrow with what binds it.
  expect(after.puts).toHaveLength(6 + 6 + 6 + 12);
});

test('[NTK9] an agent that does the task signs its card', async () => {
  const agentId = await makeAgent(organization, { name: 'Vera' });
  await organization.admin.db.from('agents').update({ is_active: false }).eq('id', agentId).throwOnError();
  const taskId = await makeNoteTask(await stick());
  await organization.member.db.rpc('reassign_task', { id: taskId, agent_id: agentId }).throwOnError();
  await complete(taskId, 'Aurora');
  expect(await wordsOf(taskId)).toBe('Vera: Aurora');
});

test('[NTK10] on a board of another version of tldraw’s schema there is the card alone', async () => {
  const taskId = await makeNoteTask(await stick());
  const move = (by: number) =>
    operatorSql()`update public.boards set schema_version = schema_version + ${by} where id = ${boardId}`;
  await move(1);
  const { clock } = await readBoard();
  await complete(taskId, 'Done');
  const { puts } = await pullBoard(organization.member, boardId, clock);
  await move(-1);
  expect(puts.map(({ id }) => id)).toEqual([`shape:result-${taskId}`]);
});

test('[NTK11] a note that is deleted as text takes along what is bound to it, and the arrow of its result', async () => {
  const [noteId, taskless] = [await stick(), await stick()];
  const taskId = await makeNoteTask(noteId);
  await complete(taskId, 'Done');
  // An arrow that somebody drew by hand stays where it is.
  const [arrow] = (await readBoard()).puts.filter(({ id }) => id === `shape:result-${taskId}-arrow`);
  const own = { ...arrow, id: newId(), meta: {} };
  const [bound] = (await readBoard()).puts.filter(({ id }) => id === `binding:result-${taskId}-arrow-start`);
  const ownBinding = { ...bound, id: 'binding:own', fromId: own.id, toId: taskless };
  await pushBoard(organization.member, boardId, [{ ...put(own), ...put(ownBinding) }]);
  const { clock } = await readBoard();
  for (const id of [noteId, taskless])
    expect((await askBoards(organization.member, '/notes', { boardId, noteId: id }, 'DELETE')).status).toBe(
      200,
    );
  const { deletes, puts } = await pullBoard(organization.member, boardId, clock);
  expect(deletes.toSorted()).toEqual(
    [
      noteId,
      taskless,
      'binding:own',
      `shape:result-${taskId}-arrow`,
      `binding:result-${taskId}-arrow-start`,
      `binding:result-${taskId}-arrow-end`,
    ].toSorted(),
  );
  expect(puts).toEqual([]);
});

/** Guarantee: validating it is the test. */
function asRecord(record: unknown) {
  return record as Parameters<ReturnType<typeof makeBoardStore>['put']>[0][number];
}
