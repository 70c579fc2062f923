import { afterAll, beforeAll, expect, test } from 'vitest';
import { identifyCaller } from '../../supabase/functions/_shared/identify-caller.ts';
import type { Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { readLedger } from '../support/ledger.ts';
import { makeOrganization, mintProxyKey } from '../support/organization.ts';
import type { Db } from '../support/person.ts';
import { describeCall, describeSettlement } from './ledger-call.ts';
import { makeSpender } from './make-spender.ts';
import { makePricedModel } from './priced-model.ts';
import { openProxyLedger, type ProxyLedger } from './proxy-ledger.ts';
import { refusalOf } from './refusal.ts';

let ledger: ProxyLedger;
let model: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ledger = openProxyLedger(8);
  ({ model, remove } = await makePricedModel());
});
afterAll(async () => {
  await remove();
  await ledger.close();
});

const reserve = async (proxyKey: string) => (await ledger.reserve(describeCall(proxyKey, model)))[0];

/** What GET /v1/models asks of the ledger. */
async function authenticate(proxyKey: string): Promise<Record<string, unknown>> {
  const { keyId, keyHash } = identifyCaller(new Headers({ 'x-api-key': proxyKey }));
  const [row] = await ledger.sql`select private.authenticate_key(${keyId}, ${keyHash}) as answer`;
  return row?.['answer'];
}

async function onlyKeyId({ owner, organizationId }: Pick<Caller, 'owner' | 'organizationId'>) {
  const { data, error } = await owner.db
    .from('proxy_keys')
    .select('id')
    .eq('organization_id', organizationId)
    .single();
  if (error) throw error;
  return data.id;
}

async function rotate(db: Db, id: string, grace: string): Promise<string> {
  const { data, error } = await db.rpc('rotate_proxy_key', { id, grace }).single();
  if (error) throw error;
  return data.key;
}

/** As if so much time had passed since a key's last rotation. */
async function age(id: string): Promise<void> {
  const sql = operatorSql();
  await sql`update private.proxy_key_hashes set valid_until = now() where proxy_key_id = ${id} and valid_until is not null`;
  await sql`update private.call_facts set valid_until = now() where proxy_key_id = ${id}`;
}

test('[ROT1] a rotated key works with its new secret at once, and with the old one until the grace is over', async () => {
  const caller = await makeSpender();
  const id = await onlyKeyId(caller);
  // Remembered before, as in traffic.
  expect(await reserve(caller.proxyKey)).toMatchObject({ ok: true });
  const renewed = await rotate(caller.owner.db, id, '2 hours');
  expect(renewed).toMatch(/^khq_[0-9a-f]{16}_[0-9a-f]{64}$/);
  for (const secret of [caller.proxyKey, renewed]) {
    expect(await reserve(secret)).toMatchObject({ ok: true });
    expect(await authenticate(secret)).toMatchObject({ ok: true });
  }
  const [facts] = await operatorSql()`
    select f.valid_until = h.valid_until as ends_with_grace from private.call_facts f
    join private.proxy_key_hashes h using (public_id) where f.proxy_key_id = ${id} and h.valid_until is not null`;
  expect(facts?.['ends_with_grace']).toBe(true);

  await age(id);
  expect(await reserve(caller.proxyKey)).toMatchObject({ ok: false, code: 'proxy_key_rotated' });
  expect(await authenticate(caller.proxyKey)).toMatchObject({ ok: false, code: 'proxy_key_rotated' });
  expect(await reserve(renewed)).toMatchObject({ ok: true });
  const rows = await readLedger(caller.organizationId);
  expect(rows.filter(({ status }) => status === 'refused').map(({ error_code }) => error_code)).toEqual([
    'proxy_key_rotated',
  ]);
  const keys = await operatorSql()`select distinct proxy_key_id from public.ai_usage
    where organization_id = ${caller.organizationId}`;
  expect(keys.map(({ proxy_key_id }) => String(proxy_key_id))).toEqual([id]);
});

test('[ROT2] without a grace the old secrets end with the rotation, those still in an earlier grace too', async () => {
  const caller = await makeSpender();
  const id = await onlyKeyId(caller);
  const second = await rotate(caller.owner.db, id, '7 days');
  const third = await rotate(caller.owner.db, id, '0');
  expect(await reserve(caller.proxyKey)).toMatchObject({ ok: false, code: 'proxy_key_rotated' });
  expect(await reserve(second)).toMatchObject({ ok: false, code: 'proxy_key_rotated' });
  expect(await reserve(third)).toMatchObject({ ok: true });
  // Nor does a longer grace bring back what has ended.
  const fourth = await rotate(caller.owner.db, id, '1 day');
  expect(await reserve(second)).toMatchObject({ ok: false });
  expect(await reserve(third)).toMatchObject({ ok: true });
  expect(await reserve(fourth)).toMatchObject({ ok: true });
});

test('[ROT3] under traffic no call fails for a rotation, with neither secret', async () => {
  const caller = await makeSpender();
  const id = await onlyKeyId(caller);
  let secret = caller.proxyKey;
  let isOver = false;
  const traffic = Array.from({ length: 6 }, async () => {
    const refused: unknown[] = [];
    let made = 0;
    while (!isOver) {
      // Held on to for a while, as clients do.
      const used = secret;
      for (let call = 0; call < 3; call++) {
        const description = describeCall(used, model);
        const [answer] = await ledger.reserve(description);
        made++;
        if (answer?.ok === true)
          await ledger.settle(describeSettlement({ id: description.id, created_at: answer.created_at }));
        else refused.push(answer);
      }
    }
    return { made, refused };
  });
  for (let times = 0; times < 8; times++) secret = await rotate(caller.owner.db, id, '1 hour');
  isOver = true;
  const results = await Promise.all(traffic);
  expect(results.flatMap(({ refused }) => refused)).toEqual([]);
  expect(results.reduce((sum, { made }) => sum + made, 0)).toBeGreaterThan(20);
});

test('[ROT4] two rotations at once make two secrets, of which the later is the key’s and both work', async () => {
  const caller = await makeSpender();
  const id = await onlyKeyId(caller);
  const both = await Promise.all([
    rotate(caller.owner.db, id, '1 hour'),
    rotate(caller.owner.db, id, '1 hour'),
  ]);
  for (const secret of [caller.proxyKey, ...both]) expect(await reserve(secret)).toMatchObject({ ok: true });
  const [key] = await operatorSql()`select public_id from public.proxy_keys where id = ${id}`;
  expect(both.map((secret) => secret.split('_')[1])).toContain(key?.['public_id']);
  const unlimited = await operatorSql()`select public_id from private.proxy_key_hashes
    where proxy_key_id = ${id} and valid_until is null`;
  expect(unlimited).toEqual([expect.objectContaining({ public_id: key?.['public_id'] })]);
});

test('[ROT5] what cannot be rotated is refused, and who may not rotate changes nothing', async () => {
  const { owner, member, projectId } = await makeOrganization();
  await mintProxyKey(projectId, owner);
  const [row] = await operatorSql()`select id from public.proxy_keys where project_id = ${projectId}`;
  const id = String(row?.['id']);
  for (const grace of ['-1 hour', '91 days'])
    expect(refusalOf(await owner.db.rpc('rotate_proxy_key', { id, grace }))).toMatchObject({
      status: 400,
      code: 'grace_invalid',
    });
  expect(refusalOf(await member.db.rpc('rotate_proxy_key', { id, grace: '1 day' }))).toMatchObject({
    status: 403,
    code: 'role_required',
  });
  await owner.db.rpc('revoke_proxy_key', { id });
  expect(refusalOf(await owner.db.rpc('rotate_proxy_key', { id, grace: '1 day' }))).toMatchObject({
    status: 409,
    code: 'proxy_key_ended',
  });
  const secrets = await operatorSql()`select from private.proxy_key_hashes where proxy_key_id = ${id}`;
  expect(secrets).toHaveLength(1);
});

test('[ROT6] a rotation is in the audit log, without any secret, and a revoked key ends all secrets', async () => {
  const caller = await makeSpender();
  const id = await onlyKeyId(caller);
  const renewed = await rotate(caller.owner.db, id, '1 hour');
  const { data } = await caller.owner.db
    .from('audit_log')
    .select('action, actor_id, before, after')
    .eq('subject_id', id)
    .order('id', { ascending: false })
    .limit(1)
    .single();
  expect(data).toMatchObject({
    action: 'proxy_key.changed',
    actor_id: caller.owner.userId,
    before: { rotated_at: null, public_id: caller.proxyKey.split('_')[1] },
    after: { rotated_at: expect.any(String), public_id: renewed.split('_')[1] },
  });
  expect(JSON.stringify(data)).not.toContain(renewed.split('_')[2]);
  await caller.owner.db.rpc('revoke_proxy_key', { id });
  for (const secret of [caller.proxyKey, renewed])
    expect(await reserve(secret)).toMatchObject({ ok: false, code: 'proxy_key_revoked' });
});
