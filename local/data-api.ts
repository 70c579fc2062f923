import { createWriteStream, type WriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { openLog } from './open-log.ts';
import { ExternalProviders, type MailTemplates, type ProjectConfig } from './project-config.ts';

/** What crosses the thread boundary, so plain data only. */
export type DataApiSettings = {
  databaseUrl: string;
  publishableKey: string;
  secretKey: string;
  jwtSecret: string;
  smtpPort: number;
  mailSender: { name: string; address: string };
  api: { schemas: string[]; max_rows: number; external_url: string };
  auth: ReturnType<typeof authSettings>;
  storage: { file_size_limit: string };
  /** Where stored objects are kept. */
  storageDir: string;
};
export type DataApiRequest = { id: number; command: 'makeSystemTables' | 'listen' };
export type DataApiReply = { id: number; port?: number | undefined; error?: string };

export type DataApi = {
  /** Makes the tables of schemas `auth` and `storage`, which migrations refer to. */
  makeSystemTables: () => Promise<void>;
  /** Reads the schema and answers from then on. */
  listen: () => Promise<void>;
  /** On 127.0.0.1; undefined while it does not answer. */
  port: () => number | undefined;
  /** For when the database ended: what was asked of it then may never be answered, and fails at once instead. */
  restart: () => Promise<void>;
  stop: () => Promise<void>;
};

/** Supabase's own Data API, Auth and Storage (`@supabase/lite`), in a thread that is replaced when it ends by itself. */
export function startDataApi(settings: DataApiSettings, logFile: string): DataApi {
  const log = createWriteStream(logFile, { fd: openLog(logFile) });
  let thread = startThread(settings, log);
  let port: number | undefined;
  let isStopped = false;

  const listen = async (): Promise<void> => {
    const listening = thread;
    port = await listening.ask('listen');
    void listening.ended.then(replace);
  };
  /** The database may be away as well: tried until it answers. */
  const replace = async (): Promise<void> => {
    port = undefined;
    for (;;) {
      await sleep(RESTART_PAUSE_MS);
      if (isStopped) return;
      thread = startThread(settings, log);
      try {
        return await listen();
      } catch {
        await thread.stop();
      }
    }
  };
  return {
    makeSystemTables: async () => void (await thread.ask('makeSystemTables')),
    listen,
    port: () => port,
    restart: () => thread.stop(),
    stop: async () => {
      isStopped = true;
      await thread.stop();
      log.end();
    },
  };
}

type Thread = {
  ask: (command: DataApiRequest['command']) => Promise<number | undefined>;
  ended: Promise<void>;
  stop: () => Promise<void>;
};

function startThread(settings: DataApiSettings, log: WriteStream): Thread {
  const worker = new Worker(new URL('./data-api-worker.ts', import.meta.url), {
    workerData: settings,
    env: { ...process.env, LITE_TELEMETRY: '0', DO_NOT_TRACK: '1' },
    // Not those of whoever started this: a script given by --eval would run again.
    execArgv: [],
    stdout: true,
    stderr: true,
  });
  worker.stdout.pipe(log, { end: false });
  worker.stderr.pipe(log, { end: false });
  const waiting = new Map<number, (reply: DataApiReply) => void>();
  let lastId = 0;
  let failure = 'it ended';
  worker.on('message', (reply: DataApiReply) => waiting.get(reply.id)?.(reply));
  worker.on('error', (error: Error) => {
    failure = error.stack ?? error.message;
    log.write(`${failure}\n`);
  });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  return {
    ask: async (command) => {
      const id = ++lastId;
      const answered = new Promise<DataApiReply>((resolve) => waiting.set(id, resolve));
      worker.postMessage({ id, command } satisfies DataApiRequest);
      const reply = await Promise.race([answered, ended.then((): DataApiReply => ({ id, error: failure }))]);
      waiting.delete(id);
      if (reply.error !== undefined) throw new Error(`Data API: ${reply.error}`);
      return reply.port;
    },
    ended,
    stop: async () => void (await worker.terminate()),
  };
}

const RESTART_PAUSE_MS = 500;

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
