import { renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort } from '../local/free-port.ts';
import { resetStack } from '../local/reset.ts';
import { startStack, type Stack } from '../local/stack.ts';
import { buildWeb } from './build-web.ts';
import { openDemo } from './demo.ts';
import type { Ready } from './ready-file.ts';
import { readEnvironment, type StartEnvironment } from './environment.ts';
import { prepareDatabase } from './prepare-database.ts';
import { openProductSecrets, type ProductSecrets } from './product-secrets.ts';
import { startSandbox } from './sandbox.ts';
import { showSummary } from './summary.ts';
import { startWebServer } from './web-server.ts';

const root = resolve(import.meta.dirname, '..');

/** Starts the whole product on this machine and stays until it is told to stop. */
async function start(): Promise<void> {
  const { values: flags } = parseArgs({ options: { reset: { type: 'boolean' }, dev: { type: 'boolean' } } });
  process.chdir(root);
  const env = readEnvironment();
  const dataDir = resolve(root, env.STACK_DATA_DIR);
  if (flags.reset === true) await resetStack(dataDir);

  const progress = process.stdout.isTTY
    ? (message: string) => process.stdout.write(`  ${message}…\n`)
    : () => {};
  const cleanups: Array<() => Promise<void>> = [];
  const stopAll = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  };
  stopOnSignal(stopAll);
  stopWithNpm();

  try {
    const sandbox = env.SANDBOX_URL === undefined ? await startSandbox(await freePort()) : null;
    if (sandbox !== null) cleanups.push(sandbox.stop);
    const sandboxUrl = sandbox?.url ?? env.SANDBOX_URL ?? '';
    const built = flags.dev === true ? Promise.resolve() : buildWeb(root);
    built.catch(() => {});
    const web =
      flags.dev === true
        ? await startWebServer(root, cleanups)
        : { kind: 'static' as const, root: join(root, 'web/dist') };
    const { secrets, stack } = await startServices({
      env,
      dataDir,
      sandboxUrl,
      web,
      isDev: flags.dev === true,
      progress,
    });
    cleanups.push(stack.stop);
    progress('Building the dashboard');
    await built;
    await callJob(stack, secrets, 'refresh-prices');
    const demo = await openDemo({ stack, env, secretsFile: secretsFile(dataDir), root });
    const ready = {
      url: stack.url,
      webUrl: stack.url,
      proxyUrl: `${stack.url}/functions/v1/proxy`,
      publishableKey: stack.publishableKey,
      secretKey: stack.secretKey,
      databaseUrl: stack.databaseUrl,
      adminDatabaseUrl: stack.adminDatabaseUrl,
      mailApiUrl: stack.mailApiUrl,
      sandboxUrl,
      logsDir: stack.logsDir,
      jobsSecret: secrets.jobsSecret,
      processes: stack.processes(),
      functionPorts: stack.functionPorts(),
      demo,
    } satisfies Ready;
    if (env.STACK_READY_FILE !== undefined) writeReadyFile(env.STACK_READY_FILE, ready);
    showSummary({ ...ready, mailUrl: stack.mailUrl });
  } catch (error) {
    await stopAll().catch(() => {});
    throw error;
  }
}

const secretsFile = (dataDir: string): string => join(dataDir, 'product.json');

async function startServices(options: {
  env: StartEnvironment;
  dataDir: string;
  sandboxUrl: string;
  web: NonNullable<Parameters<typeof startStack>[0]['web']>;
  isDev: boolean;
  progress: (message: string) => void;
}): Promise<{ secrets: ProductSecrets; stack: Stack }> {
  const { env, dataDir, web, isDev } = options;
  let secrets: ProductSecrets | undefined;
  const stack = await startStack({
    projectDir: root,
    dataDir,
    port: env.STACK_PORT,
    dev: isDev,
    functionEnvironment: {
      ...optional({
        PRICES_URL: env.PRICES_URL,
        OPENAI_BASE_URL: env.OPENAI_BASE_URL,
        ANTHROPIC_BASE_URL: env.ANTHROPIC_BASE_URL,
        MOONSHOT_BASE_URL: env.MOONSHOT_BASE_URL,
        OPENAI_ADMIN_BASE_URL: env.OPENAI_ADMIN_BASE_URL,
        ANTHROPIC_ADMIN_BASE_URL: env.ANTHROPIC_ADMIN_BASE_URL,
        MOONSHOT_ADMIN_BASE_URL: env.MOONSHOT_ADMIN_BASE_URL,
        MAIL_FROM: env.MAIL_FROM,
        WEBHOOKS_MAY_REACH_LOOPBACK: env.WEBHOOKS_MAY_REACH_LOOPBACK,
        METRICS_TOKEN: env.METRICS_TOKEN,
        AGENTS_LEASE_SECONDS: env.AGENTS_LEASE_SECONDS,
        AGENTS_FAIL_AT: env.AGENTS_FAIL_AT,
        OTEL_EXPORTER_OTLP_ENDPOINT: env.OTEL_EXPORTER_OTLP_ENDPOINT,
        OTEL_EXPORTER_OTLP_HEADERS: env.OTEL_EXPORTER_OTLP_HEADERS,
        OTEL_SERVICE_NAME: env.OTEL_SERVICE_NAME,
        GOOGLE_CLIENT_ID: env.GOOGLE_CLIENT_ID,
        GOOGLE_CLIENT_SECRET: env.GOOGLE_CLIENT_SECRET,
      }),
      HOLD_LEASE_SECONDS: String(env.HOLD_LEASE_SECONDS),
      SANDBOX_URL: options.sandboxUrl,
      APP_URL: `http://127.0.0.1:${env.STACK_PORT}`,
    },
    prepareDatabase: async (admin, context) => {
      secrets = openProductSecrets(secretsFile(dataDir)).secrets;
      if (env.JOBS_SECRET !== undefined) secrets = { ...secrets, jobsSecret: env.JOBS_SECRET };
      await prepareDatabase(admin, {
        projectUrl: context.url,
        jobsSecret: secrets.jobsSecret,
        proxyPassword: secrets.proxyDatabasePassword,
        reportingUrl: context.databaseUrl,
      });
      const proxyDatabaseUrl = new URL(context.databaseUrl);
      proxyDatabaseUrl.username = 'proxy';
      proxyDatabaseUrl.password = secrets.proxyDatabasePassword;
      return {
        PROXY_DATABASE_URL: proxyDatabaseUrl.href,
        ENCRYPTION_KEYS: env.ENCRYPTION_KEYS ?? secrets.encryptionKeys,
        ENCRYPTION_KEY_ID: env.ENCRYPTION_KEY_ID ?? secrets.encryptionKeyId,
        JOBS_SECRET: secrets.jobsSecret,
        SMTP_URL: env.SMTP_URL ?? context.smtpUrl,
      };
    },
    copies: { proxy: env.STACK_PROXY_PROCESSES, agents: env.STACK_AGENTS_PROCESSES },
    eager: ['proxy', 'gateway', 'agents'],
    web,
    onProgress: options.progress,
  });
  if (secrets === undefined) throw new Error('The stack started without preparing its database.');
  return { secrets, stack };
}

async function callJob(stack: Stack, secrets: ProductSecrets, verb: string): Promise<void> {
  const response = await fetch(`${stack.url}/functions/v1/gateway/jobs/${verb}`, {
    method: 'POST',
    headers: { 'x-jobs-secret': secrets.jobsSecret },
  });
  if (!response.ok)
    throw new Error(`The job gateway/${verb} failed: ${response.status} ${await response.text()}`);
}

function optional(variables: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** Whole at once: whoever waits for the file may read it as soon as it is there. */
function writeReadyFile(file: string, ready: unknown): void {
  writeFileSync(`${file}.part`, JSON.stringify(ready, null, 2), { mode: 0o600 });
  renameSync(`${file}.part`, file);
}

/** The first signal stops everything in order; a second one does not wait. */
function stopOnSignal(stop: () => Promise<void>): void {
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error);
          process.exit(1);
        },
      );
    });
  }
}

/** A signal to `npm` ends the shell between it and us, and goes no further: losing that shell counts as the signal. */
function stopWithNpm(): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
  }, 500).unref();
}

start().catch((error: unknown) => {
  console.error(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
