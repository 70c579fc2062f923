import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ExternalProviders, type MailTemplates, type ProjectConfig } from './project-config.ts';

/** What crosses the thread boundary, so plain data only. */
export type DataApiSettings = {
  databaseUrl: string;
  publishableKey: string;
  secretKey: string;
  jwtSecret: string;
  smtpPort: number;
  mailSender: { name: string; address: string };
  api: { schemas: string[]; max_rows: number };
  auth: ReturnType<typeof authSettings>;
};
export type DataApiRequest = { id: number; command: 'makeAuthTables' | 'listen' };
export type DataApiReply = { id: number; port?: number | undefined; error?: string };

export type DataApi = {
  /** Makes the tables of schema `auth`, which migrations refer to. */
  makeAuthTables: () => Promise<void>;
  /** Reads the schema, answers from then on. @returns the port on 127.0.0.1 */
  listen: () => Promise<number>;
  stop: () => Promise<void>;
};

/** Supabase's own Data API and Auth (`@supabase/lite`), in a thread. */
export function startDataApi(settings: DataApiSettings, logFile: string): DataApi {
  const worker = new Worker(new URL('./data-api-worker.ts', import.meta.url), {
    workerData: settings,
    env: { ...process.env, LITE_TELEMETRY: '0', DO_NOT_TRACK: '1' },
    stdout: true,
    stderr: true,
  });
  const log = createWriteStream(logFile, { flags: 'a' });
  worker.stdout.pipe(log, { end: false });
  worker.stderr.pipe(log, { end: false });
  const waiting = new Map<number, (reply: DataApiReply) => void>();
  let lastId = 0;
  worker.on('message', (reply: DataApiReply) => waiting.get(reply.id)?.(reply));
  worker.on('error', (error: Error) => {
    for (const [id, answer] of waiting) answer({ id, error: error.stack ?? error.message });
  });
  const ask = async (command: DataApiRequest['command']): Promise<number | undefined> => {
    const id = ++lastId;
    const reply = await new Promise<DataApiReply>((resolve) => {
      waiting.set(id, resolve);
      worker.postMessage({ id, command } satisfies DataApiRequest);
    });
    waiting.delete(id);
    if (reply.error !== undefined) throw new Error(`Data API: ${reply.error}`);
    return reply.port;
  };
  return {
    makeAuthTables: async () => void (await ask('makeAuthTables')),
    listen: async () => {
      const port = await ask('listen');
      if (port === undefined) throw new Error('The Data API got no port.');
      return port;
    },
    stop: async () => {
      await worker.terminate();
      log.end();
    },
  };
}

/** `[auth]` of config.toml in the words of lite, which refuses those that it does not know. */
export function authSettings(config: ProjectConfig, projectDir: string, url: string) {
  const { external, site_url, additional_redirect_urls, email, ...auth } = config.auth;
  const { smtp: _, template = {}, ...mails } = email;
  const providers = ExternalProviders.parse(external);
  const here = [url, url.replace('127.0.0.1', 'localhost')];
  return {
    ...auth,
    // A local address in the file names the machine, not the port that this stack was given.
    site_url: isLoopback(site_url) ? url : site_url,
    additional_redirect_urls: [...additional_redirect_urls, ...here.flatMap((base) => [base, `${base}/**`])],
    email: { ...mails, template: withAbsolutePaths(template, projectDir) },
    external: Object.fromEntries(Object.entries(providers).filter(([, provider]) => provider?.enabled)),
  };
}

/** Paths of templates are relative to the project; lite reads them relative to wherever it runs. */
function withAbsolutePaths(templates: MailTemplates, projectDir: string): MailTemplates {
  return Object.fromEntries(
    Object.entries(templates).map(([name, template]) => {
      const path = template.content_path;
      return [name, path === undefined ? template : { ...template, content_path: resolve(projectDir, path) }];
    }),
  );
}

function isLoopback(url: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
}
