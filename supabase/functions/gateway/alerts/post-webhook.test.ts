import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createPlainServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findWebhookAddress, postWebhook } from './post-webhook.ts';

const strict = { mayReachLoopback: false };
const local = { mayReachLoopback: true };

describe('an address that a tenant chose', () => {
  test.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f.0.0.1/',
    'https://0177.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://localhost/',
    'https://localhost./',
    'https://10.0.0.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://[fd00:ec2::254]/',
    'https://[fe80::1]/',
  ])('[WHK1] %s leads nowhere, for good', async (url) => {
    await expect(findWebhookAddress(url, strict)).rejects.toMatchObject({ isFinal: true });
  });

  test.each(['http://1.1.1.1/', 'ftp://1.1.1.1/', 'https://user:secret@1.1.1.1/'])(
    '[WHK2] %s is refused, though it is public',
    async (url) => {
      await expect(findWebhookAddress(url, local)).rejects.toMatchObject({ isFinal: true });
    },
  );

  test('[WHK3] what the setting opens is this machine, and nothing beside it', async () => {
    expect((await findWebhookAddress('http://127.0.0.1:8080/x', local)).address).toBe('127.0.0.1');
    await expect(findWebhookAddress('http://10.0.0.1/', local)).rejects.toMatchObject({ isFinal: true });
    await expect(findWebhookAddress('https://192.168.0.1/', local)).rejects.toMatchObject({ isFinal: true });
  });

  test('[WHK4] a public one is connected to as it was checked', async () => {
    const { address, url } = await findWebhookAddress('https://[2606:4700:4700::1111]:8443/a?b=c', strict);
    expect(address).toBe('2606:4700:4700::1111');
    expect(url.host).toBe('[2606:4700:4700::1111]:8443');
  });

  test('[WHK5] a name that means nothing may mean something tomorrow', async () => {
    await expect(findWebhookAddress('https://nowhere.invalid/', strict)).rejects.toMatchObject({
      isFinal: false,
    });
  });
});

describe('what a receiver answers', () => {
  let server: Server;
  let origin: string;
  const received: string[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        received.push(`${request.method} ${request.url} ${String(request.headers['x-mark'])} ${body}`);
        const status = Number(request.url?.slice(1, 4));
        response.writeHead(status, { location: '/200' }).end('seen');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${portOf(server)}`;
  });
  afterAll(() => server.close());

  const post = (path: string) =>
    postWebhook({ url: `${origin}${path}`, headers: { 'x-mark': 'm' }, body: '{"a":"ü"}' }, local);

  test('[WHK6] 2xx is arrival, and the body arrived as it was', async () => {
    await post('/204?x=1');
    expect(received).toContain('POST /204?x=1 m {"a":"ü"}');
  });

  test.each([
    [301, 'It answered 301, a redirect, which is not followed.'],
    [404, 'It answered 404.'],
    [500, 'It answered 500.'],
  ])('[WHK7] %i is none, and nothing else is asked', async (status, message) => {
    const before = received.length;
    await expect(post(`/${status}`)).rejects.toMatchObject({ message, isFinal: false });
    expect(received.length).toBe(before + 1);
  });

  test('[WHK8] who does not speak HTTP, or hangs up, has not answered', async () => {
    for (const answer of ['', 'SSH-2.0-OpenSSH\r\n']) {
      const plain = createPlainServer((socket) => socket.end(answer));
      await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${portOf(plain)}/`;
      const message = 'It did not answer in HTTP.';
      await expect(postWebhook({ url, headers: {}, body: '' }, local)).rejects.toMatchObject({ message });
      plain.close();
    }
  });

  test('[WHK9] nobody who listens means that it could not be reached', async () => {
    const message = 'It could not be reached.';
    await expect(
      postWebhook({ url: 'http://127.0.0.1:9/', headers: {}, body: '' }, local),
    ).rejects.toMatchObject({ message });
  });
});

/** Guarantee: a server that listens on TCP has a port. */
function portOf(server: { address: () => AddressInfo | string | null }): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It does not listen on TCP.');
  return address.port;
}
