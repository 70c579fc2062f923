import { afterAll, beforeAll, expect, test } from 'vitest';
import { operatorSql } from '../support/database.ts';
import { readLedger } from '../support/ledger.ts';
import { makeOrganization, mintProxyKey, type Organization } from '../support/organization.ts';
import type { Person } from '../support/person.ts';
import { describeCall, describeSettlement } from './ledger-call.ts';
import { makePricedModel } from './priced-model.ts';
import { openProxyLedger, type ProxyLedger } from './proxy-ledger.ts';
import { refusalOf } from './refusal.ts';

let ledger: ProxyLedger;
let model: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ledger = openProxyLedger(12);
  ({ model, remove } = await makePricedModel());
});
afterAll(async () => {
  await remove();
  await ledger.close();
});

/** An organization whose members may mint keys for so much a month each; null: they may not. */
async function makeTeam(limitUsd: number | null): Promise<Organization> {
  const team = await makeOrganization();
  const { error } = await team.owner.db.rpc('enable_sandbox', { organization_id: team.organizationId });
  if (error) throw error;
  await setLimit(team, limitUsd);
  return team;
}

async function setLimit({ admin, organizationId }: Organization, limitUsd: number | null): Promise<void> {
  const { error } = await admin.db
    .from('organizations')
    .update({ personal_key_limit_usd: limitUsd })
    .eq('id', organizationId);
  if (error) throw error;
}

const mintFor = ({ db }: Person, { projectId }: Organization) =>
  db.rpc('mint_personal_key', { project_id: projectId, name: 'Mine' }).single();

async function minted(person: Person, team: Organization): Promise<{ id: string; key: string }> {
  const { data, error } = await mintFor(person, team);
  if (error) throw error;
  return data;
}

const reserve = async (proxyKey: string, overrides = {}) =>
  (await ledger.reserve(describeCall(proxyKey, model, overrides)))[0];

async function readCap({ organizationId }: Organization, { userId }: Person) {
  const [budget] = await operatorSql()`
    select id, limit_usd::float8 as "limitUsd", mode, period from public.budgets
    where organization_id = ${organizationId} and scope = 'user' and scope_id = ${userId}`;
  return budget;
}

test('[PER1] members mint keys for themselves only where an admin allows it, in projects of their organization', async () => {
  const team = await makeTeam(null);
  expect(refusalOf(await mintFor(team.member, team))).toMatchObject({
    status: 403,
    code: 'personal_keys_off',
  });
  const limited = await team.member.db
    .from('organizations')
    .update({ personal_key_limit_usd: 100 })
    .eq('id', team.organizationId)
    .select();
  expect(limited.data ?? []).toEqual([]);
  await setLimit(team, 5);
  const { id } = await minted(team.member, team);
  const { data } = await team.member.db
    .from('proxy_keys')
    .select('member_id, created_by')
    .eq('id', id)
    .single();
  expect(data).toEqual({ member_id: team.member.userId, created_by: team.member.userId });
  expect(refusalOf(await mintFor(team.outsider, team))).toMatchObject({
    status: 404,
    code: 'project_not_found',
  });
});

test('[PER2] all personal keys of a member together stay within the cap, whatever user the calls name', async () => {
  const team = await makeTeam(1);
  const keys = [await minted(team.member, team), await minted(team.member, team)];
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, call) => reserve(keys[call % 2]?.key ?? '', { user_id: `user-${call}` })),
  );
  // A call holds $0.20.
  expect(answers.filter((answer) => answer?.ok === true)).toHaveLength(5);
  expect(answers.find((answer) => answer?.ok === false)).toMatchObject({
    code: 'budget_exceeded',
    details: { scope: 'user', scope_id: team.member.userId },
  });
  const users = new Set((await readLedger(team.organizationId)).map(({ user_id }) => user_id));
  expect([...users]).toEqual([team.member.userId]);
  // Others have caps of their own, and ordinary keys none.
  expect(await reserve((await minted(team.admin, team)).key)).toMatchObject({ ok: true });
  expect(await reserve(await mintProxyKey(team.projectId, team.owner))).toMatchObject({ ok: true });
});

test('[PER3] the cap follows the setting, unless an admin has set one for this person', async () => {
  const team = await makeTeam(1);
  await minted(team.member, team);
  await minted(team.admin, team);
  const cap = await readCap(team, team.member);
  expect(cap).toMatchObject({ limitUsd: 1, mode: 'hard', period: 'month' });
  await team.owner.db.from('budgets').update({ limit_usd: 7 }).eq('id', cap?.['id']);
  await setLimit(team, 3);
  expect(await readCap(team, team.member)).toMatchObject({ limitUsd: 7 });
  expect(await readCap(team, team.admin)).toMatchObject({ limitUsd: 3 });
});

test('[PER4] a cap counts what its member has spent already, and a call in flight', async () => {
  const team = await makeTeam(0.5);
  const shared = await mintProxyKey(team.projectId, team.owner);
  const call = describeCall(shared, model, { user_id: team.member.userId });
  const [answer] = await ledger.reserve(call);
  await ledger.settle(
    describeSettlement(
      { id: call.id, created_at: answer?.created_at ?? '' },
      { input_tokens: 1000, output_tokens: 100 },
    ),
  );
  const { key } = await minted(team.member, team);
  expect(await reserve(key)).toMatchObject({ ok: true });
  expect(await reserve(key)).toMatchObject({ ok: false, code: 'budget_exceeded' });
});

test('[PER5] a cap is neither deleted nor made soft while there is a key below it', async () => {
  const team = await makeTeam(1);
  const { id } = await minted(team.member, team);
  const cap = String((await readCap(team, team.member))?.['id']);
  const refusal = { status: 409, code: 'budget_caps_personal_keys' };
  expect(refusalOf(await team.owner.db.from('budgets').delete().eq('id', cap))).toMatchObject(refusal);
  expect(refusalOf(await team.owner.db.from('budgets').update({ mode: 'soft' }).eq('id', cap))).toMatchObject(
    refusal,
  );
  expect((await team.member.db.rpc('revoke_proxy_key', { id })).error).toBeNull();
  expect((await team.owner.db.from('budgets').delete().eq('id', cap)).error).toBeNull();
});

test('[PER6] members administer their own keys and no others; nobody else sees a personal secret', async () => {
  const team = await makeTeam(5);
  const mine = await minted(team.member, team);
  const theirs = await minted(team.admin, team);
  const rename = (person: Person, id: string) =>
    person.db.from('proxy_keys').update({ name: 'Renamed' }).eq('id', id).select('id');
  expect((await rename(team.member, mine.id)).data).toHaveLength(1);
  expect((await rename(team.member, theirs.id)).data).toEqual([]);
  const rotate = (person: Person, id: string) => person.db.rpc('rotate_proxy_key', { id, grace: '0' });
  expect(refusalOf(await rotate(team.member, theirs.id))).toMatchObject({ status: 403 });
  expect(refusalOf(await rotate(team.owner, mine.id))).toMatchObject({
    status: 403,
    code: 'personal_key_of_another',
  });
  const rotated = await rotate(team.member, mine.id);
  expect(await reserve(rotated.data?.[0]?.key ?? '')).toMatchObject({ ok: true });
  expect(refusalOf(await team.member.db.rpc('revoke_proxy_key', { id: theirs.id }))).toMatchObject({
    status: 403,
  });
  expect((await team.owner.db.rpc('revoke_proxy_key', { id: mine.id })).error).toBeNull();
});

test('[PER7] keys that who leaves made for all keep working, unless the admin who removes them says otherwise', async () => {
  for (const revokes of [false, true]) {
    const team = await makeTeam(5);
    const personal = await minted(team.admin, team);
    const shared = await mintProxyKey(team.projectId, team.admin);
    const kept = await mintProxyKey(team.projectId, team.owner);
    const removed = await team.owner.db.rpc('remove_member', {
      organization_id: team.organizationId,
      user_id: team.admin.userId,
      ...(revokes && { revokes_keys: true }),
    });
    expect(removed.error).toBeNull();
    const refused = { ok: false, code: 'proxy_key_revoked' };
    expect(await reserve(shared)).toMatchObject(revokes ? refused : { ok: true });
    // A personal one is its member's alone.
    expect(await reserve(personal.key)).toMatchObject(refused);
    expect(await reserve(kept)).toMatchObject({ ok: true });
    // Who is gone administers nothing any more.
    expect(
      refusalOf(await team.admin.db.rpc('rotate_proxy_key', { id: personal.id, grace: '0' })),
    ).toMatchObject({
      status: 404,
    });
    const { count } = await team.owner.db
      .from('audit_log')
      .select('*', { count: 'exact', head: true })
      .eq('subject_type', 'proxy_key')
      .not('after->>revoked_at', 'is', null);
    expect(count).toBe(revokes ? 2 : 1);
  }
});

test('[PER8] a member who leaves does not decide about keys', async () => {
  const team = await makeTeam(5);
  await minted(team.member, team);
  const leave = (revokes_keys: boolean) =>
    team.member.db.rpc('remove_member', {
      organization_id: team.organizationId,
      user_id: team.member.userId,
      revokes_keys,
    });
  expect(refusalOf(await leave(true))).toMatchObject({ status: 403, code: 'role_required' });
  expect((await leave(false)).error).toBeNull();
});

test('[PER9] a personal key ends with its member’s membership, also where its member goes by themselves', async () => {
  const team = await makeTeam(5);
  const { organizationId, member } = team;
  const mine = await minted(member, team);
  expect(await reserve(mine.key)).toMatchObject({ ok: true });
  await member.db
    .rpc('remove_member', { organization_id: organizationId, user_id: member.userId })
    .throwOnError();
  expect(await reserve(mine.key)).toMatchObject({ ok: false, code: 'proxy_key_revoked' });
  const { data } = await team.owner.db
    .from('audit_log')
    .select('action')
    .eq('organization_id', organizationId)
    .eq('subject_id', mine.id);
  expect(data?.map(({ action }) => action)).toContain('proxy_key.changed');
});

test('[PER10] … and where the organization is deleted, with all of it', async () => {
  const team = await makeTeam(5);
  const mine = await minted(team.member, team);
  await operatorSql()`delete from public.organizations where id = ${team.organizationId}`;
  expect(await reserve(mine.key)).toMatchObject({ ok: false, code: 'invalid_proxy_key' });
});
