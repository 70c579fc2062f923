import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, join, resolve } from 'node:path';
import { createAgent, forward } from './forward.ts';
import { createFunctionProcess, type FunctionProcess } from './function-process.ts';
import { functionSettings, type ProjectConfig } from './project-config.ts';
import { sendJson } from './send-json.ts';
import { refuseWithoutJwt, type GatewayKeys } from './verify-jwt.ts';

export type FunctionsOptions = {
  supabaseDir: string;
  config: ProjectConfig;
  logsDir: string;
  environment: Record<string, string>;
  keys: GatewayKeys;
  copies: Record<string, number>;
};

export type Functions = {
  handle: (slug: string, req: IncomingMessage, res: ServerResponse) => Promise<void>;
  start: (slug: string) => Promise<void>;
  /** One, or all; only those that have been started. */
  restart: (slug?: string) => Promise<void>;
  processes: () => Record<string, number[]>;
  ports: () => Record<string, number[]>;
  stop: () => Promise<void>;
};

type Pool = { processes: FunctionProcess[]; verifyJwt: boolean; logFile: string };

/** Every folder of supabase/functions as a function, in processes of its own, like hosted Supabase's runtime. */
export function createFunctions(options: FunctionsOptions): Functions {
  const pools = new Map<string, Pool>();
  const agent = createAgent();

  const open = (slug: string): Pool | undefined => {
    const known = pools.get(slug);
    if (known || !isFunction(slug, options)) return known;
    const pool = createPool(slug, options);
    pools.set(slug, pool);
    return pool;
  };

  const handle = async (slug: string, req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const pool = open(slug);
    if (!pool) {
      res.writeHead(404, { 'content-type': 'text/plain' }).end('Function not found');
      return;
    }
    if (pool.verifyJwt && (await refuseWithoutJwt(req, res, options.keys))) return;
    for (const process of pool.processes)
      if (process.port() === undefined) void process.ready().catch(() => {});
    const process = leastBusy(pool.processes);
    try {
      const port = await process.ready();
      if (res.closed) return;
      process.inFlight += 1;
      res.once('close', () => (process.inFlight -= 1));
      const path = (req.url ?? '').slice(PREFIX.length);
      forward(req, res, { port, path, agent }, (error) => sendCrash(res, slug, error, pool.logFile));
    } catch (error) {
      sendBootError(res, slug, error, pool.logFile);
    }
  };

  const start = async (slug: string) => {
    const pool = open(slug);
    if (!pool) throw new Error(`There is no function ${slug} in ${join(options.supabaseDir, 'functions')}.`);
    await Promise.all(pool.processes.map((process) => process.ready()));
  };
  return {
    handle,
    start,
    restart: async (slug) => {
      const affected = [...pools].filter(([name]) => slug === undefined || slug === name);
      for (const [name, pool] of affected) {
        pools.delete(name);
        await stopAll(pool.processes);
        await start(name).catch(() => {});
      }
    },
    processes: () => collect(pools, (process) => process.pid()),
    ports: () => collect(pools, (process) => process.port()),
    stop: async () => {
      await stopAll([...pools.values()].flatMap((pool) => pool.processes));
      agent.destroy();
    },
  };
}

function createPool(slug: string, options: FunctionsOptions): Pool {
  const { supabaseDir, config, logsDir, environment, copies } = options;
  const { verify_jwt, import_map } = functionSettings(config, slug);
  const importMap = import_map === undefined ? undefined : resolve(supabaseDir, import_map);
  const isConfig = importMap !== undefined && /^deno\.jsonc?$/.test(basename(importMap));
  const directory = join(supabaseDir, 'functions');
  const configs = [join(directory, slug, 'deno.json'), join(directory, 'deno.json')];
  const program = {
    slug,
    entrypoint: entrypointOf(slug, options),
    config: isConfig ? importMap : configs.find((file) => existsSync(file)),
    importMap: isConfig ? undefined : importMap,
    environment: { ...environment, SUPABASE_FUNCTION_SLUG: slug },
    logFile: join(logsDir, `${slug}.log`),
  };
  return {
    processes: Array.from({ length: copies[slug] ?? 1 }, () => createFunctionProcess(program)),
    verifyJwt: verify_jwt,
    logFile: program.logFile,
  };
}

/** Of those that run, if any does; equally busy ones take turns. */
function leastBusy(processes: FunctionProcess[]): FunctionProcess {
  const [first, ...others] = processes;
  if (!first) throw new Error('A function has no process.');
  let chosen = first;
  for (const process of others) if (isBefore(process, chosen)) chosen = process;
  chosen.lastUse = performance.now();
  return chosen;
}

function isBefore(one: FunctionProcess, other: FunctionProcess): boolean {
  const runs = (process: FunctionProcess) => process.port() !== undefined;
  if (runs(one) !== runs(other)) return runs(one);
  if (one.inFlight !== other.inFlight) return one.inFlight < other.inFlight;
  return one.lastUse < other.lastUse;
}

function sendCrash(res: ServerResponse, slug: string, error: Error, logFile: string): void {
  sendJson(res, 503, {
    code: 'WORKER_ERROR',
    message: `Function ${slug} ended before it answered; it is being restarted. Its log: ${logFile}`,
    detail: error.message,
  });
}

function sendBootError(res: ServerResponse, slug: string, error: unknown, logFile: string): void {
  sendJson(res, 503, {
    code: 'BOOT_ERROR',
    message: `Function ${slug} failed to start. Its log: ${logFile}`,
    detail: error instanceof Error ? error.message : String(error),
  });
}

function isFunction(slug: string, options: FunctionsOptions): boolean {
  if (!SLUG.test(slug) || !functionSettings(options.config, slug).enabled) return false;
  return existsSync(entrypointOf(slug, options));
}

function entrypointOf(slug: string, { supabaseDir, config }: FunctionsOptions): string {
  const { entrypoint } = functionSettings(config, slug);
  return resolve(supabaseDir, entrypoint ?? join('functions', slug, 'index.ts'));
}

async function stopAll(processes: FunctionProcess[]): Promise<void> {
  await Promise.all(processes.map((process) => process.stop()));
}

function collect(
  pools: Map<string, Pool>,
  pick: (process: FunctionProcess) => number | undefined,
): Record<string, number[]> {
  const entries = [...pools].map(([slug, pool]): [string, number[]] => [
    slug,
    pool.processes.map(pick).filter((value) => value !== undefined),
  ]);
  return Object.fromEntries(entries);
}

const SLUG = /^[A-Za-z][A-Za-z0-9_-]*$/;
const PREFIX = '/functions/v1';
