import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { operatorSql } from '../support/database.ts';
import { makeOrganization, setPlan, type Organization } from '../support/organization.ts';
import { anonymousDb, signUpPerson, type Person } from '../support/person.ts';
import { refusalOf } from './refusal.ts';

const notFound = { status: 404, code: 'invitation_not_found', details: {} };

test('[INV1] an invitation shows what it is for to whoever holds it, and lets in whom it is for, once', async () => {
  const organization = await makeOrganization();
  const guest = await signUpPerson('guest');
  const { token, id } = await invite(organization, guest.email.toUpperCase(), 'admin');
  expect(await show(token)).toMatchObject({
    email: guest.email,
    role: 'admin',
    is_open: true,
    invited_by_name: organization.owner.email,
  });
  expect((await guest.db.rpc('accept_invitation', { token })).data).toBe(organization.organizationId);
  expect(await rolesIn(organization, guest)).toEqual(['admin']);
  expect(refusalOf(await guest.db.rpc('accept_invitation', { token }))).toEqual(notFound);
  expect(await show(token)).toMatchObject({ is_open: false });
  const [row] = await operatorSql()`select accepted_by from public.invitations where id = ${id}`;
  expect(row?.['accepted_by']).toBe(guest.userId);
});

test('[INV2] a token in the wrong hands opens nothing, and says no more than one that never was', async () => {
  const organization = await makeOrganization();
  const { token } = await invite(organization, `someone-${randomUUID()}@example.com`);
  const { outsider } = organization;
  expect(refusalOf(await outsider.db.rpc('accept_invitation', { token }))).toEqual(notFound);
  expect(refusalOf(await outsider.db.rpc('accept_invitation', { token: 'f'.repeat(64) }))).toEqual(notFound);
  expect(await rolesIn(organization, outsider)).toEqual([]);
  expect(await show(token)).toMatchObject({ is_open: true });
});

test('[INV3] an expired invitation opens nothing', async () => {
  const organization = await makeOrganization();
  const guest = await signUpPerson('guest');
  const { token, id } = await invite(organization, guest.email);
  await operatorSql()`update public.invitations set expires_at = now() where id = ${id}`;
  expect(refusalOf(await guest.db.rpc('accept_invitation', { token }))).toEqual(notFound);
  expect(await show(token)).toMatchObject({ is_open: false });
});

test('[INV4] a withdrawn invitation opens nothing; an accepted one cannot be withdrawn', async () => {
  const organization = await makeOrganization();
  const guest = await signUpPerson('guest');
  const { token, id } = await invite(organization, guest.email);
  const { admin, member } = organization;
  await member.db.from('invitations').delete().eq('id', id);
  expect(await show(token)).toMatchObject({ is_open: true });
  await admin.db.from('invitations').delete().eq('id', id);
  expect(refusalOf(await guest.db.rpc('accept_invitation', { token }))).toEqual(notFound);
  expect(await show(token)).toBeNull();
  const { data } = await admin.db.from('invitations').delete().not('accepted_at', 'is', null).select('id');
  expect(data).toEqual([]);
});

test('[INV5] inviting an address again makes the earlier token worthless', async () => {
  const organization = await makeOrganization();
  const guest = await signUpPerson('guest');
  const first = await invite(organization, guest.email);
  const second = await invite(organization, guest.email, 'admin');
  expect(refusalOf(await guest.db.rpc('accept_invitation', { token: first.token }))).toEqual(notFound);
  expect(refusalOf(await guest.db.rpc('accept_invitation', { token: second.token }))).toBeNull();
  expect(await rolesIn(organization, guest)).toEqual(['admin']);
});

test('[INV6] one token accepted twice at once makes one membership', async () => {
  const organization = await makeOrganization();
  const guest = await signUpPerson('guest');
  const { token } = await invite(organization, guest.email);
  const answers = await Promise.all([1, 2].map(() => guest.db.rpc('accept_invitation', { token })));
  expect(answers.map(refusalOf).filter((refusal) => refusal === null)).toHaveLength(1);
  expect(await rolesIn(organization, guest)).toEqual(['member']);
});

test('[INV7] only admins invite, only to what is below owner, only addresses, and nobody who is in', async () => {
  const { organizationId, admin, member } = await makeOrganization();
  const tryIt = async (actor: Person, email: string, role: string) =>
    refusalOf(await actor.db.rpc('create_invitation', { organization_id: organizationId, email, role }));
  expect(await tryIt(member, 'a@example.com', 'member')).toMatchObject({
    status: 403,
    code: 'role_required',
  });
  expect(await tryIt(admin, 'a@example.com', 'owner')).toMatchObject({ status: 400, code: 'role_unknown' });
  expect(await tryIt(admin, 'no address', 'member')).toMatchObject({ status: 400, code: 'email_invalid' });
  expect(await tryIt(admin, ` ${member.email.toUpperCase()} `, 'member')).toMatchObject({
    status: 409,
    code: 'already_member',
  });
});

test('[INV8] who signs up with an invitation joins, and gets no organization of their own', async () => {
  const organization = await makeOrganization();
  const email = `invited-${randomUUID()}@example.com`;
  const { token } = await invite(organization, email, 'admin');
  const guest = await signUpWith(email, token);
  const { data } = await guest.from('organizations').select('id');
  expect(data).toEqual([{ id: organization.organizationId }]);
  expect(await show(token)).toMatchObject({ is_open: false });
});

test.each([
  ['for another address', async (organization: Organization) => invite(organization, 'other@example.com')],
  [
    'expired',
    async (organization: Organization, email: string) => {
      const invitation = await invite(organization, email);
      await operatorSql()`update public.invitations set expires_at = now() where id = ${invitation.id}`;
      return invitation;
    },
  ],
  [
    'to an organization that is full by now',
    async (organization: Organization, email: string) => {
      const invitation = await invite(organization, email);
      await setPlan(organization.organizationId, 'free');
      return invitation;
    },
  ],
])(
  '[INV9] who signs up with an invitation %s still signs up, with their own organization',
  async (_, make) => {
    const organization = await makeOrganization();
    const email = `invited-${randomUUID()}@example.com`;
    const { token } = await make(organization, email);
    const guest = await signUpWith(email, token);
    const { data } = await guest.from('organization_members').select('organization_id, role');
    expect(data).toEqual([{ organization_id: expect.any(String), role: 'owner' }]);
    expect(data?.[0]?.organization_id).not.toBe(organization.organizationId);
  },
);

test('[INV10] an invitation over HTTP is mailed, answered once, and can be sent again by admins only', async () => {
  const { organizationId, admin, member } = await makeOrganization();
  const email = `invited-${randomUUID()}@example.com`;
  const sent = await admin.db.functions.invoke('tenancy/invitations', {
    body: { organizationId, email, role: 'member' },
  });
  expect(sent.data).toMatchObject({ success: true, data: { id: expect.any(String), isMailed: true } });
  const path = `tenancy/invitations/${String(sent.data.data.id)}/resend`;
  expect((await member.db.functions.invoke(path, { body: {} })).response?.status).toBe(404);
  const again = await admin.db.functions.invoke(path, { body: {} });
  expect(again.data).toMatchObject({ success: true, data: { isMailed: true } });
  expect(again.data.data.link).not.toBe(sent.data.data.link);
});

async function invite({ organizationId, owner }: Organization, email: string, role = 'member') {
  const { data, error } = await owner.db
    .rpc('create_invitation', { organization_id: organizationId, email, role })
    .single();
  if (error) throw error;
  return data;
}

/** As anyone on the internet who has the link; null for a token that means nothing. */
async function show(token: string) {
  const { data, error } = await anonymousDb().rpc('show_invitation', { token });
  if (error) throw error;
  return data[0] ?? null;
}

async function signUpWith(email: string, token: string) {
  const db = anonymousDb();
  const { error } = await db.auth.signUp({
    email,
    password: randomUUID(),
    options: { data: { invitation_token: token } },
  });
  if (error) throw error;
  return db;
}

async function rolesIn({ organizationId }: Organization, { userId }: Person): Promise<string[]> {
  const rows = await operatorSql()`
    select role from public.organization_members
    where organization_id = ${organizationId} and user_id = ${userId}`;
  return rows.map(({ role }) => String(role));
}
