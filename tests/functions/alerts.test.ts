import { randomUUID } from 'node:crypto';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { linkIn, readMail } from '../e2e/read-mail.ts';
import { operatorSql } from '../support/database.ts';
import { makeOrganization, setPlan, type Organization } from '../support/organization.ts';
import type { Person } from '../support/person.ts';
import { readReady } from '../support/ready.ts';
import { startReceiver, type Received, type Receiver } from '../support/receiver.ts';

let receiver: Receiver;
let organization: Organization;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());
beforeEach(async () => {
  receiver.answer(204);
  organization = await makeOrganization();
});

const Answer = z.object({
  success: z.boolean(),
  data: z
    .looseObject({ id: z.string().optional(), secret: z.string().nullish(), ok: z.boolean().optional() })
    .optional(),
  error: z.looseObject({ code: z.string(), message: z.string() }).optional(),
});

async function post(person: Person, path: string, body: unknown = {}) {
  const { url, publishableKey } = readReady();
  const response = await fetch(`${url}/functions/v1/gateway/${path}`, {
    method: 'POST',
    headers: {
      apikey: publishableKey,
      authorization: `Bearer ${person.accessToken}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, ...Answer.parse(await response.json()) };
}

const addChannel = (values: Record<string, unknown>, person: Person = organization.admin) =>
  post(person, 'alert-channels', {
    organizationId: organization.organizationId,
    name: 'Hook',
    kinds: ['error_rate'],
    ...values,
  });

async function addHook(type: 'slack' | 'webhook', path = `/${randomUUID()}`) {
  const { data, status, error } = await addChannel({ type, url: `${receiver.url}${path}` });
  expect({ status, error }).toEqual({ status: 201, error: undefined });
  return { id: data?.id ?? '', secret: data?.secret ?? null, path };
}

async function raise(
  facts: Record<string, string | number> = { provider: 'openai', calls: 40, errors: 6 },
): Promise<number> {
  const [row] = await operatorSql()`
    insert into public.alerts (organization_id, kind, severity, subject_type, subject_id, occasion, facts)
    values (${organization.organizationId}, 'error_rate', 'warning', 'provider', ${randomUUID()}, 'now',
      ${operatorSql().json(facts)}) returning id`;
  return Number(row?.['id']);
}

/** Runs the job now, or finds that the schedule has run it: what is due is told when this returns. */
async function deliver(): Promise<void> {
  const response = await fetch(`${readReady().url}/functions/v1/gateway/jobs/deliver-alerts`, {
    method: 'POST',
    headers: { 'x-jobs-secret': readReady().jobsSecret },
  });
  expect(response.status).toBe(200);
}

const arrivedAt = (path: string): Received[] => receiver.received.filter((each) => each.path === path);

const readDelivery = async (channelId: string) => {
  const [row] = await operatorSql()`
    select status, attempts, last_error from public.alert_deliveries where channel_id = ${channelId}`;
  return row;
};

const makeDue = (channelId: string) =>
  operatorSql()`update public.alert_deliveries set due_at = now() where channel_id = ${channelId} and status = 'pending'`;

test('[ALF1] a webhook is told under Standard Webhooks’ signature, which OpenAI’s own client verifies', async () => {
  const { secret, path } = await addHook('webhook');
  const alert = await raise();
  await deliver();
  await expect.poll(() => arrivedAt(path).length).toBe(1);
  const [{ body, headers } = { body: '', headers: {} }] = arrivedAt(path);
  const client = new OpenAI({ apiKey: 'none' });
  await client.webhooks.verifySignature(body, headers, secret ?? '');
  await expect(client.webhooks.verifySignature(`${body} `, headers, secret ?? '')).rejects.toThrow(
    /signature/i,
  );
  expect(JSON.parse(body)).toMatchObject({
    type: 'alert.error_rate',
    data: {
      id: alert,
      organization_id: organization.organizationId,
      title: '15% of calls to OpenAI failed',
      facts: { calls: 40 },
      url: expect.stringMatching(new RegExp(`/alerts/${alert}$`)),
    },
  });
});

test('[ALF2] what failed is tried again under the same id, with a signature of that time, until it arrives', async () => {
  const { id, path } = await addHook('webhook');
  receiver.answer(500);
  await raise();
  await deliver();
  await expect
    .poll(() => readDelivery(id))
    .toMatchObject({ status: 'pending', last_error: 'It answered 500.' });
  receiver.answer(200);
  await makeDue(id);
  await deliver();
  await expect.poll(() => readDelivery(id)).toMatchObject({ status: 'delivered', last_error: null });
  const [first, second] = arrivedAt(path);
  expect(first?.headers['webhook-id']).toMatch(/^msg_/);
  expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  expect(second?.body).toBe(first?.body);
  await deliver();
  expect(arrivedAt(path)).toHaveLength(2);
});

test('[ALF3] many who deliver at once tell each alert once', async () => {
  const { path } = await addHook('webhook');
  for (let made = 0; made < 12; made += 1) await raise();
  await Promise.all(Array.from({ length: 4 }, deliver));
  await expect.poll(() => arrivedAt(path).length, { timeout: 15_000 }).toBe(12);
  await deliver();
  expect(new Set(arrivedAt(path).map(({ headers }) => headers['webhook-id'])).size).toBe(12);
  expect(arrivedAt(path)).toHaveLength(12);
});

test('[ALF4] Slack’s kind gets text in which nobody’s name becomes a link or a mention', async () => {
  const { path } = await addHook('slack');
  await raise({ provider: '<!channel> & co', calls: 40, errors: 6 });
  await deliver();
  await expect.poll(() => arrivedAt(path).length).toBe(1);
  const { text } = z.object({ text: z.string() }).parse(JSON.parse(arrivedAt(path)[0]?.body ?? ''));
  expect(text).toContain('&lt;!channel&gt; &amp; co failed');
  expect(arrivedAt(path)[0]?.headers['webhook-signature']).toBeUndefined();
});

test('[ALF5] without further ado the admins get mail, which leads to the alert', async () => {
  const alert = await raise();
  await deliver();
  for (const { email } of [organization.owner, organization.admin]) {
    const mail = await readMail(email, /15% of calls to OpenAI failed/);
    expect(linkIn(mail)).toMatch(new RegExp(`/alerts/${alert}$`));
  }
});

test.each([
  'http://10.0.0.1/hook',
  'https://10.0.0.1/hook',
  'https://169.254.169.254/latest/meta-data',
  'https://[::ffff:192.168.0.1]/',
  'https://[fd00::1]/',
  'https://nowhere.invalid/',
  'https://user:secret@1.1.1.1/',
])('[ALF6] the address %s is refused before it is stored', async (url) => {
  const refused = await addChannel({ type: 'slack', url });
  expect(refused).toMatchObject({ status: 400, error: { code: 'webhook_url_refused' } });
  const { data } = await organization.admin.db
    .from('alert_channels')
    .select('id')
    .eq('organization_id', organization.organizationId)
    .eq('type', 'slack');
  expect(data).toEqual([]);
});

test('[ALF7] a redirect is not followed', async () => {
  const { id, path } = await addHook('webhook');
  receiver.answer(307, { location: `${receiver.url}${path}/elsewhere` });
  await raise();
  await deliver();
  await expect
    .poll(() => readDelivery(id))
    .toMatchObject({
      last_error: 'It answered 307, a redirect, which is not followed.',
    });
  expect(arrivedAt(`${path}/elsewhere`)).toEqual([]);
});

test('[ALF8] a test says at once whether it arrived, and cannot be sent again and again', async () => {
  const { id, path } = await addHook('webhook');
  expect(await post(organization.admin, `alert-channels/${id}/test`)).toMatchObject({
    status: 200,
    data: { ok: true },
  });
  expect(JSON.parse(arrivedAt(path)[0]?.body ?? '')).toMatchObject({ type: 'alert.test' });
  expect(await post(organization.admin, `alert-channels/${id}/test`)).toMatchObject({ status: 429 });
  await operatorSql()`update public.alert_channels set tested_at = null where id = ${id}`;
  receiver.answer(404);
  expect(await post(organization.admin, `alert-channels/${id}/test`)).toMatchObject({
    status: 200,
    data: { ok: false, error: 'It answered 404.' },
  });
});

test('[ALF9] the signed kind is Enterprise’s: elsewhere it is a 402 that names the plan', async () => {
  await setPlan(organization.organizationId, 'pro');
  expect(await addChannel({ type: 'webhook', url: receiver.url })).toMatchObject({
    status: 402,
    error: { code: 'plan_limit_exceeded', plan: 'pro', resource: 'signed_webhooks' },
  });
});

test('[ALF10] channels are the admins’; strangers learn nothing of them', async () => {
  const { id } = await addHook('slack');
  const { member, outsider } = organization;
  expect(await addChannel({ type: 'slack', url: receiver.url }, member)).toMatchObject({ status: 403 });
  expect(await addChannel({ type: 'slack', url: receiver.url }, outsider)).toMatchObject({ status: 404 });
  expect(await post(member, `alert-channels/${id}/test`)).toMatchObject({ status: 403 });
  const [foreign, missing] = await Promise.all([
    post(outsider, `alert-channels/${id}/test`),
    post(outsider, `alert-channels/${randomUUID()}/test`),
  ]);
  expect(foreign).toEqual(missing);
  expect(foreign.status).toBe(404);
});

test('[ALF11] of a webhook’s address the database knows the host, and the rest as nobody can read it', async () => {
  const { id, path, secret } = await addHook('webhook');
  const [row] = await operatorSql()`
    select c::text as channel, s.ciphertext, (select string_agg(l::text, '') from public.audit_log l
      where l.organization_id = c.organization_id) as log
    from public.alert_channels c join private.alert_channel_secrets s on s.channel_id = c.id where c.id = ${id}`;
  const everything = Object.values(row ?? {}).join(' ');
  expect(everything).toContain('alert_channel.created');
  expect(everything).not.toContain(path.slice(1));
  expect(everything).not.toContain(secret);
});
