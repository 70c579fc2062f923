import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from './free-port.ts';
import { serveStatic } from './static-files.ts';

const directory = mkdtempSync(join(tmpdir(), 'static-'));
let server: Server;
let port: number;

beforeAll(async () => {
  mkdirSync(join(directory, 'site', 'assets'), { recursive: true });
  writeFileSync(join(directory, 'secret.txt'), 'secret');
  writeFileSync(join(directory, 'site', 'index.html'), '<h1>app</h1>');
  writeFileSync(join(directory, 'site', 'assets', 'main-B4x_9kQz.js'), 'export {}');
  server = createServer((req, res) => serveStatic(join(directory, 'site'), req, res));
  port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

/** With node:http, because fetch tidies paths before it sends them. */
function get(
  path: string,
  headers = {},
): Promise<{ status: number; type: string; cache: string; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, headers }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          type: answer.headers['content-type'] ?? '',
          cache: answer.headers['cache-control'] ?? '',
          body,
        }),
      );
    });
    sent.once('error', reject).end();
  });
}

test('[STA1] every route of the app is its index.html, which is asked for anew each time', async () => {
  const page = { status: 200, type: 'text/html; charset=utf-8', cache: 'no-cache', body: '<h1>app</h1>' };
  for (const path of ['/', '/index.html', '/settings/members', '/usage?from=a.b'])
    expect(await get(path)).toEqual(page);
});

test('[STA2] a file named by its content is kept for ever', async () => {
  expect(await get('/assets/main-B4x_9kQz.js')).toEqual({
    status: 200,
    type: 'text/javascript; charset=utf-8',
    cache: 'public, max-age=31536000, immutable',
    body: 'export {}',
  });
});

test('[STA3] a missing file is missing, not the app', async () => {
  expect((await get('/assets/gone-12345678.js')).status).toBe(404);
});

test('[STA4] nothing outside of the folder is served', async () => {
  for (const path of [
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2f..%2fsecret.txt',
    '/%00',
    '/%',
  ]) {
    expect((await get(path)).body).not.toContain('secret');
    expect((await get(path)).status).toBe(404);
  }
});
