import { join } from 'node:path';
import type { Web } from '../local/origin.ts';

/** The SPA with hot reload, for `npm run dev`. */
export async function startWebServer(root: string, cleanups: Array<() => Promise<void>>): Promise<Web> {
  const { createServer } = await import('vite');
  const server = await createServer({
    configFile: join(root, 'web/vite.config.ts'),
    server: { middlewareMode: true },
    appType: 'spa',
  });
  cleanups.push(() => server.close());
  return { kind: 'handler', handle: (req, res) => server.middlewares(req, res) };
}
