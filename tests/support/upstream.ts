import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';

/** What happens next in an answer. Bytes go out as they are cut here, each step in a packet of its own. */
export const Step = z.union([
  z.object({ bytes: z.base64() }),
  z.object({ waitMs: z.number() }),
  z.object({ disconnect: z.literal(true) }),
]);
export type Step = z.infer<typeof Step>;

export const Script = z.object({
  /** How long the status line waits. */
  delayMs: z.number().default(0),
  /** The connection ends without any. */
  isDead: z.boolean().default(false),
  status: z.int().default(200),
  headers: z.record(z.string(), z.string()).default({}),
  steps: z.array(Step),
});
export type Script = z.input<typeof Script>;

/** A request as it arrived: header names in lower case, the body's very bytes in base64. */
export const ReceivedRequest = z.object({
  method: z.string(),
  path: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.base64(),
  /** Whether the client hung up before the answer was complete. */
  isAborted: z.boolean(),
});
export type ReceivedRequest = z.infer<typeof ReceivedRequest>;

export type Upstream = { url: string; close: () => Promise<void> };

/**
 * Stands in for providers: answers any path with the bytes it was told, cut and delayed as told, and keeps a journal.
 * Tests in other processes drive it over HTTP (`upstream-client.ts`). A request's name is the key that it brings, else its
 * model; a name's last script is played again for each further request. A GET without a script lists no models, and
 * stays out of the journal; anything else without one is 501, and in the journal of its key.
 */
export async function startUpstream(): Promise<Upstream> {
  const scripts = new Map<string, z.infer<typeof Script>[]>();
  const journal = new Map<string, ReceivedRequest[]>();
  const server = createServer((request, response) => {
    const handle = request.url?.startsWith(controlPath) ? control : play;
    handle(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end(String(error));
    });
  });

  async function control(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = decodeURIComponent((request.url ?? '').slice(controlPath.length));
    if (request.method === 'PUT') {
      const parsed = z
        .array(Script)
        .min(1)
        .safeParse(JSON.parse((await buffer(request)).toString()));
      if (parsed.success) scripts.set(name, parsed.data);
      response.writeHead(parsed.success ? 204 : 400).end(parsed.error?.message);
    } else response.end(JSON.stringify(journal.get(name) ?? []));
  }

  async function play(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const names = [keyOf(request), modelOf(body)];
    const name = names.find((candidate) => candidate !== undefined && scripts.has(candidate));
    if (name === undefined && request.method === 'GET') {
      response.end(JSON.stringify({ object: 'list', data: [] }));
      return;
    }
    const entry = received(request, body);
    const journalName = name ?? names[0] ?? '';
    journal.set(journalName, [...(journal.get(journalName) ?? []), entry]);
    response.on('close', () => {
      entry.isAborted = !response.writableFinished;
    });
    const queue = scripts.get(name ?? '');
    const script = (queue?.length ?? 0) > 1 ? queue?.shift() : queue?.[0];
    if (script) await answer(response, script);
    else
      response
        .writeHead(501)
        .end(JSON.stringify({ error: { message: 'The stand-in has no script for this.' } }));
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export const controlPath = '/_scripts/';

async function answer(response: ServerResponse, script: z.infer<typeof Script>): Promise<void> {
  response.socket?.setNoDelay(true);
  if (script.delayMs > 0) await wait(script.delayMs);
  if (script.isDead) response.socket?.destroy();
  if (response.destroyed) return;
  response.writeHead(script.status, script.headers);
  response.flushHeaders();
  for (const step of script.steps) {
    if (response.destroyed) return;
    if ('waitMs' in step) await wait(step.waitMs);
    else if ('disconnect' in step) return void response.socket?.destroy();
    else await write(response, Buffer.from(step.bytes, 'base64'));
  }
  response.end();
}

/** A turn of the loop between two steps, so that the kernel does not join what the script cut. */
async function write(response: ServerResponse, bytes: Buffer): Promise<void> {
  if (!response.write(bytes) && !response.destroyed) {
    await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  await wait(1);
}

function received(request: IncomingMessage, body: Buffer): ReceivedRequest {
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: z.record(z.string(), z.string()).parse(Object.fromEntries(headers)),
    body: body.toString('base64'),
    isAborted: false,
  };
}

function keyOf({ headers }: IncomingMessage): string | undefined {
  const [key] = [headers['x-api-key']].flat();
  return key ?? headers.authorization?.replace(/^Bearer /i, '');
}

const modelOf = (body: Buffer): string | undefined => /"model"\s*:\s*"([^"]*)"/.exec(body.toString())?.[1];

/** A server that listens on TCP has an address with a port. */
export function portOf(address: AddressInfo | string | null): number {
  return z.object({ port: z.int() }).parse(address).port;
}
