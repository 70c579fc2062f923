import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { answerPreflight, CORS_HEADERS } from './api-cors.ts';
import { createAgent, forward } from './forward.ts';
import type { Functions } from './functions.ts';
import type { Realtime } from './realtime/start-realtime.ts';
import { sendJson } from './send-json.ts';
import { serveStatic } from './static-files.ts';

export type Web =
  | { kind: 'static'; root: string }
  | { kind: 'handler'; handle: (req: IncomingMessage, res: ServerResponse) => void };

export type OriginOptions = {
  port: number;
  url: string;
  publishableKey: string;
  dataApiPort: () => number | undefined;
  functions: Functions;
  realtime: Realtime;
  web: Web | undefined;
};

export type Origin = { stop: () => Promise<void> };

/** The one address in front of everything: the APIs of a Supabase project, and the web app beside them. */
export async function openOrigin(options: OriginOptions): Promise<Origin> {
  const agent = createAgent();
  const serveDataApi = (req: IncomingMessage, res: ServerResponse): void => {
    if (answerPreflight(req, res)) return;
    const port = options.dataApiPort();
    const fail = (error?: Error) =>
      sendJson(res, 503, { message: `The Data API does not answer. ${error?.message ?? ''}` });
    if (port === undefined) return fail();
    forward(req, res, { port, path: req.url ?? '/', agent, answerHeaders: CORS_HEADERS }, fail);
  };
  const serve = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const [path = '/'] = (req.url ?? '/').split('?', 1);
    const [, service = '', version = '', slug = ''] = path.split('/', 4);
    if (version === 'v1' && service === 'functions') return options.functions.handle(slug, req, res);
    if (version === 'v1' && ['rest', 'auth', 'storage'].includes(service)) return serveDataApi(req, res);
    if (version === 'v1' && service === 'realtime') return options.realtime.handle(req, res);
    if (path === '/env.json') return sendEnvironment(options, res);
    return serveWeb(options.web, req, res);
  };
  const server = createServer((req, res) => {
    serve(req, res).catch((error: unknown) => sendJson(res, 500, { message: String(error) }));
  });
  server.requestTimeout = 0;
  server.keepAliveTimeout = 65_000;
  server.on('upgrade', (req, socket, head) => {
    if (/^\/realtime\/v1\/websocket(\?|$)/.test(req.url ?? ''))
      return options.realtime.upgrade(req, socket, head);
    socket.on('error', () => {});
    socket.end('HTTP/1.1 501 Not Implemented\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
  });
  await listen(server, options.port);
  return {
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      // The server waits for sockets too, and they for being told that they may come back.
      await options.realtime.stop();
      server.closeAllConnections();
      await closed;
      agent.destroy();
    },
  };
}

/** @throws an error that names the port and how to choose another */
export async function assertPortFree(port: number): Promise<void> {
  const probe = createServer();
  await listen(probe, port);
  await new Promise((resolve) => probe.close(resolve));
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error);
      const message = `Port ${port} is in use by another program. Choose another: STACK_PORT=${port + 1} npm start`;
      return reject(new Error(message, { cause: error }));
    });
    server.listen({ port, host: '127.0.0.1' }, resolve);
  });
}

function sendEnvironment({ url, publishableKey }: OriginOptions, res: ServerResponse): void {
  sendJson(
    res,
    200,
    { supabaseUrl: url, supabasePublishableKey: publishableKey },
    { 'cache-control': 'no-store' },
  );
}

function serveWeb(web: Web | undefined, req: IncomingMessage, res: ServerResponse): void {
  if (web?.kind === 'handler') return web.handle(req, res);
  if (web?.kind === 'static') return serveStatic(web.root, req, res);
  res.writeHead(404, { 'content-type': 'text/plain' }).end('Not found');
}
