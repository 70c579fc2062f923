import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { readBalance, readLedger } from '../support/ledger.ts';
import { mintProxyKey } from '../support/organization.ts';
import { describeCall } from './ledger-call.ts';
import { makeSpender } from './make-spender.ts';
import { makePricedModel } from './priced-model.ts';
import { openProxyLedger, type ProxyLedger } from './proxy-ledger.ts';

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

const reserve = async (proxyKey: string, overrides = {}) =>
  (await ledger.reserve(describeCall(proxyKey, model, overrides)))[0];

const keyOf = ({ proxyKey }: Caller): string => proxyKey.split('_')[1] ?? '';

async function revoke({ owner, proxyKey }: Caller): Promise<void> {
  const { data } = await owner.db
    .from('proxy_keys')
    .select('id')
    .eq('public_id', proxyKey.split('_')[1] ?? '')
    .single();
  const { error } = await owner.db.rpc('revoke_proxy_key', { id: data?.id ?? '' });
  if (error) throw error;
}

/** What a change does to the next call of a key that has just been let through, and is well remembered. */
const changes: [string, string, (caller: Caller) => PromiseLike<unknown>][] = [
  ['the key is revoked', 'proxy_key_revoked', revoke],
  [
    'the key expires',
    'proxy_key_expired',
    (caller) =>
      caller.owner.db
        .from('proxy_keys')
        .update({ expires_at: new Date(Date.now() - 1000).toISOString() })
        .eq('public_id', keyOf(caller)),
  ],
  [
    'the key may only call other models',
    'model_not_allowed',
    (caller) =>
      caller.owner.db
        .from('proxy_keys')
        .update({ allowed_models: ['gpt-*'] })
        .eq('public_id', keyOf(caller)),
  ],
  [
    'the project is archived',
    'project_archived',
    ({ owner, projectId }) =>
      owner.db.from('projects').update({ archived_at: new Date().toISOString() }).eq('id', projectId),
  ],
  [
    'the credential is switched off',
    'no_provider_credential',
    ({ owner, organizationId }) =>
      owner.db
        .from('provider_credentials')
        .update({ is_active: false })
        .eq('organization_id', organizationId),
  ],
  [
    'the credential is deleted',
    'no_provider_credential',
    ({ owner, organizationId }) =>
      owner.db.from('provider_credentials').delete().eq('organization_id', organizationId),
  ],
  [
    'the plan’s budget is zero',
    'budget_exceeded',
    ({ organizationId }) =>
      operatorSql()`delete from public.organization_plan_overrides where organization_id = ${organizationId}`,
  ],
];

test.each(changes)('[ADM1] from the moment %s the next call is refused: %s', async (_, code, change) => {
  const caller = await makeSpender();
  expect(await reserve(caller.proxyKey)).toMatchObject({ ok: true });
  const before = await readBalance(caller.organizationId);
  await change(caller);
  expect(await reserve(caller.proxyKey)).toMatchObject({ ok: false, code });
  // One row says so; nothing is spent or held for it.
  const refused = (await readLedger(caller.organizationId)).filter(({ status }) => status === 'refused');
  expect(refused).toMatchObject([{ status: 'refused', error_code: code, held_usd: '0.0000000000' }]);
  expect(Number(refused[0]?.cost_usd)).toBe(0);
  const { held_usd, spent_usd, open_calls } = before;
  expect(await readBalance(caller.organizationId)).toMatchObject({ held_usd, spent_usd, open_calls });
});

test('[ADM2] a model without a price is refused, unless the organization takes that in: then it costs null', async () => {
  const caller = await makeSpender();
  const name = `unknown-${randomUUID()}`;
  const ask = async () => (await ledger.reserve(describeCall(caller.proxyKey, name)))[0];
  expect(await ask()).toMatchObject({ ok: false, code: 'model_not_found', details: { model: name } });
  await caller.owner.db
    .from('organizations')
    .update({ allows_unpriced_models: true })
    .eq('id', caller.organizationId);
  expect(await ask()).toMatchObject({ ok: true });
});

test.each(['', 'khq_0123456789abcdef_x'])('[ADM3] an unknown key writes nothing: "%s"', async (key) => {
  const caller = await makeSpender();
  const wrong = key === '' ? `${caller.proxyKey}0` : key;
  expect(await reserve(wrong)).toMatchObject({ ok: false, code: 'invalid_proxy_key' });
  expect(await readLedger(caller.organizationId)).toEqual([]);
  const [row] =
    await operatorSql()`select private.authenticate_key('0123456789abcdef', ${'0'.repeat(64)}) as answer`;
  expect(row?.['answer']).toEqual({ ok: false, code: 'invalid_proxy_key' });
});

test('[ADM4] a key that is revoked while the organization’s first call is let through stays revoked', async () => {
  const caller = await makeSpender();
  const first = await ledger.sql.reserve();
  try {
    await first`begin`;
    const call = describeCall(caller.proxyKey, model);
    await first`select private.reserve_calls(${first.json([{ ...call, tags: [] }])})`;
    const revoking = revoke(caller);
    // Long enough for it to be committed, if nothing makes it wait for the call.
    await Promise.race([revoking, operatorSql()`select pg_sleep(0.5)`]);
    await first`commit`;
    await revoking;
  } finally {
    first.release();
  }
  expect(await reserve(caller.proxyKey)).toMatchObject({ ok: false, code: 'proxy_key_revoked' });
});

test.each([
  ['a name', ['{model}'], true],
  ['another name', ['gpt-4o'], false],
  ['a pattern', ['test-*'], true],
  ['any model of the provider', ['openai/*'], true],
  ['any model of another provider', ['anthropic/*'], false],
  ['a pattern that SQL would take for one', ['test_%'], false],
])('[ADM5] an allowlist with %s lets the right models through', async (_, allowed, isAllowed) => {
  const caller = await makeSpender();
  const key = await mintProxyKey(caller.projectId, caller.owner, {
    allowed_models: allowed.map((name) => name.replace('{model}', model)),
  });
  expect(await reserve(key)).toMatchObject(
    isAllowed ? { ok: true } : { ok: false, code: 'model_not_allowed' },
  );
});

test.each([
  [{ allowed_models: 'gpt-4o' }, 'option_invalid'],
  [{ allowed_models: [] }, 'option_invalid'],
  [{ allowed_models: [null] }, 'option_invalid'],
  [{ allowed_models: ['gpt-4o', 7] }, 'option_invalid'],
  [{ allowed_models: { gpt: true } }, 'option_invalid'],
  [{ expires_at: 'soon' }, 'option_invalid'],
  [{ cache_seconds: 0 }, 'option_invalid'],
  [{ cache_seconds: 2_592_001 }, 'option_invalid'],
  [{ cache_seconds: 1.5 }, 'option_invalid'],
  [{ cache_seconds: '60' }, 'option_invalid'],
  [{ expires: '2030-01-01' }, 'option_unknown'],
  [['allowed_models'], 'option_invalid'],
  ['allowed_models', 'option_invalid'],
])('[ADM6] a key is not minted with a restriction that would not hold: %j', async (options, code) => {
  const { owner, projectId } = await makeSpender();
  const { status, error } = await owner.db.rpc('mint_proxy_key', {
    project_id: projectId,
    name: 'Key',
    options,
  });
  expect({ status, code: error?.message }).toEqual({ status: 400, code });
});

test('[ADM7] options that are null, or not there, restrict nothing', async () => {
  const { owner, projectId } = await makeSpender();
  const { data, error } = await owner.db
    .rpc('mint_proxy_key', {
      project_id: projectId,
      name: ' Key ',
      options: { allowed_models: null, expires_at: null },
    })
    .single();
  expect(error).toBeNull();
  expect(data?.key).toMatch(/^khq_[0-9a-f]{16}_[0-9a-f]{64}$/);
  const rows = await owner.db
    .from('proxy_keys')
    .select('name, allowed_models, expires_at')
    .eq('id', data?.id ?? '');
  expect(rows.data).toEqual([{ name: 'Key', allowed_models: null, expires_at: null }]);
});

test('[ADM8] a real credential comes before the sandbox, the one of highest priority first', async () => {
  const caller = await makeSpender();
  const store = async (priority: number) => {
    const id = randomUUID();
    await caller.owner.db.rpc('store_provider_credential', {
      id,
      organization_id: caller.organizationId,
      provider: 'openai',
      name: `Priority ${priority}`,
      ciphertext: 'v1:none:AAAA:AAAA',
      last_four: 'abcd',
    });
    await caller.owner.db.from('provider_credentials').update({ priority }).eq('id', id);
    return id;
  };
  const credentialOf = async () => {
    const [row] = await ledger.sql`select private.reserve_calls(${ledger.sql.json([
      { ...describeCall(caller.proxyKey, model), tags: [] },
    ])}) as answer`;
    return row?.['answer'][0].credential;
  };
  expect(await credentialOf()).toMatchObject({ is_sandbox: true, ciphertext: null });
  const low = await store(1);
  expect(await credentialOf()).toEqual({ id: low, is_sandbox: false, ciphertext: 'v1:none:AAAA:AAAA' });
  const high = await store(2);
  expect(await credentialOf()).toMatchObject({ id: high });
  await caller.owner.db.rpc('rotate_provider_credential', {
    id: high,
    ciphertext: 'v1:none:BBBB:BBBB',
    last_four: 'wxyz',
  });
  expect(await credentialOf()).toMatchObject({ id: high, ciphertext: 'v1:none:BBBB:BBBB' });
});
