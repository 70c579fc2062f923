import { randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { createClient } from '@supabase/supabase-js';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { refusalOf } from '../db/refusal.ts';
import { addOldCalls, monthOf, partitionOf, runArchiveJob } from '../support/old-calls.ts';
import { operatorSql } from '../support/database.ts';
import { makeOrganization, setPlan, type Organization } from '../support/organization.ts';
import type { Db } from '../support/person.ts';
import { readReady } from '../support/ready.ts';

/** Of this many calls the first organization's month has two parts. */
const manyCalls = 5_003;
const fewCalls = 4;

/** The month's rows as they are, every column of them, by their hash. */
async function readRows({ organizationId }: Organization, month: string) {
  const [row] = await operatorSql()`
    select count(*)::int as calls, md5(string_agg(u::text, '|' order by created_at, id)) as hash from public.ai_usage u
    where organization_id = ${organizationId} and settled_at >= ${month} and settled_at < ${month}::timestamptz + interval '1 month'`;
  return { calls: Number(row?.['calls']), hash: row?.['hash'] };
}

/** As the scheduler does, until the month is out of the ledger and gone. */
async function dropMonth(month: string): Promise<void> {
  const isGone = async (): Promise<boolean> => {
    await operatorSql()`select private.retire_usage_months(now())`;
    await operatorSql()`select private.drop_detached_months()`;
    const [row] =
      await operatorSql()`select to_regclass(${`private.${partitionOf(month)}`}) is null as is_gone`;
    return row?.['is_gone'] === true;
  };
  await expect.poll(isGone, { timeout: 20_000 }).toBe(true);
}

async function listParts({ organizationId }: Organization) {
  return [
    ...(await operatorSql()`
      select part, path, calls, cost_usd::text, month::text from public.usage_archives
      where organization_id = ${organizationId} order by month, part`),
  ];
}

const operatorStorage = () => {
  const { url, secretKey } = readReady();
  return createClient(url, secretKey, { auth: { persistSession: false } }).storage.from('usage-archives');
};
const download = async (db: Db, path: string) =>
  (await db.storage.from('usage-archives').download(path)).data;
const isStored = async (path: string): Promise<boolean> =>
  (await operatorStorage().download(path)).data !== null;

describe('what is older than 90 days', () => {
  const month = monthOf(6);
  let big: Organization;
  let small: Organization;
  let rows: Awaited<ReturnType<typeof readRows>>;
  let counts: Record<string, number>[];
  let usd: unknown;

  beforeAll(async () => {
    [big, small] = [await makeOrganization(), await makeOrganization()];
    await addOldCalls(big, month, manyCalls);
    await addOldCalls(small, month, fewCalls);
    rows = await readRows(big, month);
    const [sum] = await operatorSql()`
      select sum(cost_usd)::text as usd from public.ai_usage where organization_id = ${big.organizationId}`;
    usd = sum?.['usd'];
    // Two at once: the scheduler asks again whether or not the last run has ended.
    counts = await Promise.all([runArchiveJob(), runArchiveJob()]);
  }, 120_000);

  test('[ARC1] is in numbered parts per organization and month, each call once', async () => {
    expect(counts.map(({ failures }) => failures)).toEqual([0, 0]);
    const parts = await listParts(big);
    expect(parts.map(({ part, calls }) => [part, calls])).toEqual([
      [1, 5000],
      [2, 3],
    ]);
    const [archived] = await operatorSql()`
      select sum(cost_usd)::text as usd from public.usage_archives where organization_id = ${big.organizationId}`;
    expect(archived?.['usd']).toBe(usd);
    expect((await listParts(small)).map(({ calls }) => calls)).toEqual([fewCalls]);
    expect(
      parts.every(({ path }) => String(path).startsWith(`${big.organizationId}/${month.slice(0, 7)}/`)),
    ).toBe(true);
  });

  test('[ARC2] admins load it, nobody else, and only as far back as the plan shows', async () => {
    const path = String((await listParts(small))[0]?.['path']);
    const file = await download(small.admin.db, path);
    const text = gunzipSync(Buffer.from((await file?.arrayBuffer()) ?? new ArrayBuffer(0))).toString();
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => z.object({ user_id: z.string() }).parse(JSON.parse(line)).user_id),
    ).toEqual(Array(fewCalls).fill('zoë "z" \\ n'));
    for (const { db } of [small.member, small.outsider, big.admin])
      expect(await download(db, path)).toBeNull();
    expect(await download(small.anonymous, path)).toBeNull();
    await setPlan(small.organizationId, 'free');
    expect(await download(small.admin.db, path)).toBeNull();
    expect((await small.admin.db.from('usage_archives').select()).data).toEqual([]);
    await setPlan(small.organizationId, 'enterprise');
    expect((await small.admin.db.from('usage_archives').select()).data).toHaveLength(1);
  });

  test('[ARC3] is dropped only when all of it is archived', async () => {
    const sql = operatorSql();
    const isArchived = async () => (await sql`select private.is_archived(${month}) as yes`)[0]?.['yes'];
    expect(await isArchived()).toBe(true);
    await sql`update public.usage_archives set calls = calls - 1 where organization_id = ${small.organizationId}`;
    expect(await isArchived()).toBe(false);
    await sql`update public.usage_archives set calls = calls + 1 where organization_id = ${small.organizationId}`;
    expect(await isArchived()).toBe(true);
  });

  test('[ARC4] leaves the ledger, while the rollups stay', async () => {
    const readSums = () => operatorSql()`
      select sum(calls)::int as calls, sum(cost_usd)::text as usd from public.usage_facts
      where organization_id = ${big.organizationId}`;
    const [before] = await readSums();
    await dropMonth(month);
    expect(await readRows(big, month)).toMatchObject({ calls: 0 });
    const [after] = await readSums();
    expect(after).toEqual(before);
    expect(after?.['calls']).toBe(manyCalls);
  });

  test('[ARC5] comes back as it was when an admin asks, for a time', async () => {
    const ask = ({ db }: { db: Db }) =>
      db.rpc('restore_usage_archive', { organization_id: big.organizationId, month });
    expect(refusalOf(await ask(big.member))).toMatchObject({ status: 403 });
    expect(refusalOf(await ask(big.outsider))).toMatchObject({ status: 404 });
    expect(refusalOf(await ask(big.admin))).toBeNull();
    // Asking starts the job; once more is harmless.
    await runArchiveJob();
    await expect.poll(() => readRows(big, month), { timeout: 20_000 }).toEqual(rows);
    expect(await readRows(small, month)).toMatchObject({ calls: 0 });
    const { data } = await big.admin.db.from('usage_restores').select('parts, parts_done').single();
    expect(data).toEqual({ parts: 2, parts_done: 2 });
    await runArchiveJob();
    expect(await readRows(big, month)).toEqual(rows);
    await operatorSql()`select private.retire_usage_months(now())`;
    expect(await readRows(big, month)).toEqual(rows);
    await operatorSql()`update public.usage_restores set restored_until = now() where organization_id = ${big.organizationId}`;
    await dropMonth(month);
    expect(await readRows(big, month)).toMatchObject({ calls: 0 });
  });

  test('[ARC6] goes from the bucket when its organization is deleted', async () => {
    const paths = (await listParts(big)).map(({ path }) => String(path));
    expect(await Promise.all(paths.map(isStored))).toEqual([true, true]);
    const { data } = await big.owner.db
      .from('organizations')
      .select('slug')
      .eq('id', big.organizationId)
      .single();
    const deleted = await big.owner.db.rpc('delete_organization', {
      organization_id: big.organizationId,
      slug: data?.slug ?? '',
    });
    expect(refusalOf(deleted)).toBeNull();
    await runArchiveJob();
    expect(await Promise.all(paths.map(isStored))).toEqual([false, false]);
    expect(await isStored(String((await listParts(small))[0]?.['path']))).toBe(true);
  });

  test('[ARC7] goes after two years', async () => {
    const [{ path } = { path: '' }] = await listParts(small);
    const expire = (at: string) =>
      operatorSql()`select private.expire_archives(${month}::timestamptz + ${at}::interval)`;
    await expire('24 months');
    expect(await listParts(small)).toHaveLength(1);
    await expire('25 months');
    expect(await listParts(small)).toHaveLength(0);
    await runArchiveJob();
    expect(await isStored(String(path))).toBe(false);
  });
});

test('[ARC10] rows of an organization that is deleted while its month is on its way out do not stay', async () => {
  const [gone, other] = [await makeOrganization(), await makeOrganization()];
  const month = monthOf(7);
  await addOldCalls(gone, month, fewCalls);
  await addOldCalls(other, month, fewCalls);
  await runArchiveJob();
  const sql = operatorSql();
  // The job of each minute may have been first.
  const isOut = async () =>
    (
      await sql`
      select case when exists (select from pg_inherits where inhrelid = to_regclass(${`private.${partitionOf(month)}`}))
        then private.detach_usage_partition(${partitionOf(month)}) else true end as yes`
    )[0]?.['yes'];
  await expect.poll(isOut, { timeout: 20_000 }).toBe(true);
  await sql`delete from public.organizations where id = ${gone.organizationId}`;
  await dropMonth(month);
});

test('[ARC8] a part that was stored and never recorded does not stay', async () => {
  const path = `${randomUUID()}/2026-01/0001-1.ndjson.gz`;
  const { error } = await operatorStorage().upload(path, new Uint8Array([1]));
  expect(error).toBeNull();
  await operatorSql()`insert into private.stale_objects values ('usage-archives', ${path}, now() + interval '1 hour')`;
  await runArchiveJob();
  expect(await isStored(path)).toBe(true);
  await operatorSql()`update private.stale_objects set remove_after = now() - interval '1 second' where path = ${path}`;
  await runArchiveJob();
  expect(await isStored(path)).toBe(false);
});

test('[ARC9] who lost the lease writes nothing', async () => {
  const organization = await makeOrganization();
  const month = monthOf(8);
  await addOldCalls(organization, month, fewCalls);
  const { organizationId } = organization;
  await operatorSql()`
    insert into private.archive_tasks values (${organizationId}, ${month}, 2, now() + interval '1 hour', null)`;
  const read = (attempt: number) =>
    operatorSql()`select * from public.read_archive_part(${organizationId}, ${month}, ${attempt}, 10)`;
  await expect(read(1)).rejects.toThrow('lease_lost');
  const [part] = await read(2);
  expect(part?.['calls']).toBe(fewCalls);
  const record = (calls: number) => operatorSql()`
    select public.record_archive_part(${organizationId}, ${month}, 2, 1, ${part?.['path']}, ${calls}, ${part?.['cost_usd']},
      ${part?.['first_call_at']}, ${part?.['last_call_at']}, ${part?.['last_call_id']}, 1, ${'0'.repeat(64)})`;
  await expect(record(fewCalls - 1)).rejects.toThrow('archive_differs');
  await expect(operatorSql()`select public.finish_archive(${organizationId}, ${month}, 2)`).rejects.toThrow(
    'archive_differs',
  );
  await operatorSql()`delete from public.organizations where id = ${organizationId}`;
});
