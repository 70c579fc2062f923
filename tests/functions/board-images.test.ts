import { randomUUID } from 'node:crypto';
import { createClient } from '@supabase/supabase-js';
import { beforeAll, expect, test } from 'vitest';
import { askBoards, createBoard, pushBoard } from '../support/board-client.ts';
import { makeBox } from '../support/board-shapes.ts';
import { operatorSql } from '../support/database.ts';
import { makeOrganization, type Organization, setPlan } from '../support/organization.ts';
import type { Person } from '../support/person.ts';
import { readReady } from '../support/ready.ts';

let organization: Organization;
beforeAll(async () => {
  organization = await makeOrganization();
});

const newBoard = (): Promise<string> => createBoard(organization.member, organization.organizationId);

const begin = (person: Person, boardId: string, bytes: number) =>
  askBoards(person, '/images', { boardId, type: 'image/png', bytes });

/** Answers its path. */
async function upload(person: Person, boardId: string, bytes = 8): Promise<string> {
  const { bucket, path, token } = (await begin(person, boardId, bytes)).data;
  const { error } = await person.db.storage
    .from(bucket)
    .uploadToSignedUrl(path, token, new Uint8Array(bytes), { contentType: 'image/png' });
  if (error) throw error;
  return path;
}

/** On the board, as tldraw puts it there. */
async function show(boardId: string, path: string): Promise<string> {
  const [assetId, id] = [`asset:${randomUUID()}`, `shape:${randomUUID()}`];
  const props = { w: 9, h: 9, name: '', isAnimated: false, mimeType: 'image/png', src: `asset:${path}` };
  const asset = { id: assetId, typeName: 'asset', type: 'image', meta: {}, props };
  const shape = {
    ...makeBox(id, { parentId: 'page:vision', x: 0, y: 0 }),
    type: 'image',
    props: {
      w: 9,
      h: 9,
      playing: true,
      url: '',
      assetId,
      crop: null,
      flipX: false,
      flipY: false,
      altText: '',
    },
  };
  const { data } = await pushBoard(organization.member, boardId, [
    { [assetId]: ['put', asset], [id]: ['put', shape] },
  ]);
  expect(data.refused).toEqual([]);
  return id;
}

async function isStored(path: string): Promise<boolean> {
  const { url, secretKey } = readReady();
  const storage = createClient(url, secretKey, { auth: { persistSession: false } }).storage;
  return (await storage.from('board-images').download(path)).data !== null;
}

async function runRemoval(): Promise<void> {
  const { url, jobsSecret } = readReady();
  const answer = await fetch(`${url}/functions/v1/whiteboard/jobs/remove-images`, {
    method: 'POST',
    headers: { 'x-jobs-secret': jobsSecret },
  });
  expect(answer.status).toBe(200);
}

/** As if it had been uploaded long ago. */
const age = (path: string) =>
  operatorSql()`update private.board_images set created_at = now() - interval '1 day' where path = ${path}`;

const release = (days: number) =>
  operatorSql()`select private.release_board_images(now() + make_interval(days => ${days}))`;

test('[WBI1] with a board its images go, and those of other boards stay', async () => {
  const [doomed, other] = [await newBoard(), await newBoard()];
  const [old, late, kept] = [
    await upload(organization.member, doomed),
    await upload(organization.member, doomed),
    await upload(organization.member, other),
  ];
  await age(old);
  const never = (await begin(organization.member, doomed, 8)).data.path;
  await age(never);
  await organization.admin.db.from('boards').delete().eq('id', doomed).throwOnError();
  await runRemoval();
  // To the address of the other one something may still be uploaded.
  expect([await isStored(old), await isStored(late), await isStored(kept)]).toEqual([false, true, true]);
  await operatorSql()`update private.stale_objects set remove_after = now() where path = ${late}`;
  await runRemoval();
  expect([await isStored(late), await isStored(kept)]).toEqual([false, true]);
  const [left] = await operatorSql()`
    select count(*)::int as count from private.stale_objects where path = any (${[old, late, never]})`;
  expect(left?.['count']).toBe(0);
});

test('[WBI2] an image that nothing has shown for a week goes; what a board or a version shows stays', async () => {
  const boardId = await newBoard();
  const [shown, kept, unused] = [
    await upload(organization.member, boardId),
    await upload(organization.member, boardId),
    await upload(organization.member, boardId),
  ];
  for (const path of [shown, kept, unused]) await age(path);
  const [shownId, keptId] = [await show(boardId, shown), await show(boardId, kept)];
  const { error } = await organization.member.db.rpc('save_board_snapshot', {
    board_id: boardId,
    name: 'Kept',
  });
  expect(error).toBeNull();
  await pushBoard(organization.member, boardId, [{ [keptId]: ['remove'] }]);
  await release(6);
  await runRemoval();
  expect(await isStored(unused)).toBe(true);
  await release(8);
  await runRemoval();
  expect([await isStored(shown), await isStored(kept), await isStored(unused)]).toEqual([true, true, false]);
  // From when it is taken away a week is counted anew, in which it may come back.
  await operatorSql()`delete from public.board_snapshots where board_id = ${boardId}`;
  await pushBoard(organization.member, boardId, [{ [shownId]: ['remove'] }]);
  await release(9);
  await release(15);
  await runRemoval();
  expect([await isStored(shown), await isStored(kept)]).toEqual([true, true]);
  await release(17);
  await runRemoval();
  expect([await isStored(shown), await isStored(kept)]).toEqual([false, false]);
});

test('[WBI3] a plan has room for so many bytes of images, which are counted as they are', async () => {
  const { organizationId, owner } = await makeOrganization();
  await setPlan(organizationId, 'enterprise', { board_image_mb: '11' });
  const boardId = await createBoard(owner, organizationId);
  await upload(owner, boardId, 900_000);
  const tooLarge = await begin(owner, boardId, 10_300_000);
  expect(tooLarge).toMatchObject({
    status: 402,
    error: {
      code: 'plan_limit_exceeded',
      resource: 'board_image_mb',
      limit: 11,
      used: 1,
      plan: 'enterprise',
    },
  });
  // What is on its way may be as large as the bucket takes it, whatever was said of it.
  expect((await begin(owner, boardId, 1)).status).toBe(201);
  expect((await begin(owner, boardId, 100_000)).status).toBe(402);
  await operatorSql()`
    update private.board_images set created_at = now() - interval '4 hours' where board_id = ${boardId}`;
  expect((await begin(owner, boardId, 100_000)).status).toBe(201);
  const both = await Promise.all([begin(owner, boardId, 1_000_000), begin(owner, boardId, 1_000_000)]);
  expect(both.map(({ status }) => status)).toEqual([402, 402]);
});
