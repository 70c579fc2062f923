import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { signWebhook } from '../../supabase/functions/gateway/verify-webhook.ts';
import { storeEventSecret } from '../support/billing-key.ts';
import { makeCaller } from '../support/caller.ts';
import { dayAgo, readReconciliations } from '../support/reconciliation.ts';

type Sent = {
  url: string;
  secret: string;
  id?: string;
  secondsAgo?: number;
  body: string;
  signature?: string;
};

async function send({ url, secret, id = randomUUID(), secondsAgo = 0, body, signature }: Sent) {
  const timestamp = String(Math.floor(Date.now() / 1000) - secondsAgo);
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signature ?? signWebhook(secret, { id, timestamp, body }),
    },
    body,
  });
  return { status: response.status, body: await response.json() };
}

const charge = {
  day: dayAgo(1),
  model: 'kimi-k2.6',
  amount_usd: '1.25',
  requests: 2,
  input_tokens: 900,
  output_tokens: 90,
};
const body = JSON.stringify({
  charges: [charge, { day: dayAgo(1), line_item: 'Web search', amount_usd: '0.10' }],
});

test('[EVT1] events that a provider pushes add up, each once', async () => {
  const { organizationId, owner } = await makeCaller(null);
  const target = { ...(await storeEventSecret(organizationId, owner, 'moonshot')), id: randomUUID(), body };
  expect(await send(target)).toMatchObject({ status: 200, body: { data: { isNew: true } } });
  expect(await send(target)).toMatchObject({ status: 200, body: { data: { isNew: false } } });
  expect(await readReconciliations(organizationId)).toMatchObject([
    { day: charge.day, theirs_usd: '1.3500000000' },
  ]);
  const credit = JSON.stringify({ charges: [{ ...charge, amount_usd: '-0.25' }] });
  await Promise.all([
    send({ ...target, id: randomUUID() }),
    send({ ...target, id: randomUUID(), body: credit }),
  ]);
  expect(await readReconciliations(organizationId)).toMatchObject([{ theirs_usd: '2.4500000000' }]);
});

test('[EVT2] what is not signed just now with the secret of its address is a 401', async () => {
  const { organizationId, owner } = await makeCaller(null);
  const { url, secret } = await storeEventSecret(organizationId, owner, 'openai');
  const other = await storeEventSecret(organizationId, owner, 'anthropic');
  const refused = [
    await send({ url, secret: other.secret, body }),
    await send({ url, secret, body, secondsAgo: 301 }),
    await send({ url, secret, body, secondsAgo: -330 }),
    await send({ url, secret, body, signature: '' }),
    await send({ url, secret, body, signature: 'v1,' }),
    await send({ url: url.replace(/key=.*/, `key=${randomUUID()}`), secret, body }),
    await send({ url: url.replace(/\?.*/, ''), secret, body }),
  ];
  expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 401));
  expect(new Set(refused.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
  expect(await readReconciliations(organizationId)).toEqual([]);
});

test.each([
  ['no JSON', '{'],
  ['no charges', '{"charges": []}'],
  ['an amount that is a number', JSON.stringify({ charges: [{ ...charge, amount_usd: 1.25 }] })],
  ['a day that is none', JSON.stringify({ charges: [{ ...charge, day: '2026-02-31' }] })],
  ['negative tokens', JSON.stringify({ charges: [{ ...charge, input_tokens: -1 }] })],
])('[EVT3] %s is a 400', async (_, text) => {
  const { organizationId, owner } = await makeCaller(null);
  const target = await storeEventSecret(organizationId, owner, 'openai');
  expect(await send({ url: target.url, secret: target.secret, body: text })).toMatchObject({ status: 400 });
});

test('[EVT4] more than a megabyte is a 413, whoever sends it', async () => {
  const { organizationId, owner } = await makeCaller(null);
  const target = await storeEventSecret(organizationId, owner, 'openai');
  expect(await send({ url: target.url, secret: '', body: ' '.repeat(1_100_000) })).toMatchObject({
    status: 413,
  });
});
