import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { createMailer } from './mail.ts';

afterEach(() => vi.useRealTimers());

test('[MAIL1] a mail server that says nothing is given up long before the lease of whoever mails is over', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const send = createMailer(`smtp://127.0.0.1:${portOf(server.address())}`, 'from@example.com');
  const outcome = send({ to: 'to@example.com', subject: 'Hello', paragraphs: [] }).then(
    () => 'sent',
    (error: unknown) => String(error),
  );
  await once(server, 'connection');
  await wait(100);
  vi.advanceTimersByTime(10_000);
  expect(await Promise.race([outcome, wait(2000, 'still waiting')])).toMatch(/greeting/i);
  server.close();
});

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return address.port;
}
