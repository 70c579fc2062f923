import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { operatorSql } from '../support/database.ts';
import { makeOrganization, mintProxyKey, setPlan } from '../support/organization.ts';
import type { Person } from '../support/person.ts';
import { storeProviderKey } from '../support/provider-key.ts';

/** The log as this person may read it, oldest first. */
async function readLog({ db }: Person, organizationId: string) {
  const { data, error } = await db
    .from('audit_log')
    .select('actor_id, actor_email, action, subject_type, subject_id, before, after')
    .eq('organization_id', organizationId)
    .order('id');
  if (error) throw error;
  return data;
}

/** What a piece of work adds to the log. */
async function logged(reader: Person, organizationId: string, work: () => PromiseLike<unknown>) {
  const before = await readLog(reader, organizationId);
  await work();
  return (await readLog(reader, organizationId)).slice(before.length);
}

test('[AUD1] the beginnings are in it: the organization, its owner, who joined by whose invitation', async () => {
  const { organizationId, owner, admin } = await makeOrganization();
  const log = await readLog(owner, organizationId);
  expect(log[0]).toMatchObject({ action: 'organization.created', subject_id: organizationId, before: null });
  expect(log[1]).toMatchObject({
    action: 'member.created',
    subject_id: owner.userId,
    after: { role: 'owner' },
  });
  expect(log).toContainEqual(
    expect.objectContaining({
      action: 'invitation.created',
      actor_id: owner.userId,
      actor_email: owner.email,
      after: expect.objectContaining({ email: admin.email, role: 'admin' }),
    }),
  );
  expect(log).toContainEqual(
    expect.objectContaining({ action: 'member.created', actor_id: admin.userId, subject_id: admin.userId }),
  );
});

test('[AUD2] a role, an organization, a project, a plan: who, what, before, after', async () => {
  const { organizationId, projectId, owner, admin, member } = await makeOrganization();
  const log = await logged(owner, organizationId, async () => {
    await admin.db.rpc('change_member_role', {
      organization_id: organizationId,
      user_id: member.userId,
      role: 'admin',
    });
    await admin.db.from('organizations').update({ name: 'Renamed' }).eq('id', organizationId);
    await owner.db.from('projects').update({ name: 'Moved' }).eq('id', projectId);
    await setPlan(organizationId, 'pro', { members: '7' });
    await owner.db.rpc('remove_member', { organization_id: organizationId, user_id: member.userId });
  });
  const byAdmin = { actor_id: admin.userId, actor_email: admin.email };
  const byOwner = { actor_id: owner.userId, actor_email: owner.email };
  const byOperator = { actor_id: null, actor_email: null };
  expect(log).toMatchObject([
    { ...byAdmin, action: 'member.changed', before: { role: 'member' }, after: { role: 'admin' } },
    {
      ...byAdmin,
      action: 'organization.changed',
      before: { plan: 'enterprise' },
      after: { name: 'Renamed' },
    },
    { ...byOwner, action: 'project.changed', before: { name: 'Project' }, after: { name: 'Moved' } },
    { ...byOperator, action: 'organization.changed', before: { plan: 'enterprise' }, after: { plan: 'pro' } },
    { ...byOperator, action: 'plan_override.created', subject_id: 'members', after: { amount: 7 } },
    {
      ...byOwner,
      action: 'member.removed',
      subject_id: member.userId,
      before: { role: 'admin' },
      after: null,
    },
  ]);
});

test('[AUD3] a key and a credential from first to last, and no secret among it', async () => {
  const { organizationId, projectId, admin } = await makeOrganization();
  let proxyKey = '';
  let providerKey = '';
  const log = await logged(admin, organizationId, async () => {
    proxyKey = await mintProxyKey(projectId, admin);
    providerKey = await storeProviderKey(organizationId, admin, 'openai');
    const keys = await admin.db.from('proxy_keys').select('id').eq('organization_id', organizationId);
    await admin.db.rpc('revoke_proxy_key', { id: keys.data?.[0]?.id ?? '' });
    await admin.db
      .from('provider_credentials')
      .update({ is_active: false })
      .eq('organization_id', organizationId);
    await admin.db.from('provider_credentials').delete().eq('organization_id', organizationId);
  });
  expect(log.map(({ action }) => action)).toEqual([
    'proxy_key.created',
    'provider_credential.created',
    'proxy_key.changed',
    'provider_credential.changed',
    'provider_credential.removed',
  ]);
  expect(log[2]).toMatchObject({ before: { revoked_at: null }, after: { revoked_at: expect.any(String) } });
  expect(new Set(log.map(({ actor_id }) => actor_id))).toEqual(new Set([admin.userId]));
  const text = JSON.stringify(log);
  for (const secret of [proxyKey, proxyKey.split('_')[2] ?? '', providerKey]) {
    expect(secret.length).toBeGreaterThan(20);
    expect(text).not.toContain(secret);
  }
  expect(text).not.toMatch(/ciphertext|hash|token/);
});

test('[AUD4] what changes by itself is not news: last use, tests, dates', async () => {
  const { organizationId, projectId, admin } = await makeOrganization();
  await mintProxyKey(projectId, admin);
  await storeProviderKey(organizationId, admin, 'openai');
  const log = await logged(admin, organizationId, async () => {
    const sql = operatorSql();
    await sql`update public.proxy_keys set last_used_at = now() where organization_id = ${organizationId}`;
    await sql`update public.provider_credentials set tested_at = now(), test_error = 'x'
      where organization_id = ${organizationId}`;
    await admin.db.from('projects').update({ name: 'Project' }).eq('id', projectId);
  });
  expect(log).toEqual([]);
});

test('[AUD5] admins read it, members and strangers do not', async () => {
  const { organizationId, owner, admin, member, outsider } = await makeOrganization();
  expect((await readLog(owner, organizationId)).length).toBeGreaterThan(3);
  expect((await readLog(admin, organizationId)).length).toBeGreaterThan(3);
  expect(await readLog(member, organizationId)).toEqual([]);
  expect(await readLog(outsider, organizationId)).toEqual([]);
});

test('[AUD6] nobody writes it or takes from it over the API, owners neither', async () => {
  const { organizationId, owner, admin } = await makeOrganization();
  const entry = { organization_id: organizationId, action: 'x', subject_type: 'x', subject_id: randomUUID() };
  for (const { db } of [owner, admin]) {
    const answers = [
      await db.from('audit_log').insert(entry),
      await db.from('audit_log').update({ action: 'y' }).eq('organization_id', organizationId),
      await db.from('audit_log').delete().eq('organization_id', organizationId),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
  }
});

test('[AUD7] an invitation’s way is in it: sent, accepted, withdrawn', async () => {
  const { organizationId, owner, admin } = await makeOrganization();
  const email = `guest-${randomUUID()}@example.com`;
  const log = await logged(owner, organizationId, async () => {
    await admin.db.rpc('create_invitation', { organization_id: organizationId, email, role: 'member' });
    await admin.db.from('invitations').delete().eq('email', email);
  });
  expect(log).toMatchObject([
    { action: 'invitation.created', actor_id: admin.userId, after: { email, accepted_at: null } },
    { action: 'invitation.removed', actor_id: admin.userId, before: { email }, after: null },
  ]);
});
