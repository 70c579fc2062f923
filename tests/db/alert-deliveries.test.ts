import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { operatorSql } from '../support/database.ts';
import { makeOrganization, setPlan, type Organization } from '../support/organization.ts';
import { actAs, inRolledBackTransaction, type Session } from './act-as.ts';
import { refusalOf } from './refusal.ts';

const Delivery = z.object({
  id: z.string(),
  channel_id: z.string().nullable(),
  recipient: z.string(),
  status: z.string(),
  attempts: z.number(),
  last_error: z.string().nullable(),
  due_at: z.date(),
});

/** Past everything that the stack's own job would take meanwhile. */
const later = (minutes: number): Date => new Date(Date.now() + minutes * 60_000);

async function addWebhook(session: Session, organizationId: string, type = 'webhook'): Promise<string> {
  const [channel] = await session`
    insert into public.alert_channels (organization_id, type, name, kinds, url_host)
    values (${organizationId}, ${type}, 'Hook', private.alert_kinds(), 'hooks.example.com') returning id`;
  const id = String(channel?.['id']);
  await session`insert into private.alert_channel_secrets values (${id}, 'v1:none:AAAA:AAAA')`;
  return id;
}

const raise = async (session: Session, organizationId: string): Promise<void> =>
  void (await session`
    insert into public.alerts (organization_id, kind, severity, subject_type, subject_id, occasion)
    values (${organizationId}, 'error_rate', 'warning', 'provider', ${randomUUID()}, 'now')`);

async function readDeliveries(session: Session, organizationId: string) {
  const rows = await session`
    select * from public.alert_deliveries where organization_id = ${organizationId} order by recipient, created_at`;
  return z.array(Delivery).parse([...rows]);
}

const Claim = z.object({ id: z.string(), leased_until: z.string(), type: z.string(), recipient: z.string() });

async function claim(session: Session, organizationId: string, at: Date, batch = 1000) {
  const rows = await session`
    select id, leased_until::text, type, recipient from public.claim_alert_deliveries(${batch}, 120, ${at})
    where organization_id = ${organizationId}`;
  return z.array(Claim).parse([...rows]);
}

async function record(
  session: Session,
  { id, leased_until }: z.infer<typeof Claim>,
  error: string | null,
  at: Date,
) {
  const [row] = await session`
    select public.record_alert_delivery(${id}, ${leased_until}::text::timestamptz, ${error}, false, ${at}) as status`;
  return row?.['status'];
}

/** Its mail to the admins taken away, so that there is the webhook alone. */
async function withWebhook(
  work: (session: Session, organization: Organization, channelId: string) => Promise<void>,
): Promise<void> {
  const organization = await makeOrganization();
  await inRolledBackTransaction(async (session) => {
    await session`delete from public.alert_channels where organization_id = ${organization.organizationId}`;
    const channelId = await addWebhook(session, organization.organizationId);
    await work(session, organization, channelId);
  });
}

test('[ADL1] an alert goes to each channel that wants its kind: every admin by mail, a webhook once', async () => {
  const { organizationId, owner, admin } = await makeOrganization();
  await inRolledBackTransaction(async (session) => {
    const hook = await addWebhook(session, organizationId);
    const quiet = await addWebhook(session, organizationId, 'slack');
    await session`update public.alert_channels set kinds = '{key_expiring}' where id = ${quiet}`;
    await session`insert into public.alert_channels (organization_id, type, name, kinds, addresses)
      values (${organizationId}, 'mail', 'Finance', private.alert_kinds(), '{Books@example.com,books@example.com}')`;
    await raise(session, organizationId);
    const deliveries = await readDeliveries(session, organizationId);
    expect(deliveries.map(({ recipient }) => recipient).toSorted()).toEqual(
      ['', admin.email, owner.email, 'books@example.com'].toSorted(),
    );
    expect(deliveries.find(({ recipient }) => recipient === '')?.channel_id).toBe(hook);
  });
});

test('[ADL2] a signed webhook is silent where the plan has none', async () => {
  await withWebhook(async (session, { organizationId }) => {
    await session`update public.organizations set plan = 'pro' where id = ${organizationId}`;
    await raise(session, organizationId);
    expect(await readDeliveries(session, organizationId)).toEqual([]);
  });
});

test('[ADL3] what is claimed is nobody else’s until the lease ends; a late record changes nothing', async () => {
  await withWebhook(async (session, { organizationId }) => {
    await raise(session, organizationId);
    const [first, ...others] = await claim(session, organizationId, later(1));
    expect(others).toEqual([]);
    expect(await claim(session, organizationId, later(2))).toEqual([]);
    const [second] = await claim(session, organizationId, later(4));
    expect(second?.id).toBe(first?.id);
    if (!first || !second) throw new Error('Not claimed.');
    expect(await record(session, first, null, later(4))).toBeNull();
    expect(await record(session, second, null, later(4))).toBe('delivered');
    expect(await record(session, second, null, later(4))).toBeNull();
    expect(await claim(session, organizationId, later(9999))).toEqual([]);
  });
});

test('[ADL4] two who claim at once share nothing', async () => {
  const { organizationId } = await makeOrganization();
  await operatorSql().begin(async (sql) => {
    await sql`update public.alert_channels set addresses = '{a@example.com,b@example.com,c@example.com,d@example.com}'
      where organization_id = ${organizationId}`;
    await sql`insert into public.alerts (organization_id, kind, severity, subject_type, subject_id, occasion)
      values (${organizationId}, 'error_rate', 'warning', 'provider', 'openai', 'now')`;
    // The stack's own job takes it only after that.
    await sql`update public.alert_deliveries set due_at = now() + interval '1 day' where organization_id = ${organizationId}`;
  });
  const at = new Date(Date.now() + 25 * 3_600_000);
  const claimed = await inRolledBackTransaction(async (one) => {
    const first = await claim(one, organizationId, at, 2);
    return [...first, ...(await inRolledBackTransaction((other) => claim(other, organizationId, at)))];
  });
  expect(claimed.length).toBe(new Set(claimed.map(({ id }) => id)).size);
  expect(claimed.length).toBeGreaterThanOrEqual(2);
});

test('[ADL5] a failure waits longer each time, up to an hour, never exactly as long as the others', async () => {
  await withWebhook(async (session, { organizationId }) => {
    await raise(session, organizationId);
    let at = later(1);
    const waits: number[] = [];
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const [claimed] = await claim(session, organizationId, at);
      if (!claimed) throw new Error(`Attempt ${attempt} was not due.`);
      expect(await record(session, claimed, 'It answered 500.', at)).toBe('pending');
      const [delivery] = await readDeliveries(session, organizationId);
      waits.push(((delivery?.due_at.getTime() ?? 0) - at.getTime()) / 1000);
      at = new Date((delivery?.due_at.getTime() ?? 0) + 1);
    }
    for (const [attempt, wait] of waits.entries()) {
      const regular = Math.min(10 * 2 ** attempt, 3600);
      expect(wait).toBeGreaterThanOrEqual(regular * 0.799);
      expect(wait).toBeLessThanOrEqual(regular * 1.201);
    }
    expect(new Set(waits.slice(-3)).size).toBe(3);
  });
});

test('[ADL6] a webhook that fails for a day is paused, and says so to the admins in the app and by mail', async () => {
  await withWebhook(async (session, { organizationId, owner, admin, member }, channelId) => {
    await raise(session, organizationId);
    await raise(session, organizationId);
    const fail = async (at: Date) => {
      const claimed = await claim(session, organizationId, at);
      const [first] = claimed;
      return first && record(session, first, 'It answered 500.', at);
    };
    expect(await fail(later(1))).toBe('pending');
    expect(await fail(later(60 * 23))).toBe('pending');
    expect(await fail(later(60 * 24 + 3))).toBe('dead');
    const [channel] = await session`select paused_at from public.alert_channels where id = ${channelId}`;
    expect(channel?.['paused_at']).not.toBeNull();
    const alerts = await session`
      select facts, subject_id from public.alerts where organization_id = ${organizationId} and kind = 'channel_paused'`;
    expect([...alerts]).toMatchObject([
      { subject_id: channelId, facts: { url_host: 'hooks.example.com', error: 'It answered 500.' } },
    ]);
    const deliveries = await readDeliveries(session, organizationId);
    expect(deliveries.filter(({ recipient }) => recipient === '').map(({ status }) => status)).toEqual([
      'dead',
      'dead',
    ]);
    const told = deliveries.filter(({ channel_id }) => channel_id === null).map(({ recipient }) => recipient);
    expect(told.toSorted()).toEqual([owner.email, admin.email].toSorted());
    expect(told).not.toContain(member.email);
    // Nothing more is written for it.
    await raise(session, organizationId);
    expect((await readDeliveries(session, organizationId)).length).toBe(deliveries.length);
  });
});

test('[ADL7] one success ends the count of the day', async () => {
  await withWebhook(async (session, { organizationId }, channelId) => {
    const tell = async (error: string | null, at: Date) => {
      await raise(session, organizationId);
      for (const claimed of await claim(session, organizationId, at))
        await record(session, claimed, error, at);
    };
    await tell('It answered 500.', later(1));
    await tell(null, later(60 * 20));
    await tell('It answered 500.', later(60 * 25));
    const [channel] =
      await session`select paused_at, last_error from public.alert_channels where id = ${channelId}`;
    expect(channel).toMatchObject({ paused_at: null, last_error: 'It answered 500.' });
  });
});

test('[ADL8] what was given up is restarted by an admin, once its channel is resumed', async () => {
  await withWebhook(async (session, { organizationId, admin, member }, channelId) => {
    await raise(session, organizationId);
    const [{ id } = { id: '' }] = await readDeliveries(session, organizationId);
    await session`update public.alert_deliveries set status = 'dead', attempts = 9 where id = ${id}`;
    await session`update public.alert_channels set paused_at = now() where id = ${channelId}`;
    const tryIt = async (userId: string, statement: string, argument: string) => {
      await session`savepoint asked`;
      try {
        await actAs(session, userId);
        await session.unsafe(`select public.${statement}($1)`, [argument]);
        await session`reset role`;
        return 'done';
      } catch (error) {
        await session`rollback to savepoint asked`;
        return error instanceof Error ? error.message : '';
      }
    };
    expect(await tryIt(member.userId, 'restart_alert_delivery', id)).toBe('role_required');
    expect(await tryIt(admin.userId, 'restart_alert_delivery', id)).toBe('alert_channel_paused');
    expect(await tryIt(member.userId, 'resume_alert_channel', channelId)).toBe('role_required');
    expect(await tryIt(admin.userId, 'resume_alert_channel', channelId)).toBe('done');
    expect(await tryIt(admin.userId, 'restart_alert_delivery', id)).toBe('done');
    expect(await readDeliveries(session, organizationId)).toMatchObject([{ status: 'pending', attempts: 0 }]);
  });
});

describe('storing a channel', () => {
  const store = ({ organizationId, admin }: Organization, values: Record<string, unknown>) =>
    admin.db.rpc('store_alert_channel', {
      id: randomUUID(),
      organization_id: organizationId,
      type: 'webhook',
      name: 'Hook',
      kinds: ['error_rate'],
      url_host: 'hooks.example.com',
      ciphertext: 'v1:none:AAAA:AAAA',
      ...values,
    });

  test('[ADL9] a signed webhook is refused with 402 and the plan on Free and Pro; Slack’s kind is not', async () => {
    const organization = await makeOrganization();
    expect(refusalOf(await store(organization, {}))).toBeNull();
    await setPlan(organization.organizationId, 'pro');
    expect(refusalOf(await store(organization, {}))).toEqual({
      status: 402,
      code: 'plan_limit_exceeded',
      details: { resource: 'signed_webhooks', limit: 0, used: 1, plan: 'pro' },
    });
    expect(refusalOf(await store(organization, { type: 'slack' }))).toBeNull();
  });

  test.each([
    ['an unknown kind', { kinds: ['error_rate', 'weather'] }],
    ['an unknown type', { type: 'pigeon' }],
    ['mail with an address of a webhook', { type: 'mail' }],
    ['mail to what is no address', { type: 'mail', ciphertext: null, url_host: null, addresses: ['nobody'] }],
    ['a missing address', { type: 'mail', ciphertext: null, url_host: null, addresses: [null] }],
    ['a webhook without its address', { ciphertext: null }],
    ['a webhook with mail addresses', { addresses: ['a@example.com'] }],
  ])('[ADL10] %s is refused', async (_, values) => {
    const refusal = refusalOf(await store(await makeOrganization(), values));
    expect(refusal).toMatchObject({ status: 400, code: 'alert_channel_invalid' });
  });
});
