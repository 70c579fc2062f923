import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { operatorSql } from '../support/database.ts';
import { makeOrganization, type Organization } from '../support/organization.ts';
import { signUpPerson, type Person } from '../support/person.ts';
import { refusalOf } from './refusal.ts';

test('[MEM1] who signs up owns a new organization, on the Free plan, and nothing else', async () => {
  const person = await signUpPerson('founder', {
    organization_name: 'Founders & Co',
    full_name: 'Fay Founder',
  });
  const organizations = await person.db.from('organizations').select('id, name, slug, plan');
  expect(organizations.data).toEqual([
    {
      id: expect.any(String),
      name: 'Founders & Co',
      slug: expect.stringMatching(/^founders-co/),
      plan: 'free',
    },
  ]);
  const members = await person.db.from('organization_members').select('user_id, role');
  expect(members.data).toEqual([{ user_id: person.userId, role: 'owner' }]);
  const profiles = await person.db.from('profiles').select('user_id, full_name');
  expect(profiles.data).toEqual([{ user_id: person.userId, full_name: 'Fay Founder' }]);
});

test('[MEM2] a further organization is one’s own too, and seen by nobody else', async () => {
  const { owner, outsider } = await makeOrganization();
  const { data: id } = await outsider.db.rpc('create_organization', { name: '  Second one  ' });
  const { data } = await outsider.db
    .from('organizations')
    .select('name, plan')
    .eq('id', id ?? '');
  expect(data).toEqual([{ name: 'Second one', plan: 'free' }]);
  expect(
    (
      await owner.db
        .from('organizations')
        .select('id')
        .eq('id', id ?? '')
    ).data,
  ).toEqual([]);
});

test.each(['', '   ', 'x'.repeat(101)])('[MEM3] an organization cannot be called "%s"', async (name) => {
  const { db } = await signUpPerson();
  expect(refusalOf(await db.rpc('create_organization', { name }))).toMatchObject({
    status: 400,
    code: 'name_invalid',
  });
});

test('[MEM4] admins move people between member and admin; a member moves nobody', async () => {
  const organization = await makeOrganization();
  const { admin, member } = organization;
  expect(await changeRole(member, organization, admin, 'member')).toMatchObject({
    status: 403,
    code: 'role_required',
    details: { role: 'admin' },
  });
  expect(await changeRole(admin, organization, member, 'admin')).toBeNull();
  expect(await roleOf(organization, member)).toBe('admin');
  expect(await changeRole(member, organization, admin, 'member')).toBeNull();
  expect(await roleOf(organization, admin)).toBe('member');
});

test('[MEM5] only owners make owners and unmake them', async () => {
  const organization = await makeOrganization();
  const { owner, admin, member } = organization;
  const refusal = { status: 403, code: 'role_required', details: { role: 'owner' } };
  expect(await changeRole(admin, organization, admin, 'owner')).toEqual(refusal);
  expect(await changeRole(admin, organization, owner, 'member')).toEqual(refusal);
  expect(await removeMember(admin, organization, owner)).toEqual(refusal);
  expect(await changeRole(owner, organization, member, 'owner')).toBeNull();
  expect(await changeRole(member, organization, owner, 'admin')).toBeNull();
  expect(await rolesOf(organization)).toEqual(['admin', 'admin', 'owner']);
});

test('[MEM6] there is no role but owner, admin and member', async () => {
  const organization = await makeOrganization();
  const { owner, member } = organization;
  expect(await changeRole(owner, organization, member, 'god')).toMatchObject({
    status: 400,
    code: 'role_unknown',
  });
});

test('[MEM7] the last owner can neither leave nor be demoted nor be deleted', async () => {
  const organization = await makeOrganization();
  const { owner } = organization;
  const refusal = { status: 409, code: 'last_owner', details: {} };
  expect(await removeMember(owner, organization, owner)).toEqual(refusal);
  expect(await changeRole(owner, organization, owner, 'admin')).toEqual(refusal);
  await expect(operatorSql()`delete from auth.users where id = ${owner.userId}`).rejects.toThrow(
    'last_owner',
  );
  expect(await roleOf(organization, owner)).toBe('owner');
});

test('[MEM8] of two owners who leave at once one stays', async () => {
  const organization = await makeOrganization();
  const { owner, admin } = organization;
  expect(await changeRole(owner, organization, admin, 'owner')).toBeNull();
  const refusals = await Promise.all([
    removeMember(owner, organization, owner),
    removeMember(admin, organization, admin),
  ]);
  expect(refusals.filter((refusal) => refusal === null)).toHaveLength(1);
  expect(refusals.find((refusal) => refusal !== null)).toMatchObject({ status: 409, code: 'last_owner' });
  expect(await rolesOf(organization)).toEqual(['member', 'owner']);
});

test('[MEM9] of two owners who demote each other at once one stays', async () => {
  const organization = await makeOrganization();
  const { owner, admin } = organization;
  expect(await changeRole(owner, organization, admin, 'owner')).toBeNull();
  await Promise.all([
    changeRole(owner, organization, admin, 'member'),
    changeRole(admin, organization, owner, 'member'),
  ]);
  expect(await rolesOf(organization)).toEqual(['member', 'member', 'owner']);
});

test('[MEM10] members leave, admins remove members, members remove nobody', async () => {
  const organization = await makeOrganization();
  const { owner, admin, member } = organization;
  expect(await removeMember(member, organization, admin)).toMatchObject({
    status: 403,
    code: 'role_required',
  });
  expect(await removeMember(admin, organization, member)).toBeNull();
  expect(await removeMember(admin, organization, admin)).toBeNull();
  expect(await rolesOf(organization)).toEqual(['owner']);
  expect(await removeMember(owner, organization, member)).toMatchObject({
    status: 404,
    code: 'member_not_found',
  });
});

test('[MEM11] who is removed sees nothing any more, with the session that was open', async () => {
  const organization = await makeOrganization();
  const { owner, member, organizationId } = organization;
  const projects = () => member.db.from('projects').select('id').eq('organization_id', organizationId);
  expect((await projects()).data).toHaveLength(1);
  expect(await removeMember(owner, organization, member)).toBeNull();
  expect((await projects()).data).toEqual([]);
  expect((await member.db.from('profiles').select('user_id')).data).toEqual([{ user_id: member.userId }]);
});

test('[MEM12] an organization is handed over to a member: the former owner stays as admin', async () => {
  const organization = await makeOrganization();
  const { owner, admin, member } = organization;
  expect(await transfer(admin, organization, member)).toMatchObject({ status: 403, code: 'role_required' });
  expect(await transfer(owner, organization, owner)).toMatchObject({ status: 400, code: 'already_owner' });
  expect(await transfer(owner, organization, organization.outsider)).toMatchObject({
    status: 404,
    code: 'member_not_found',
  });
  expect(await transfer(owner, organization, member)).toBeNull();
  expect(await roleOf(organization, member)).toBe('owner');
  expect(await roleOf(organization, owner)).toBe('admin');
});

test('[MEM13] an owner who hands over to two people at once hands over to one', async () => {
  const organization = await makeOrganization();
  const { owner, admin, member } = organization;
  await Promise.all([transfer(owner, organization, admin), transfer(owner, organization, member)]);
  const roles = await rolesOf(organization);
  expect(roles.filter((role) => role === 'owner')).toHaveLength(1);
});

test('[MEM14] colleagues see each other’s name and address, strangers do not', async () => {
  const { owner, admin, member } = await makeOrganization();
  const { data } = await member.db.from('profiles').select('user_id, email');
  const colleagues = [owner, admin, member].map(({ userId, email }) => ({ user_id: userId, email }));
  expect(data).toHaveLength(colleagues.length);
  expect(data).toEqual(expect.arrayContaining(colleagues));
});

test('[MEM15] a person’s address in the profile follows the one they sign in with', async () => {
  const person = await signUpPerson();
  const email = `new-${randomUUID()}@example.com`;
  await operatorSql()`update auth.users set email = ${email} where id = ${person.userId}`;
  const { data } = await person.db.from('profiles').select('email').single();
  expect(data?.email).toBe(email);
});

const changeRole = async (actor: Person, { organizationId }: Organization, whom: Person, role: string) =>
  refusalOf(
    await actor.db.rpc('change_member_role', { organization_id: organizationId, user_id: whom.userId, role }),
  );

const removeMember = async (actor: Person, { organizationId }: Organization, whom: Person) =>
  refusalOf(await actor.db.rpc('remove_member', { organization_id: organizationId, user_id: whom.userId }));

const transfer = async (actor: Person, { organizationId }: Organization, whom: Person) =>
  refusalOf(
    await actor.db.rpc('transfer_organization', { organization_id: organizationId, user_id: whom.userId }),
  );

async function rolesOf({ organizationId }: Organization): Promise<string[]> {
  const rows = await operatorSql()`
    select role from public.organization_members where organization_id = ${organizationId} order by role`;
  return rows.map(({ role }) => String(role));
}

async function roleOf({ organizationId }: Organization, { userId }: Person): Promise<string | undefined> {
  const [row] = await operatorSql()`
    select role from public.organization_members
    where organization_id = ${organizationId} and user_id = ${userId}`;
  return row && String(row['role']);
}
