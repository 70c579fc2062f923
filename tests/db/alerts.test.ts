import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { addBudget } from '../support/add-budget.ts';
import type { Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { makeOrganization, mintProxyKey } from '../support/organization.ts';
import { inRolledBackTransaction } from './act-as.ts';
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

const Alert = z.object({
  id: z.coerce.number(),
  kind: z.string(),
  severity: z.string(),
  subject_id: z.string(),
  facts: z.record(z.string(), z.unknown()),
  resolved_at: z.date().nullable(),
});

async function readAlerts(organizationId: string, kind: string, sql: postgres.Sql = operatorSql()) {
  const rows = await sql`
    select * from public.alerts where organization_id = ${organizationId} and kind = ${kind} order by id`;
  return z.array(Alert).parse([...rows]);
}

const detect = async (): Promise<void> =>
  void (await operatorSql()`select private.detect_alerts(clock_timestamp())`);

/** What there is of a kind once it was looked for at these instants; taken back, since it is looked for in all organizations. */
const readAfterDetecting = (organizationId: string, kind: string, ...instants: Date[]) =>
  inRolledBackTransaction(async (session) => {
    for (const at of instants) await session`select private.detect_alerts(${at})`;
    return readAlerts(organizationId, kind, session);
  });

/** One call with this end; at the prices of `makePricedModel` a thousand tokens in cost ten cents. */
async function callOnce(
  { proxyKey }: Pick<Caller, 'proxyKey'>,
  outcome: Parameters<typeof describeSettlement>[2] = {},
  asked: Parameters<typeof describeCall>[2] = {},
): Promise<void> {
  const call = describeCall(proxyKey, model, asked);
  const [reservation] = await ledger.reserve(call);
  if (reservation?.ok !== true) throw new Error(`Not reserved: ${JSON.stringify(reservation)}`);
  await ledger.settle(
    describeSettlement({ id: call.id, created_at: reservation.created_at }, { input_tokens: 1000 }, outcome),
  );
}

const hourMs = 3_600_000;
const startOfHour = (): number => Math.floor(Date.now() / hourMs) * hourMs;

type Bucket = { at: Date; usd?: number; calls?: number; errors?: number; refusals?: number };

/** What an hour left behind in the rollups, as if its calls had been made and folded. */
async function addHours(caller: Caller, buckets: Bucket[]): Promise<void> {
  const [key] = await operatorSql()`
    select id from public.proxy_keys where organization_id = ${caller.organizationId}`;
  for (const { at, usd = 0, calls = 1, errors = 0, refusals = 0 } of buckets) {
    await operatorSql()`
      insert into public.usage_rollups (organization_id, bucket_at, project_id, proxy_key_id, user_id, agent_id, provider,
        model, calls, errors, refusals, input_tokens, cache_read_tokens, output_tokens, cost_usd)
      values (${caller.organizationId}, ${at}, ${caller.projectId}, ${String(key?.['id'])}, '', '', 'openai', 'gpt-5',
        ${calls}, ${errors}, ${refusals}, 0, 0, 0, ${usd})`;
  }
}

const hoursBefore = (count: number, usdOf: (hour: number) => number): Bucket[] =>
  Array.from({ length: count }, (_, hour) => ({
    at: new Date(startOfHour() - (hour + 2) * hourMs),
    usd: usdOf(hour + 2),
  }));

test('[ALR1] each budget warning makes one alert, however many look for it at once; a graver one takes its place', async () => {
  const caller = await makeSpender();
  const budget = await addBudget(caller, { limit_usd: 0.2, warn_at: [50, 100], mode: 'soft' });
  await callOnce(caller);
  await Promise.all(Array.from({ length: 8 }, () => detect()));
  const [half, ...others] = await readAlerts(caller.organizationId, 'budget_threshold');
  expect(others).toEqual([]);
  expect(half).toMatchObject({ severity: 'info', subject_id: budget, resolved_at: null });
  expect(half?.facts).toMatchObject({ percent: 50, period: 'month', spent_usd: '0.1000000000' });
  await callOnce(caller);
  await Promise.all([detect(), detect()]);
  expect(await readAlerts(caller.organizationId, 'budget_threshold')).toMatchObject([
    { id: half?.id, resolved_at: expect.any(Date) },
    { severity: 'critical', facts: { percent: 100 }, resolved_at: null },
  ]);
  await operatorSql()`update public.budgets set limit_usd = 5 where id = ${budget}`;
  await detect();
  const [, full] = await readAlerts(caller.organizationId, 'budget_threshold');
  expect(full?.resolved_at).not.toBeNull();
});

test('[ALR2] an hour far above its own history is told once, with what was dearest in it, and is over with the hour', async () => {
  const caller = await makeSpender();
  await addHours(
    caller,
    hoursBefore(48, (hour) => 1 + (hour % 5) / 10),
  );
  await addHours(caller, [{ at: new Date(startOfHour()), usd: 12.5 }]);
  await Promise.all([detect(), detect(), detect()]);
  const [alert, ...others] = await readAlerts(caller.organizationId, 'spend_anomaly');
  expect(others).toEqual([]);
  expect(alert?.facts).toMatchObject({ hours: 48, model: 'gpt-5', proxy_key: 'Key' });
  expect(Number(alert?.facts['spent_usd'])).toBe(12.5);
  expect(Number(alert?.facts['usual_usd'])).toBeCloseTo(1.2);
  const afterwards = new Date(startOfHour() + 2.5 * hourMs);
  expect(await readAfterDetecting(caller.organizationId, 'spend_anomaly', afterwards)).toMatchObject([
    { id: alert?.id, resolved_at: expect.any(Date) },
  ]);
});

test.each<[string, Bucket[], number]>([
  ['too little is known', hoursBefore(20, () => 1), 40],
  ['it is less than a dollar', hoursBefore(48, () => 0.001), 0.9],
  ['it is less than three times as much', hoursBefore(48, () => 1), 2.9],
  ['a batch does that every night', hoursBefore(72, (hour) => (hour % 12 === 0 ? 40 : 1)), 45],
])('[ALR3] an hour is no anomaly where %s', async (_, history, usd) => {
  const caller = await makeSpender();
  await addHours(caller, [...history, { at: new Date(startOfHour()), usd }]);
  await detect();
  expect(await readAlerts(caller.organizationId, 'spend_anomaly')).toEqual([]);
});

test('[ALR4] more than 5 % errors of at least twenty calls are told once, until it is over', async () => {
  const [caller, calm, small] = await Promise.all([makeSpender(), makeSpender(), makeSpender()]);
  const quarter = new Date(Math.floor(Date.now() / (hourMs / 4)) * (hourMs / 4));
  await addHours(caller, [{ at: quarter, calls: 120, refusals: 20, errors: 6 }]);
  await addHours(calm, [{ at: quarter, calls: 100, errors: 5 }]);
  await addHours(small, [{ at: quarter, calls: 19, errors: 19 }]);
  await Promise.all([detect(), detect()]);
  expect(await readAlerts(caller.organizationId, 'error_rate')).toMatchObject([
    { subject_id: 'openai', facts: { calls: 100, errors: 6 }, severity: 'warning', resolved_at: null },
  ]);
  expect(await readAlerts(calm.organizationId, 'error_rate')).toEqual([]);
  expect(await readAlerts(small.organizationId, 'error_rate')).toEqual([]);
  const inMinutes = (minutes: number) =>
    readAfterDetecting(caller.organizationId, 'error_rate', new Date(Date.now() + minutes * 60_000));
  expect(await inMinutes(30)).toMatchObject([{ resolved_at: null }]);
  expect(await inMinutes(120)).toMatchObject([{ resolved_at: expect.any(Date) }]);
});

const rejected = { status: 'failed', http_status: 502, error_code: 'provider_credential_rejected' } as const;

test('[ALR5] a credential that the provider refuses is told, until a call goes through', async () => {
  const caller = await makeSpender();
  await callOnce(caller, rejected);
  await Promise.all([detect(), detect()]);
  const [alert, ...others] = await readAlerts(caller.organizationId, 'credential_failing');
  expect(others).toEqual([]);
  expect(alert).toMatchObject({
    severity: 'critical',
    resolved_at: null,
    facts: { credential: 'Sandbox', error_code: 'provider_credential_rejected' },
  });
  await callOnce(caller);
  await detect();
  expect(await readAlerts(caller.organizationId, 'credential_failing')).toMatchObject([
    { id: alert?.id, resolved_at: expect.any(Date) },
  ]);
});

test('[ALR10] a credential is told that fails where another one serves its calls', async () => {
  const caller = await makeSpender();
  await callOnce(caller);
  await operatorSql()`
    insert into public.credential_health (credential_id, organization_id, failures_in_a_row, last_error, last_failed_at)
    select id, organization_id, 1, 'provider_credential_rejected', clock_timestamp() from public.provider_credentials
    where organization_id = ${caller.organizationId}`;
  await Promise.all([detect(), detect()]);
  expect(await readAlerts(caller.organizationId, 'credential_failing')).toMatchObject([
    { resolved_at: null },
  ]);
});

test.each([
  [401, 'authentication_error', 1],
  [403, 'permission_error', 1],
  [429, 'insufficient_quota', 1],
  [429, 'rate_limit_exceeded', 0],
  [500, 'server_error', 0],
  // What we refused ourselves while the call ran.
  [403, 'frozen', 0],
  [402, 'budget_exceeded', 0],
])('[ALR6] upstream’s %i %s makes %i alert', async (http_status, error_code, count) => {
  const caller = await makeSpender();
  await callOnce(caller, { status: 'failed', http_status, error_code });
  await detect();
  expect(await readAlerts(caller.organizationId, 'credential_failing')).toHaveLength(count);
});

test('[ALR7] a model without a price is told once, until it has one', async () => {
  const caller = await makeSpender();
  const unpriced = `unpriced-${randomUUID()}`;
  await caller.owner.db
    .from('organizations')
    .update({ allows_unpriced_models: true })
    .eq('id', caller.organizationId);
  await callOnce(caller, {}, { model: unpriced });
  await callOnce(caller, {}, { model: unpriced });
  await Promise.all([detect(), detect()]);
  expect(await readAlerts(caller.organizationId, 'unpriced_model')).toMatchObject([
    { subject_id: `openai/${unpriced}`, facts: { calls: 2, tokens: 2000 }, resolved_at: null },
  ]);
  await operatorSql()`
    insert into public.models (provider, model, display_name, name_match, position)
    values ('openai', ${unpriced}, 'Test', ${operatorSql().json({ equals: unpriced })}, 1000000)`;
  await operatorSql()`
    insert into public.model_prices (provider, model, valid_from, input_usd_per_mtok, source)
    values ('openai', ${unpriced}, '2020-01-01', 1, 'test')`;
  await detect();
  const [alert, ...others] = await readAlerts(caller.organizationId, 'unpriced_model');
  expect(others).toEqual([]);
  expect(alert?.resolved_at).not.toBeNull();
  await operatorSql()`delete from private.model_names where model = ${unpriced}`;
  await operatorSql()`delete from public.model_prices where model = ${unpriced}`;
  await operatorSql()`delete from public.models where model = ${unpriced}`;
});

test('[ALR8] a key is told seven days and one day before it expires, once each, and not when it is revoked', async () => {
  const { organizationId, projectId, owner } = await makeOrganization();
  const dayMs = 24 * hourMs;
  const soon = (days: number) => new Date(Date.now() + days * dayMs).toISOString();
  const expires_at = soon(30);
  await mintProxyKey(projectId, owner, { name: 'Soon', expires_at });
  const before = (days: number) => new Date(Date.parse(expires_at) - days * dayMs);
  const seen = async (...days: number[]) => {
    const alerts = await readAfterDetecting(organizationId, 'key_expiring', ...days.map(before));
    return alerts.map(
      ({ facts, resolved_at }) => `${String(facts['days'])} ${resolved_at ? 'over' : 'open'}`,
    );
  };
  expect(await seen(7.1)).toEqual([]);
  expect(await seen(7.1, 6.9, 6.9, 3)).toEqual(['7 open']);
  expect(await seen(6.9, 0.9, 0.9)).toEqual(['7 over', '1 open']);
  expect(await seen(6.9, 0.9, -0.1)).toEqual(['7 over', '1 over']);
  await owner.db
    .from('proxy_keys')
    .update({ expires_at: soon(6) })
    .eq('organization_id', organizationId);
  await Promise.all([detect(), detect()]);
  expect(await readAlerts(organizationId, 'key_expiring')).toMatchObject([
    { severity: 'warning', resolved_at: null },
  ]);
  const { data: key } = await owner.db
    .from('proxy_keys')
    .select('id')
    .eq('organization_id', organizationId)
    .single();
  await owner.db.rpc('revoke_proxy_key', { id: key?.id ?? '' });
  await detect();
  expect(await readAlerts(organizationId, 'key_expiring')).toMatchObject([{ resolved_at: expect.any(Date) }]);
});

test('[ALR11] a day whose bill differs too much is told once, when it is over, until it agrees', async () => {
  const { organizationId } = await makeOrganization();
  const day = new Date(Date.now() - 48 * hourMs).toISOString().slice(0, 10);
  const setDay = (values: { isAlarming: boolean; isProvisional: boolean }) => operatorSql()`
    insert into public.reconciliations as r (organization_id, provider, day, ours_usd, theirs_usd, causes, is_provisional,
      is_before_first_call, is_alarming)
    values (${organizationId}, 'openai', ${day}, 10, 14, '[]', ${values.isProvisional}, false, ${values.isAlarming})
    on conflict (organization_id, provider, day) do update set is_alarming = excluded.is_alarming,
      is_provisional = excluded.is_provisional`;
  await setDay({ isAlarming: true, isProvisional: true });
  await detect();
  expect(await readAlerts(organizationId, 'reconciliation_drift')).toEqual([]);
  await setDay({ isAlarming: true, isProvisional: false });
  await Promise.all([detect(), detect()]);
  expect(await readAlerts(organizationId, 'reconciliation_drift')).toMatchObject([
    { facts: { provider: 'openai', day, drift_usd: '4.0000000000' }, resolved_at: null },
  ]);
  await setDay({ isAlarming: false, isProvisional: false });
  await detect();
  expect(await readAlerts(organizationId, 'reconciliation_drift')).toMatchObject([
    { resolved_at: expect.any(Date) },
  ]);
});

test('[ALR9] admins say that somebody looked, of some alerts or of all; members read only', async () => {
  const organization = await makeOrganization();
  const { organizationId, admin, member } = organization;
  const raise = async (occasion: string): Promise<number> => {
    const [row] = await operatorSql()`
      insert into public.alerts (organization_id, kind, severity, subject_type, subject_id, occasion)
      values (${organizationId}, 'budget_threshold', 'info', 'budget', ${randomUUID()}, ${occasion}) returning id`;
    return Number(row?.['id']);
  };
  const [first] = [await raise('1'), await raise('2'), await raise('3')];
  const mark = (person: typeof admin, ids?: number[]) =>
    person.db.rpc('mark_alerts_seen', { organization_id: organizationId, ...(ids && { ids }) });
  expect(
    (await member.db.from('alerts').select('id').eq('organization_id', organizationId)).data,
  ).toHaveLength(3);
  expect(refusalOf(await mark(member))).toMatchObject({ status: 403, code: 'role_required' });
  expect((await mark(admin, [first])).data).toBe(1);
  expect((await mark(admin, [first])).data).toBe(0);
  expect((await mark(admin)).data).toBe(2);
  const { data } = await admin.db.from('alerts').select('seen_by').eq('organization_id', organizationId);
  expect(new Set(data?.map(({ seen_by }) => seen_by))).toEqual(new Set([admin.userId]));
});
