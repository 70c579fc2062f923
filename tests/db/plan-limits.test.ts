import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { operatorSql } from '../support/database.ts';
import { onlyOrganizationId, setPlan } from '../support/organization.ts';
import { signUpPerson, type Person } from '../support/person.ts';
import { refusalOf } from './refusal.ts';

type Team = { owner: Person; organizationId: string };

/** As it is after signing up: Free. */
async function makeTeam(): Promise<Team> {
  const owner = await signUpPerson('owner');
  return { owner, organizationId: await onlyOrganizationId(owner) };
}

const invite = ({ owner, organizationId }: Team, email = `guest-${randomUUID()}@example.com`) =>
  owner.db.rpc('create_invitation', { organization_id: organizationId, email, role: 'member' });

const store = ({ owner, organizationId }: Team, provider: string, id: string = randomUUID()) =>
  owner.db.rpc('store_provider_credential', {
    id,
    organization_id: organizationId,
    provider,
    name: provider,
    ciphertext: 'v1:none:AAAA:AAAA',
    last_four: 'abcd',
  });

const membersFull = {
  status: 402,
  code: 'plan_limit_exceeded',
  details: { resource: 'members', limit: 2, used: 2, plan: 'free' },
};
const providersFull = {
  status: 402,
  code: 'plan_limit_exceeded',
  details: { resource: 'providers', limit: 1, used: 1, plan: 'free' },
};

async function countMembers({ organizationId }: Team): Promise<number> {
  const [row] = await operatorSql()`
    select count(*)::int as count from public.organization_members where organization_id = ${organizationId}`;
  return row?.['count'];
}

test('[LIM1] Free has room for two members, open invitations counted in', async () => {
  const team = await makeTeam();
  expect(refusalOf(await invite(team, 'first@example.com'))).toBeNull();
  expect(refusalOf(await invite(team))).toEqual(membersFull);
  // The same address again takes the place of its earlier invitation.
  expect(refusalOf(await invite(team, 'first@example.com'))).toBeNull();
  const { data } = await team.owner.db
    .from('invitations')
    .delete()
    .eq('email', 'first@example.com')
    .select('id');
  expect(data).toHaveLength(1);
  expect(refusalOf(await invite(team))).toBeNull();
});

test('[LIM2] an expired invitation takes no room', async () => {
  const team = await makeTeam();
  await invite(team);
  await operatorSql()`update public.invitations set expires_at = now() where organization_id = ${team.organizationId}`;
  expect(refusalOf(await invite(team))).toBeNull();
});

test('[LIM3] of two invitations made at once, one is refused', async () => {
  const team = await makeTeam();
  const refusals = (await Promise.all([invite(team), invite(team)])).map(refusalOf);
  expect(refusals.filter((refusal) => refusal === null)).toHaveLength(1);
  expect(refusals).toContainEqual(membersFull);
});

test('[LIM4] of two invitations accepted at once where there is room for one, one is refused', async () => {
  const team = await makeTeam();
  await setPlan(team.organizationId, 'pro');
  const guests = await Promise.all([signUpPerson('guest'), signUpPerson('guest')]);
  const tokens: string[] = [];
  for (const { email } of guests) tokens.push((await invite(team, email)).data?.[0]?.token ?? '');
  await setPlan(team.organizationId, 'free');
  const answers = await Promise.all(
    guests.map(({ db }, index) => db.rpc('accept_invitation', { token: tokens[index] ?? '' })),
  );
  const refusals = answers.map(refusalOf);
  expect(refusals.filter((refusal) => refusal === null)).toHaveLength(1);
  expect(refusals).toContainEqual(membersFull);
  expect(await countMembers(team)).toBe(2);
  // The invitation that met a full organization is still good when there is room again.
  await setPlan(team.organizationId, 'pro');
  const loser = refusals.findIndex((refusal) => refusal !== null);
  const again = await guests[loser]?.db.rpc('accept_invitation', { token: tokens[loser] ?? '' });
  expect(again?.data).toBe(team.organizationId);
});

test('[LIM5] Free has one provider, as many of its keys as one likes, and the sandbox besides', async () => {
  const team = await makeTeam();
  expect(refusalOf(await store(team, 'openai'))).toBeNull();
  expect(refusalOf(await store(team, 'openai'))).toBeNull();
  expect(refusalOf(await store(team, 'anthropic'))).toEqual(providersFull);
  const sandbox = await team.owner.db.rpc('enable_sandbox', { organization_id: team.organizationId });
  expect(refusalOf(sandbox)).toBeNull();
});

test('[LIM6] of two providers at once, one is refused', async () => {
  const team = await makeTeam();
  const refusals = (await Promise.all([store(team, 'openai'), store(team, 'moonshot')])).map(refusalOf);
  expect(refusals.filter((refusal) => refusal === null)).toHaveLength(1);
  expect(refusals).toContainEqual(providersFull);
});

test('[LIM7] a provider that is switched off takes no room, and none may be switched on beyond it', async () => {
  const team = await makeTeam();
  const [first, second] = [randomUUID(), randomUUID()];
  await store(team, 'openai', first);
  const { db } = team.owner;
  await db.from('provider_credentials').update({ is_active: false }).eq('id', first);
  expect(refusalOf(await store(team, 'anthropic', second))).toBeNull();
  const again = await db.from('provider_credentials').update({ is_active: true }).eq('id', first);
  expect(refusalOf(again)).toEqual(providersFull);
});

test('[LIM8] what was agreed with an organization comes before its plan', async () => {
  const team = await makeTeam();
  await setPlan(team.organizationId, 'free', { members: '3', providers: null });
  expect(refusalOf(await invite(team))).toBeNull();
  expect(refusalOf(await invite(team))).toBeNull();
  expect(refusalOf(await invite(team))).toMatchObject({ status: 402, details: { limit: 3, used: 3 } });
  for (const provider of ['openai', 'anthropic', 'moonshot']) {
    expect(refusalOf(await store(team, provider))).toBeNull();
  }
});

test('[LIM9] a limit that no plan knows is zero, not unlimited', async () => {
  const { organizationId } = await makeTeam();
  await expect(
    operatorSql()`select private.require_room(${organizationId}, 'unheard of', 1)`,
  ).rejects.toThrow('plan_limit_exceeded');
});

test('[LIM10] members cannot give themselves another plan', async () => {
  const { owner, organizationId } = await makeTeam();
  const update: object = { plan: 'enterprise' };
  const { status } = await owner.db.from('organizations').update(update).eq('id', organizationId);
  expect(status).toBe(403);
  const insert = { organization_id: organizationId, resource: 'members', is_unlimited: true };
  expect((await owner.db.from('organization_plan_overrides').insert(insert)).status).toBe(403);
});
