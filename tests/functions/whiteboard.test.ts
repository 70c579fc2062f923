import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { askBoards, boardSchemaVersion, createBoard, pullBoard, pushBoard } from '../support/board-client.ts';
import { makeBox, makeNote, makeStroke } from '../support/board-shapes.ts';
import { UpdatedNote, Whiteboard } from '../../supabase/functions/_shared/contracts/api.ts';
import { callApi } from '../support/call-api.ts';
import { operatorSql } from '../support/database.ts';
import { readReady } from '../support/ready.ts';
import { makeOrganization, type Organization, setPlan } from '../support/organization.ts';

let organization: Organization;
let boardId: string;
beforeAll(async () => {
  organization = await makeOrganization();
  boardId = await createBoard(organization.member, organization.organizationId);
});

const place = { parentId: 'page:vision', x: 10, y: 20 };
const put = <State extends { id: string }>(record: State) => ({ [record.id]: ['put', record] });
const newId = (): string => `shape:${randomUUID()}`;
const stateOf = async (id: string) => {
  const { puts } = await pullBoard(organization.member, boardId);
  return puts.find((record) => record.id === id);
};

describe('pushes', () => {
  test('[WBP1] a push is one tick, is pulled by others, and done once however often it is sent', async () => {
    const id = newId();
    const tab = { clientId: randomUUID(), clientClock: 1 };
    const { clock } = await pullBoard(organization.admin, boardId);
    const first = await pushBoard(organization.member, boardId, [put(makeBox(id, place))], tab);
    expect(first).toMatchObject({ status: 200, data: { isEffective: true, refused: [] } });
    await pushBoard(organization.admin, boardId, [{ [id]: ['patch', { x: ['put', 99] }] }]);
    const again = await pushBoard(organization.member, boardId, [put(makeBox(id, place))], tab);
    expect(again.data).toMatchObject({ clock: first.data.clock, diff: null });
    expect(await stateOf(id)).toMatchObject({ x: 99 });
    const since = await pullBoard(organization.admin, boardId, first.data.clock);
    expect(since).toMatchObject({ wipe: false, puts: [{ id, x: 99 }], deletes: [] });
    expect(first.data.clock).toBeGreaterThan(clock);
  });

  test('[WBP2] the last write wins by field and by key of props and meta; deleting beats patching', async () => {
    const id = newId();
    await pushBoard(organization.member, boardId, [put(makeBox(id, place))]);
    await Promise.all([
      pushBoard(organization.member, boardId, [
        { [id]: ['patch', { x: ['put', 1], props: ['patch', { w: ['put', 7] }] }] },
      ]),
      pushBoard(organization.admin, boardId, [
        { [id]: ['patch', { y: ['put', 2], props: ['patch', { h: ['put', 8] }] }] },
      ]),
    ]);
    expect(await stateOf(id)).toMatchObject({ x: 1, y: 2, props: { w: 7, h: 8 } });
    await pushBoard(organization.admin, boardId, [{ [id]: ['remove'] }]);
    const late = await pushBoard(organization.member, boardId, [{ [id]: ['patch', { x: ['put', 3] }] }]);
    expect(late).toMatchObject({ status: 200, data: { isEffective: false, diff: {} } });
    expect(await stateOf(id)).toBeUndefined();
  });

  test('[WBP3] twenty who patch one shape at once all get through', async () => {
    const id = newId();
    await pushBoard(organization.member, boardId, [put(makeBox(id, place))]);
    const people = [organization.owner, organization.admin, organization.member];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        pushBoard(people[index % 3] ?? null, boardId, [
          { [id]: ['patch', { meta: ['patch', { [`m${index}`]: ['put', index] }] }] },
        ]),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(new Set(answers.map(({ data }) => data.clock)).size).toBe(20);
    expect(Object.keys(Object(await stateOf(id)).meta)).toHaveLength(20);
  });

  test('[WBP4] what is no record of tldraw’s, or too large, is refused by name, and the rest goes in', async () => {
    const [good, bad, large, strange, half] = [newId(), newId(), newId(), newId(), newId()];
    const { status, data } = await pushBoard(organization.member, boardId, [
      {
        ...put(makeNote(good, place)),
        ...put({ ...makeNote(bad, place), x: 'left' }),
        ...put({ ...makeNote(large, place), meta: { heap: 'x'.repeat(300_000) } }),
        ...put({ ...makeNote(strange, place), typeName: 'camera' }),
        ...put({ ...makeNote(half, place), meta: { text: '\ud83c' } }),
      },
    ]);
    expect(status).toBe(200);
    expect(Object.keys(Object(data['diff']))).toEqual([good]);
    expect(Object.fromEntries(data.refused.map((each) => [each.id, each.code]))).toEqual({
      [bad]: 'record_invalid',
      [large]: 'record_too_large',
      [strange]: 'record_invalid',
      [half]: 'record_invalid',
    });
  });

  test('[WBP5] a patch that would spoil its record, change its type or reach a prototype does nothing', async () => {
    const id = newId();
    await pushBoard(organization.member, boardId, [put(makeBox(id, place))]);
    const spoil = await pushBoard(organization.member, boardId, [
      { [id]: ['patch', { x: ['put', 'left'] }] },
    ]);
    expect(spoil.data.refused).toEqual([{ id, code: 'record_invalid' }]);
    const retype = await pushBoard(organization.member, boardId, [
      { [id]: ['patch', { type: ['put', 'draw'] }] },
    ]);
    expect(retype.data).toMatchObject({ isEffective: false });
    const proto = JSON.parse(`{ "${id}": ["patch", { "__proto__": ["put", { "evil": 1 }] }] }`);
    expect((await pushBoard(organization.member, boardId, [proto])).data).toMatchObject({
      isEffective: false,
    });
    expect(await stateOf(id)).toEqual(JSON.parse(JSON.stringify(makeBox(id, place))));
  });

  test('[WBP6] a stroke grows by what is appended, and is told so', async () => {
    const id = newId();
    await pushBoard(organization.member, boardId, [put(makeStroke(id, place, 'AAAA'))]);
    const grow = (path: string, at: number) => ({
      [id]: [
        'patch',
        { props: ['patch', { segments: ['patch', { 0: ['patch', { path: ['append', path, at] }] }] }] },
      ],
    });
    await pushBoard(organization.member, boardId, [grow('BBBB', 4), grow('CCCC', 8)]);
    expect(await stateOf(id)).toMatchObject({
      props: { segments: [{ type: 'free', path: 'AAAABBBBCCCC' }] },
    });
    const [told] = await operatorSql()`
      select payload from realtime.messages where topic like ${`board:${boardId}:%`} and event = 'changed'
      order by (payload ->> 'clock')::int desc limit 1`;
    expect(JSON.stringify(told?.['payload'])).toContain('"append","BBBBCCCC",4');
  });

  test('[WBP7] a body without a length is read up to 20 MB, and not further', async () => {
    const chunk = new TextEncoder().encode('a'.repeat(1024 * 1024));
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent++ < 24) controller.enqueue(chunk);
        else controller.close();
      },
    });
    const init = { method: 'POST', body: endless, duplex: 'half' };
    const response = await fetch(`${readReady().url}/functions/v1/whiteboard/push`, {
      ...init,
      headers: { authorization: `Bearer ${organization.member.accessToken}` },
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { code: 'body_too_large', limit_mb: 20 } });
  });
});

describe('who may', () => {
  test('[WBM1] outsiders and visitors find no board, not even one that is there', async () => {
    const diffs = [put(makeNote(newId(), place))];
    const theirs = await pushBoard(organization.outsider, boardId, diffs);
    const none = await pushBoard(organization.outsider, randomUUID(), diffs);
    expect(theirs).toMatchObject({ status: 404, error: { code: 'board_not_found' } });
    expect(none.error).toEqual(theirs.error);
    expect(await pushBoard(null, boardId, diffs)).toMatchObject({
      status: 401,
      error: { code: 'unauthenticated' },
    });
    const pulled = await organization.outsider.db.rpc('board_pull', { board_id: boardId, since: 0 });
    expect(pulled.error?.message).toBe('board_not_found');
    expect((await askBoards(organization.outsider, '/images/sign', { boardId, path: 'x' })).status).toBe(404);
  });

  test('[WBM2] on a locked board members look and admins write', async () => {
    const locked = await createBoard(organization.member, organization.organizationId, 'Locked');
    const denied = await organization.member.db
      .from('boards')
      .update({ is_locked: true })
      .eq('id', locked)
      .select();
    expect(denied.data).toEqual([]);
    await organization.admin.db.from('boards').update({ is_locked: true }).eq('id', locked).throwOnError();
    const diffs = [put(makeNote(newId(), place))];
    expect(await pushBoard(organization.member, locked, diffs)).toMatchObject({
      status: 403,
      error: { code: 'board_locked' },
    });
    expect((await pullBoard(organization.member, locked)).puts).toHaveLength(5);
    expect((await pushBoard(organization.admin, locked, diffs)).status).toBe(200);
  });

  test('[WBM3] an outdated page is told so, before anything is done', async () => {
    const options = { schemaVersion: boardSchemaVersion - 1 };
    expect(await pushBoard(organization.member, boardId, [], options)).toMatchObject({
      status: 409,
      error: { code: 'client_outdated' },
    });
    const newer = { schemaVersion: boardSchemaVersion + 1 };
    expect((await pushBoard(organization.member, boardId, [], newer)).error?.code).toBe('server_outdated');
  });

  test('[WBM4] Free has one board without images, versions and exports; Pro all but exports', async () => {
    const { organizationId, owner } = await makeOrganization();
    await setPlan(organizationId, 'free', {});
    const board = await createBoard(owner, organizationId);
    const second = await owner.db.rpc('create_board', { organization_id: organizationId, name: 'Two' });
    expect(second).toMatchObject({ status: 402, error: { message: 'plan_limit_exceeded' } });
    const video = {
      id: 'asset:a',
      typeName: 'asset',
      type: 'bookmark',
      meta: {},
      props: { title: '', description: '', image: '', favicon: '', src: null },
    };
    const pushed = await pushBoard(owner, board, [{ ...put(video), ...put(makeNote('shape:note', place)) }]);
    expect(pushed.data).toMatchObject({
      refused: [{ id: 'asset:a', code: 'plan_limit_exceeded' }],
      diff: { 'shape:note': {} },
    });
    const image = { boardId: board, type: 'image/png', bytes: 10 };
    expect(await askBoards(owner, '/images', image)).toMatchObject({
      status: 402,
      error: { code: 'plan_limit_exceeded', resource: 'board_images', limit: 0, plan: 'free' },
    });
    const keep = () => owner.db.rpc('save_board_snapshot', { board_id: board, name: 'Version' });
    const take = () => owner.db.rpc('export_board', { board_id: board });
    expect([(await keep()).status, (await take()).status]).toEqual([402, 402]);
    await setPlan(organizationId, 'pro', {});
    expect([(await keep()).status, (await take()).status]).toEqual([200, 402]);
    expect((await askBoards(owner, '/images', image)).status).toBe(201);
    await setPlan(organizationId, 'enterprise', {});
    expect((await take()).data).toMatchObject({ name: 'Board' });
  });

  test('[WBM5] an image goes up by a signed address and comes back by one, for members of the board', async () => {
    const bytes = new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]);
    const image = await askBoards(organization.member, '/images', {
      boardId,
      type: 'image/png',
      bytes: bytes.length,
    });
    const { bucket, path, token } = image.data;
    const sent = await organization.member.db.storage
      .from(bucket)
      .uploadToSignedUrl(path, token, bytes, { contentType: 'image/png' });
    expect(sent.error).toBeNull();
    const signed = await askBoards(organization.admin, '/images/sign', { boardId, path });
    const got = await fetch(signed.data.url);
    expect(new Uint8Array(await got.arrayBuffer())).toEqual(bytes);
    expect((await askBoards(organization.outsider, '/images/sign', { boardId, path })).status).toBe(404);
    const other = await createBoard(organization.member, organization.organizationId, 'Other');
    expect((await askBoards(organization.admin, '/images/sign', { boardId: other, path })).status).toBe(404);
    const folder = path.slice(0, path.lastIndexOf('/'));
    for (const way of ['/../', '/%2e%2e/', '/.%2e/', '/.\t./', '\\..\\', '/'])
      expect(
        (await askBoards(organization.admin, '/images/sign', { boardId, path: `${folder}${way}usage` }))
          .status,
      ).toBe(404);
  });
});

describe('what is forgotten', () => {
  test('[WBF1] above 5,000 removals the oldest are forgotten, and who knows less reads all anew', async () => {
    const board = await createBoard(organization.member, organization.organizationId, 'Busy');
    const ids = Array.from({ length: 5_001 }, (_, index) => `shape:${index}`);
    const half = (from: number, to: number) => ids.slice(from, to);
    const before = await pullBoard(organization.member, board);
    await pushBoard(organization.member, board, [
      Object.assign({}, ...ids.map((id) => put(makeBox(id, place)))),
    ]);
    await pushBoard(organization.member, board, [
      Object.fromEntries(half(0, 1_500).map((id) => [id, ['remove']])),
    ]);
    const between = await pullBoard(organization.member, board, before.clock + 2);
    await pushBoard(organization.member, board, [
      Object.fromEntries(half(1_500, 5_001).map((id) => [id, ['remove']])),
    ]);
    const late = await pullBoard(organization.member, board, before.clock);
    expect(late).toMatchObject({ wipe: true, deletes: [] });
    expect(late.puts).toHaveLength(5);
    expect((await pullBoard(organization.member, board, between.clock)).deletes).toHaveLength(3_501);
  });
});

describe('notes', () => {
  test('[WBN1] notes are written as text on the tab that is named, read in SQL, and changed and removed', async () => {
    const board = await createBoard(organization.member, organization.organizationId, 'Notes');
    const added = await askBoards(organization.member, '/notes', {
      boardId: board,
      tab: 'goals',
      text: 'Ship\nit',
      color: 'green',
    });
    expect(added.status).toBe(201);
    const { noteId } = added.data;
    const read = async () => {
      const { data } = await organization.admin.db
        .from('whiteboard_notes')
        .select('tab, text, color')
        .eq('board_id', board);
      return data;
    };
    expect(await read()).toEqual([{ tab: 'Goals', text: 'Ship\nit', color: 'green' }]);
    await askBoards(organization.admin, '/notes', { boardId: board, noteId, text: 'Shipped' }, 'PATCH');
    expect(await read()).toEqual([{ tab: 'Goals', text: 'Shipped', color: 'green' }]);
    expect(
      (await askBoards(organization.outsider, '/notes', { boardId: board, noteId }, 'DELETE')).status,
    ).toBe(404);
    expect((await askBoards(organization.admin, '/notes', { boardId: board, noteId }, 'DELETE')).status).toBe(
      200,
    );
    expect(await read()).toEqual([]);
    const nowhere = await askBoards(organization.member, '/notes', {
      boardId: board,
      tab: 'Attic',
      text: 'x',
    });
    expect(nowhere).toMatchObject({ status: 404, error: { code: 'board_tab_not_found' } });
  });

  test('[WBN2] the REST API reads and writes them, where the plan has API access', async () => {
    const { organizationId: teamId, owner } = await makeOrganization();
    const token = owner.accessToken;
    const update = (body: object) => callApi('/whiteboard/update', { token, body });
    expect(await callApi('/whiteboard', { token })).toMatchObject({
      status: 404,
      error: { code: 'board_not_found' },
    });
    const boardId = await createBoard(owner, teamId, 'Plans');
    const added = await update({ action: 'add', tab: 'Vision', text: 'Be kind' });
    expect(added).toMatchObject({ status: 200, data: { teamId, boardId } });
    const { noteId } = UpdatedNote.parse(added.data);
    const read = async () => Whiteboard.parse((await callApi('/whiteboard', { token })).data);
    expect(await read()).toMatchObject({
      name: 'Plans',
      notes: [{ id: noteId, tab: 'Vision', content: 'Be kind', color: 'yellow' }],
    });
    await update({ action: 'change', noteId, color: 'red' });
    expect((await read()).notes).toMatchObject([{ content: 'Be kind', color: 'red' }]);
    await update({ action: 'remove', noteId });
    expect((await read()).notes).toEqual([]);
    expect(await update({ action: 'remove', noteId })).toMatchObject({
      status: 404,
      error: { code: 'board_note_not_found' },
    });
    expect((await callApi('/whiteboard', { token: 'nobody' })).status).toBe(401);
    await setPlan(teamId, 'free');
    expect(await callApi('/whiteboard', { token })).toMatchObject({
      status: 402,
      error: { resource: 'api_access' },
    });
  });

  test('[WBN3] the REST API answers any number of notes, page by page, each once', async () => {
    const { organizationId: teamId, owner } = await makeOrganization();
    const boardId = await createBoard(owner, teamId, 'Many');
    // Of one push they are as old as each other, and an id is whatever its maker likes.
    const plain = Array.from({ length: 1_199 }, (_, index) => `shape:${index}`);
    const ids = [...plain, 'shape:a",b)\\ é', 'shape:z'];
    await pushBoard(owner, boardId, [Object.assign({}, ...ids.map((id) => put(makeNote(id, place, id))))]);
    const read = async (query: Record<string, string>) =>
      callApi(`/whiteboard?${new URLSearchParams({ boardId, ...query })}`, { token: owner.accessToken });
    const readAll = async (limit: number): Promise<string[]> => {
      const found: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const query = { limit: String(limit), ...(cursor !== '' && { cursor }) };
        const page: Whiteboard = Whiteboard.parse((await read(query)).data);
        expect(page.notes.length).toBeLessThanOrEqual(limit);
        found.push(...page.notes.map(({ id }) => id));
        cursor = page.nextCursor;
      }
      return found;
    };
    const all = await readAll(500);
    expect(all.toSorted()).toEqual(ids.toSorted());
    expect(all.slice(-2)).toEqual(ids.slice(-2));
    expect(await readAll(400)).toEqual(all);
    expect(Whiteboard.parse((await read({})).data).notes).toHaveLength(500);
    for (const query of [{ limit: '501' }, { limit: '0' }, { cursor: 'x' }])
      expect(await read(query)).toMatchObject({ status: 400, error: { code: 'invalid_request' } });
  });
});
