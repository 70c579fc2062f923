import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { addBudget } from '../support/add-budget.ts';
import type { Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { makeOrganization, mintProxyKey } from '../support/organization.ts';
import { setRateLimit } from '../support/set-rate-limit.ts';
import { describeCall, describeSettlement } from './ledger-call.ts';
import { makeSpender } from './make-spender.ts';
import { makePricedModel } from './priced-model.ts';
import { openProxyLedger, type ProxyLedger } from './proxy-ledger.ts';

let ledger: ProxyLedger;
let model: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ledger = openProxyLedger(20);
  ({ model, remove } = await makePricedModel());
});
afterAll(async () => {
  await remove();
  await ledger.close();
});

/** A call of 1,000 tokens in and, as it is held, 100 out. */
async function reserve(caller: Pick<Caller, 'proxyKey'>, howMany = 1) {
  const calls = Array.from({ length: howMany }, () => describeCall(caller.proxyKey, model));
  const answers = await ledger.reserve(...calls);
  return answers.map((answer, i) => ({ ...answer, id: calls[i]?.id ?? '' }));
}

/** A hundred at once: half of them alone, half in arrays of five. */
async function reserveHundred(caller: Caller) {
  const sizes = [...Array.from({ length: 50 }, () => 1), ...Array.from({ length: 10 }, () => 5)];
  const answers = (await Promise.all(sizes.map((size) => reserve(caller, size)))).flat();
  expect(answers).toHaveLength(100);
  const refused = answers.filter(({ ok }) => !ok);
  expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['rate_limited']));
  return { admitted: answers.filter(({ ok }) => ok), refused };
}

const Limit = z.object({
  id: z.string(),
  open_calls: z.number(),
  requests: z.coerce.number(),
  tokens: z.coerce.number(),
});

async function readLimit(caller: Pick<Caller, 'organizationId'>, scopeId = caller.organizationId) {
  const [row] = await operatorSql()`
    select id, open_calls, private.sum_slots(request_slots) as requests, private.sum_slots(token_slots) as tokens
    from public.rate_limits where organization_id = ${caller.organizationId} and scope_id = ${scopeId}`;
  return Limit.parse(row);
}

test('[RATE1] of a hundred calls at once exactly as many pass as a minute may have requests', async () => {
  const caller = await makeSpender();
  await setRateLimit(caller, { requests_per_minute: 10 });
  const { admitted, refused } = await reserveHundred(caller);
  expect(admitted).toHaveLength(10);
  expect(refused[0]?.details).toMatchObject({
    scope: 'organization',
    unit: 'requests',
    limit: 10,
    needed: 1,
  });
  expect(await readLimit(caller)).toMatchObject({ requests: 10 });
});

test('[RATE2] … and tokens, which a settlement puts right', async () => {
  const caller = await makeSpender();
  await setRateLimit(caller, {
    scope: 'project',
    scope_id: caller.projectId,
    tokens_per_minute: 11_000,
  });
  const { admitted, refused } = await reserveHundred(caller);
  expect(admitted).toHaveLength(10);
  expect(refused[0]?.details).toMatchObject({ scope: 'project', scope_name: 'Project', unit: 'tokens' });
  const [first, second] = admitted;
  if (first === undefined || second === undefined) throw new Error('None was admitted.');
  // One used a hundred fewer than were held for it, one used fifty more.
  await ledger.settle(describeSettlement(first, { input_tokens: 1000, output_tokens: 0 }));
  expect(await readLimit(caller, caller.projectId)).toMatchObject({ tokens: 10_900 });
  await ledger.settle(describeSettlement(second, { input_tokens: 1050, output_tokens: 100 }));
  expect(await readLimit(caller, caller.projectId)).toMatchObject({ tokens: 10_950 });
});

test('[RATE12] … and what a call that grows holds beyond its first hold, while it grows', async () => {
  const caller = await makeSpender();
  await setRateLimit(caller, { tokens_per_minute: 100_000 });
  const call = describeCall(caller.proxyKey, model, { max_output_tokens: 50_000 });
  const [reservation] = await ledger.reserve(call);
  const held = reservation?.held_output_tokens ?? 0;
  expect(await readLimit(caller)).toMatchObject({ tokens: 1000 + held });
  const [extended] = await ledger.extend({
    id: call.id,
    created_at: reservation?.created_at ?? '',
    output_tokens: 4000,
    lease_seconds: 60,
  });
  const grown = extended?.held_output_tokens ?? 0;
  expect(grown).toBeGreaterThanOrEqual(4000);
  expect(await readLimit(caller)).toMatchObject({ tokens: 1000 + grown });
  await ledger.settle(
    describeSettlement({ ...call, created_at: null }, { input_tokens: 1000, output_tokens: 4100 }),
  );
  expect(await readLimit(caller)).toMatchObject({ tokens: 5100 });
});

test('[RATE3] … and as may be open, which is free again when they are settled, whatever became of them', async () => {
  const caller = await makeSpender();
  const key = await operatorSql()`select id from public.proxy_keys where project_id = ${caller.projectId}`;
  const scopeId = String(key[0]?.['id']);
  await setRateLimit(caller, { scope: 'proxy_key', scope_id: scopeId, max_open_calls: 10 });
  const { admitted, refused } = await reserveHundred(caller);
  expect(admitted).toHaveLength(10);
  expect(refused[0]?.details).toMatchObject({ scope: 'proxy_key', unit: 'open_calls', limit: 10 });
  const [lost, ...others] = admitted;
  if (lost === undefined) throw new Error('None was admitted.');
  await ledger.settle(...others.map((call) => describeSettlement(call)));
  await ledger.settle(...others.map((call) => describeSettlement(call)));
  expect(await readLimit(caller, scopeId)).toMatchObject({ open_calls: 1 });
  // The one whose process died is swept, and settled late.
  await operatorSql()`update public.open_calls set lease_until = now() - interval '1 minute' where id = ${lost.id}`;
  await operatorSql()`select private.sweep_expired_calls()`;
  // The schedule's sweep may be at it already.
  await expect.poll(() => readLimit(caller, scopeId)).toMatchObject({ open_calls: 0 });
  await ledger.settle(describeSettlement(lost));
  expect(await readLimit(caller, scopeId)).toMatchObject({ open_calls: 0 });
  expect((await reserve(caller, 11)).filter(({ ok }) => ok)).toHaveLength(10);
});

test('[RATE4] no sixty seconds see more than the limit, and what is used frees up bit by bit', async () => {
  const caller = await makeSpender();
  await setRateLimit(caller, { requests_per_minute: 20 });
  const { id } = await readLimit(caller);
  // Two calls every three seconds, for five minutes.
  const startAt = Date.UTC(2026, 0, 1, 12, 0, 1);
  const moments = Array.from({ length: 200 }, (_, n) => startAt + n * 1500);
  const admitted: number[] = [];
  await operatorSql().begin(async (sql) => {
    for (const moment of moments) {
      const [row] = await sql`
        select refusal from private.count_in_rate_limits(${[id]}, 1, 0, ${new Date(moment)})`;
      if (row?.['refusal'] === null) admitted.push(moment);
    }
  });
  const busiest = Math.max(
    ...admitted.map((from) => admitted.filter((at) => at >= from && at < from + 60_000).length),
  );
  expect(busiest).toBe(20);
  // Five minutes of the limit, less what the coarse edge of the minute costs.
  expect(admitted.length).toBeGreaterThanOrEqual(90);
});

test('[RATE5] the wait that a refusal names is enough, and not much too long', async () => {
  const caller = await makeSpender();
  await setRateLimit(caller, { requests_per_minute: 3 });
  const { id } = await readLimit(caller);
  const ask = async (moment: number) => {
    const [row] = await operatorSql()`
      select refusal ->> 'retry_after_seconds' as wait, rates
      from private.count_in_rate_limits(${[id]}, 1, 0, ${new Date(moment)})`;
    return { wait: z.string().nullable().parse(row?.['wait']), rates: row?.['rates'] };
  };
  const startAt = Date.UTC(2026, 0, 1, 12, 0, 2);
  expect((await ask(startAt)).rates).toMatchObject({ requests: { limit: 3, remaining: 2 }, tokens: null });
  await ask(startAt + 20_000);
  expect((await ask(startAt + 30_000)).rates).toMatchObject({ requests: { limit: 3, remaining: 0 } });
  const { wait } = await ask(startAt + 40_000);
  expect(Number(wait)).toBeGreaterThan(20);
  expect(Number(wait)).toBeLessThanOrEqual(25);
  expect((await ask(startAt + 40_000 + (Number(wait) - 5) * 1000)).wait).not.toBeNull();
  expect((await ask(startAt + 40_000 + Number(wait) * 1000)).wait).toBeNull();
});

test('[RATE6] an organization may make 100 requests a minute and a credential 60, until an admin says otherwise', async () => {
  const { organizationId, owner } = await makeOrganization();
  await owner.db.rpc('enable_sandbox', { organization_id: organizationId });
  const { data } = await owner.db
    .from('rate_limits')
    .select('scope, requests_per_minute, tokens_per_minute, max_open_calls')
    .eq('organization_id', organizationId)
    .order('scope');
  const rest = { tokens_per_minute: null, max_open_calls: null };
  expect(data).toEqual([
    { scope: 'credential', requests_per_minute: 60, ...rest },
    { scope: 'organization', requests_per_minute: 100, ...rest },
  ]);
  await setRateLimit({ organizationId, owner }, {});
  const { data: lifted } = await owner.db
    .from('rate_limits')
    .select('requests_per_minute')
    .eq('scope_id', organizationId);
  expect(lifted).toEqual([{ requests_per_minute: null }]);
});

test('[RATE7] a call that a budget refuses does not count', async () => {
  const caller = await makeSpender();
  await setRateLimit(caller, { requests_per_minute: 5, tokens_per_minute: 100_000, max_open_calls: 5 });
  await addBudget(caller, { limit_usd: 0 });
  const [refused] = await reserve(caller);
  expect(refused).toMatchObject({ ok: false, code: 'budget_exceeded' });
  expect(await readLimit(caller)).toMatchObject({ requests: 0, tokens: 0, open_calls: 0 });
});

test('[RATE8] a call that a limit refuses holds nothing, and stands in the ledger', async () => {
  const caller = await makeSpender();
  await setRateLimit(caller, { requests_per_minute: 0 });
  const [refused] = await reserve(caller);
  expect(refused).toMatchObject({ ok: false, code: 'rate_limited' });
  const [row] = await operatorSql()`
    select u.status, u.error_code, u.cost_usd::float8 as cost, c.held_usd::float8 as held
    from public.ai_usage u join private.spend_counters c using (organization_id) where u.id = ${refused?.id ?? ''}`;
  expect(row).toEqual({ status: 'refused', error_code: 'rate_limited', cost: 0, held: 0 });
});

test('[RATE9] a limit that is set amid calls knows those that are open', async () => {
  const caller = await makeSpender();
  const before = await reserve(caller, 3);
  await setRateLimit(caller, { max_open_calls: 4 });
  expect((await reserve(caller, 5)).map(({ ok }) => ok)).toEqual([true, false, false, false, false]);
  await ledger.settle(...before.map((call) => describeSettlement(call)));
  expect((await reserve(caller, 5)).filter(({ ok }) => ok)).toHaveLength(3);
});

test('[RATE10] admins limit, members look', async () => {
  const { organizationId, projectId, member, admin } = await makeOrganization();
  const values = {
    organization_id: organizationId,
    scope: 'project',
    scope_id: projectId,
    requests_per_minute: 5,
  };
  expect((await member.db.rpc('set_rate_limit', values)).error).toMatchObject({ message: 'role_required' });
  expect((await admin.db.rpc('set_rate_limit', values)).error).toBeNull();
  const { data } = await member.db
    .from('rate_limits')
    .select('requests_per_minute')
    .eq('scope_id', projectId);
  expect(data).toEqual([{ requests_per_minute: 5 }]);
  // With nothing limited there is no row to keep.
  await admin.db.rpc('set_rate_limit', {
    organization_id: organizationId,
    scope: 'project',
    scope_id: projectId,
  });
  const { data: gone } = await member.db.from('rate_limits').select('id').eq('scope_id', projectId);
  expect(gone).toEqual([]);
  expect((await admin.db.rpc('set_rate_limit', { ...values, requests_per_minute: -1 })).error).toMatchObject({
    message: 'rate_limit_invalid',
  });
});

test('[RATE11] members see what is used of the present minute, though no call moves it on; nobody else sees any', async () => {
  const { organizationId, projectId, owner, member, outsider } = await makeOrganization();
  await owner.db.rpc('enable_sandbox', { organization_id: organizationId });
  await setRateLimit({ organizationId, owner }, { requests_per_minute: 5, max_open_calls: 5 });
  await reserve({ proxyKey: await mintProxyKey(projectId, owner) }, 3);
  const show = async (db: typeof member.db, at: number) => {
    const { data } = await db
      .rpc('show_rate_limits', { organization_id: organizationId, at: new Date(at).toISOString() })
      .eq('scope', 'organization');
    return data?.map(({ request_slots, open_calls }) => ({
      requests: request_slots.reduce((sum, slot) => sum + slot),
      open: open_calls,
    }));
  };
  const now = Date.now();
  expect(await show(member.db, now)).toEqual([{ requests: 3, open: 3 }]);
  expect(await show(member.db, now + 50_000)).toEqual([{ requests: 3, open: 3 }]);
  expect(await show(member.db, now + 70_000)).toEqual([{ requests: 0, open: 3 }]);
  expect(await show(outsider.db, now)).toEqual([]);
});

/** A call that is open, with what a proxy tells whose attempt at it has failed. */
async function beginFailing(caller: Caller) {
  const call = describeCall(caller.proxyKey, model);
  await ledger.reserve(call);
  const [open] = await operatorSql()`select credential_id from public.open_calls where id = ${call.id}`;
  const credentialId = String(open?.['credential_id']);
  const usage = {
    input_tokens: 1000,
    cache_read_tokens: 0,
    cache_write_5m_tokens: 0,
    cache_write_1h_tokens: 0,
    output_tokens: 0,
  };
  const attempt = {
    code: 'upstream_500',
    http_status: 500,
    usage,
    usage_source: 'reported',
    latency_ms: 5,
    retry_after_seconds: null,
  };
  const tell = async (failedAttempts: number) => {
    const reroutes = [{ call: { ...call }, failed_attempts: failedAttempts, attempt }];
    const [row] = await ledger.sql`
      select private.reroute_calls(${ledger.sql.json(JSON.parse(JSON.stringify(reroutes)))}) -> 0 as answer`;
    return row?.['answer'];
  };
  const read = async () => {
    const [row] = await operatorSql()`
      select coalesce(jsonb_array_length(o.attempts), 0) as attempts, o.held_usd::text, h.failures_in_a_row as failures
      from public.open_calls o left join public.credential_health h using (credential_id) where o.id = ${call.id}`;
    return { ...row, ...(await readLimit(caller, credentialId)) };
  };
  return { tell, read };
}

test('[RATE13] a failed attempt that is told twice, as its answer was lost, counts once', async () => {
  const { tell, read } = await beginFailing(await makeSpender());
  const first = await tell(1);
  expect(first).toMatchObject({ ok: true, is_repeated: true });
  const after = await read();
  expect(after).toMatchObject({ attempts: 1, requests: 2, failures: 1 });
  expect(await tell(1)).toEqual(first);
  expect(await read()).toEqual(after);
  expect(await tell(2)).toMatchObject({ ok: true });
  expect(await read()).toMatchObject({ attempts: 2, requests: 3, failures: 2 });
});

test('[RATE14] … also where the answer was that nobody is left, or that the key asks no more', async () => {
  const caller = await makeSpender();
  const { organizationId, projectId, owner } = caller;
  const calls = [await beginFailing(caller), await beginFailing(caller)];
  await owner.db.from('organizations').update({ max_attempts: 1 }).eq('id', organizationId).throwOnError();
  const expected = [{ code: 'nobody_left' }, { code: 'proxy_key_revoked' }];
  for (const [n, { tell, read }] of calls.entries()) {
    const first = await tell(1);
    expect(first).toMatchObject({ ok: false, ...expected[n] });
    const after = await read();
    expect(after).toMatchObject({ attempts: 0, failures: n + 1 });
    expect(await tell(1)).toEqual(first);
    expect(await read()).toEqual(after);
    await operatorSql()`update public.proxy_keys set revoked_at = now() where project_id = ${projectId}`;
  }
});
