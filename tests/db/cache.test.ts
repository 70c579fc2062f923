import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { readBalance, readLedger } from '../support/ledger.ts';
import { makeOrganization, makeProject, mintProxyKey } from '../support/organization.ts';
import { describeCall, describeSettlement } from './ledger-call.ts';
import { makeSpender } from './make-spender.ts';
import { makePricedModel } from './priced-model.ts';
import { openProxyLedger, type ProxyLedger } from './proxy-ledger.ts';
import { refusalOf } from './refusal.ts';

let ledger: ProxyLedger;
let model: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ledger = openProxyLedger(4);
  ({ model, remove } = await makePricedModel());
});
afterAll(async () => {
  await remove();
  await ledger.close();
});

const cached = { is_cached: true, saved_usd: '0.13' } as const;

async function begin({ proxyKey }: Caller, ofModel = model) {
  const call = describeCall(proxyKey, ofModel);
  const [reservation] = await ledger.reserve(call);
  if (reservation?.ok !== true) throw new Error(`Not reserved: ${JSON.stringify(reservation)}`);
  return { id: call.id, created_at: reservation.created_at };
}

type Project = { projectId: string; proxyKey: string };

async function makeProjectWithKey(options = {}) {
  const organization = await makeOrganization();
  const proxyKey = await mintProxyKey(organization.projectId, organization.owner, options);
  const { data } = await organization.owner.db
    .from('proxy_keys')
    .select('id')
    .eq('project_id', organization.projectId)
    .single()
    .throwOnError();
  return { ...organization, proxyKey, proxyKeyId: data.id };
}

const readSavings = ({ organizationId }: Pick<Caller, 'organizationId'>) => operatorSql()`
  select sum(calls)::int as calls, sum(saved_usd)::text as usd from public.cache_savings
  where organization_id = ${organizationId}`;

type Kept = { bytes?: number; maxAgeSeconds?: number; isOwnWish?: boolean };

async function keep(
  { projectId, proxyKey }: Project,
  digits: string[],
  { bytes = 10, maxAgeSeconds = 3600, isOwnWish = true }: Kept = {},
): Promise<unknown> {
  const answers = digits.map((digit) => ({
    call_id: randomUUID(),
    project_id: projectId,
    key_id: describeCall(proxyKey, model).key_id,
    is_own_wish: isOwnWish,
    digest: digit.repeat(64),
    cost_usd: '0.5',
    content_type: 'application/json',
    body: Buffer.alloc(bytes, digit).toString('base64'),
    max_age_seconds: maxAgeSeconds,
  }));
  const [row] = await ledger.sql`select private.remember_answers(${ledger.sql.json(answers)}) as kept`;
  return row?.['kept'];
}

async function find(projectId: string, digits: string[], at: Date, maxAgeSeconds = 3600): Promise<unknown> {
  const wishes = digits.map((digit) => ({
    project_id: projectId,
    digest: digit.repeat(64),
    max_age_seconds: maxAgeSeconds,
  }));
  const [row] =
    await ledger.sql`select private.find_cached_answers(${ledger.sql.json(wishes)}, ${at}) as found`;
  return row?.['found'];
}

const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1000);

test('[CDB1] a cached call is closed at no cost, and its savings are counted once', async () => {
  const caller = await makeSpender();
  const settlement = describeSettlement(await begin(caller), {}, cached);
  expect(await ledger.settle(settlement)).toEqual([{ settled: true, cost_usd: '0.0000000000' }]);
  expect(await ledger.settle(settlement)).toMatchObject([{ settled: false }]);
  expect(await readLedger(caller.organizationId)).toMatchObject([
    { is_cached: true, saved_usd: '0.1300000000', cost_usd: '0.0000000000', status: 'succeeded' },
  ]);
  expect(await readSavings(caller)).toEqual([{ calls: 1, usd: '0.1300000000' }]);
  expect(await readBalance(caller.organizationId)).toMatchObject({
    spent_usd: '0.0000000000',
    held_usd: '0.0000000000',
    rollup_calls: 1,
  });
});

test('[CDB2] a cached call of a model without a price costs nothing, rather than nobody knows what', async () => {
  const caller = await makeSpender();
  const { error } = await caller.owner.db
    .from('organizations')
    .update({ allows_unpriced_models: true })
    .eq('id', caller.organizationId);
  expect(error).toBeNull();
  const call = await begin(caller, `unknown-${randomUUID()}`);
  await ledger.settle(describeSettlement(call, {}, { is_cached: true, saved_usd: null }));
  expect(await readLedger(caller.organizationId)).toMatchObject([
    { is_cached: true, saved_usd: null, cost_usd: '0.0000000000' },
  ]);
  expect(await readSavings(caller)).toEqual([{ calls: 1, usd: '0.0000000000' }]);
});

test('[CDB3] settled together with others, each counts for itself', async () => {
  const caller = await makeSpender();
  const calls = [await begin(caller), await begin(caller), await begin(caller)];
  const usage = { input_tokens: 1000, output_tokens: 30 };
  const [first, second, third] = calls.map((call) => describeSettlement(call, usage));
  if (!first || !second || !third) throw new Error('Three were begun.');
  const noTokens = { usage: describeSettlement(first).usage };
  await ledger.settle(first, { ...second, ...noTokens, ...cached }, { ...third, ...noTokens, ...cached });
  expect(await readSavings(caller)).toEqual([{ calls: 2, usd: '0.2600000000' }]);
  expect(await readBalance(caller.organizationId)).toMatchObject({
    spent_usd: '0.1300000000',
    rollups_usd: '0.1300000000',
    held_usd: '0.0000000000',
  });
});

test('[CDB4] an answer from the cache says nothing of whether a credential works', async () => {
  const caller = await makeSpender();
  const readFailures = async () =>
    (
      await operatorSql()`select failures_in_a_row as failures from public.credential_health
        where organization_id = ${caller.organizationId}`
    )[0]?.['failures'];
  const upstream_failure = { code: 'upstream_500', retry_after_seconds: null };
  const failed = { status: 'failed', http_status: 500, upstream_failure } as const;
  await ledger.settle(describeSettlement(await begin(caller), {}, failed));
  expect(await readFailures()).toBe(1);
  await ledger.settle(describeSettlement(await begin(caller), {}, cached));
  expect(await readFailures()).toBe(1);
  await ledger.settle(describeSettlement(await begin(caller)));
  expect(await readFailures()).toBe(0);
});

test('[CDB5] what is kept twice at once is kept once, and what is asked for together is answered in order', async () => {
  const project = await makeProjectWithKey();
  const { projectId, organizationId, owner } = project;
  const other = await makeProject(organizationId, owner, 'Other');
  expect(await keep(project, ['a', 'b', 'a'])).toEqual([false, true, true]);
  expect(await find(projectId, ['c', 'a', 'b'], inSeconds(1))).toEqual([
    null,
    {
      content_type: 'application/json',
      body: Buffer.alloc(10, 'a').toString('base64'),
      cost_usd: '0.5000000000',
    },
    expect.objectContaining({ body: Buffer.alloc(10, 'b').toString('base64') }),
  ]);
  expect(await find(other, ['a'], inSeconds(1))).toEqual([null]);
  await Promise.all([keep(project, ['a', 'b']), keep(project, ['b', 'a']), keep(project, ['a', 'b'])]);
  expect(await find(projectId, ['a', 'b'], inSeconds(1))).not.toContain(null);
});

test('[CDB6] an answer is found until it is as old as whoever asks accepts, and gone when nobody does', async () => {
  const project = await makeProjectWithKey();
  const { projectId } = project;
  await keep(project, ['a'], { maxAgeSeconds: 60 });
  expect(await find(projectId, ['a'], inSeconds(50), 3600)).not.toEqual([null]);
  expect(await find(projectId, ['a'], inSeconds(50), 40)).toEqual([null]);
  expect(await find(projectId, ['a'], inSeconds(61), 3600)).toEqual([null]);
  await operatorSql()`select private.purge_cached_answers(${inSeconds(61)})`;
  expect(await find(projectId, ['a'], inSeconds(1))).toEqual([null]);
});

test('[CDB7] of a project the newest hundred megabytes stay, and what is full takes nothing up', async () => {
  const project = await makeProjectWithKey();
  const { projectId } = project;
  await keep(project, ['a', 'b']);
  // At once, since the schedule purges too.
  await operatorSql().begin(async (sql) => {
    await sql`
    insert into private.cached_answers (project_id, digest, proxy_key_id, call_id, content_type, body, created_at, expires_at)
    select ${projectId}, lpad(to_hex(n), 64, '0'), ${project.proxyKeyId}, gen_random_uuid(), 'application/json',
      convert_to(repeat('x', 262144), 'utf8'), now() - make_interval(secs => n), now() + interval '1 day'
    from generate_series(1, 401) n`;
    await sql`select private.measure_caches()`;
  });
  expect(await keep(project, ['c'])).toEqual([false]);
  await operatorSql()`select private.purge_cached_answers(now())`;
  const [left] = await operatorSql()`select count(*)::int as count, sum(size)::int as bytes,
      bool_or(digest in (lpad(to_hex(400), 64, '0'), lpad(to_hex(401), 64, '0'))) as has_oldest
    from private.cached_answers where project_id = ${projectId}`;
  expect(left).toEqual({ count: 401, bytes: 399 * 262_144 + 20, has_oldest: false });
  await operatorSql()`select private.measure_caches()`;
  expect(await keep(project, ['c'])).toEqual([true]);
  await operatorSql()`delete from private.cached_answers where project_id = ${projectId}`;
});

test('[CDB8] a project that is archived keeps no more, and one that is deleted takes its answers along', async () => {
  const project = await makeProjectWithKey();
  const { projectId, owner } = project;
  await keep(project, ['a']);
  await owner.db.from('projects').update({ archived_at: new Date().toISOString() }).eq('id', projectId);
  expect(await find(projectId, ['a'], inSeconds(1))).toEqual([null]);
  expect(await keep(project, ['b'])).toEqual([false]);
  await operatorSql()`delete from public.projects where id = ${projectId}`;
  expect(await find(projectId, ['a'], inSeconds(1))).toEqual([null]);
});

test('[CDB9] admins empty a cache, members do not', async () => {
  const project = await makeProjectWithKey();
  const { projectId, admin, member } = project;
  await keep(project, ['a', 'b']);
  const forget = { project_id: projectId };
  expect(refusalOf(await member.db.rpc('forget_cached_answers', forget))).toMatchObject({ status: 403 });
  expect((await admin.db.rpc('forget_cached_answers', forget)).data).toBe(2);
  expect(await find(projectId, ['a'], inSeconds(1))).toEqual([null]);
});

test('[CDB10] with a key its answers go: when it is revoked, deleted, or asks for none any more', async () => {
  const project = await makeProjectWithKey({ cache_seconds: 3600 });
  const { projectId, owner, proxyKeyId } = project;
  const second = { projectId, proxyKey: await mintProxyKey(projectId, owner, { name: 'Second' }) };
  await keep(project, ['a']);
  await keep(second, ['b']);
  await owner.db.from('proxy_keys').update({ cache_seconds: null }).eq('id', proxyKeyId).throwOnError();
  expect(await find(projectId, ['a', 'b'], inSeconds(1))).toEqual([null, expect.anything()]);
  // A call that asks by itself still may; one whose key asked for it came too late.
  expect(await keep(project, ['c', 'd'], { isOwnWish: false })).toEqual([false, false]);
  expect(await keep(project, ['c'])).toEqual([true]);
  await owner.db.rpc('revoke_proxy_key', { id: proxyKeyId }).throwOnError();
  expect(await keep(project, ['d'])).toEqual([false]);
  expect(await find(projectId, ['b', 'c'], inSeconds(1))).toEqual([expect.anything(), null]);
  await operatorSql()`delete from public.proxy_keys where project_id = ${projectId}`;
  expect(await find(projectId, ['b'], inSeconds(1))).toEqual([null]);
});

test('[CDB11] what was written in the moment in which its key was revoked is purged', async () => {
  const project = await makeProjectWithKey();
  await operatorSql()`update public.proxy_keys set revoked_at = now() where id = ${project.proxyKeyId}`;
  await operatorSql()`
    insert into private.cached_answers (project_id, digest, proxy_key_id, call_id, content_type, body, created_at, expires_at)
    values (${project.projectId}, ${'e'.repeat(64)}, ${project.proxyKeyId}, ${randomUUID()}, 'application/json', 'x', now(),
      now() + interval '1 day')`;
  await operatorSql()`select private.purge_cached_answers(now())`;
  expect(await find(project.projectId, ['e'], inSeconds(1))).toEqual([null]);
});

test('[CDB12] what is remembered while its key is being revoked waits for that, and is not kept', async () => {
  const project = await makeProjectWithKey();
  const revoking = await operatorSql().begin(async (session) => {
    await session`update public.proxy_keys set revoked_at = now() where id = ${project.proxyKeyId}`;
    const [row] = await session`select pg_backend_pid() as pid`;
    const keeping = keep(project, ['a']);
    await expect
      .poll(async () => {
        const [blocked] = await operatorSql()`
          select count(*)::int as count from pg_stat_activity a where ${Number(row?.['pid'])} = any (pg_blocking_pids(a.pid))`;
        return blocked?.['count'];
      })
      .toBe(1);
    return { keeping };
  });
  expect(await revoking.keeping).toEqual([false]);
  expect(await find(project.projectId, ['a'], inSeconds(1))).toEqual([null]);
});

test('[CDB13] an answer that another key has left anew is kept for as long as that one asks', async () => {
  const project = await makeProjectWithKey();
  const { projectId, owner } = project;
  const second = { projectId, proxyKey: await mintProxyKey(projectId, owner, { name: 'Second' }) };
  await keep(project, ['a'], { maxAgeSeconds: 3000 });
  await keep(project, ['a'], { maxAgeSeconds: 60 });
  expect(await find(projectId, ['a'], inSeconds(120))).toEqual([expect.anything()]);
  await keep(second, ['a'], { maxAgeSeconds: 60 });
  expect(await find(projectId, ['a'], inSeconds(30))).toEqual([expect.anything()]);
  expect(await find(projectId, ['a'], inSeconds(120))).toEqual([null]);
});
