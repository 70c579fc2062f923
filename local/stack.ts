import { join } from 'node:path';
import type postgres from 'postgres';
import { bootstrap, repairSystemSchemas } from './bootstrap.ts';
import { startCron } from './cron.ts';
import { authSettings, startDataApi, type DataApi } from './data-api.ts';
import { openDataDirectory, type DataDirectory } from './data-directory.ts';
import { connectionUrl, openDatabase } from './database.ts';
import { functionEnvironment, gatewayKeys, readFunctionSecrets } from './function-environment.ts';
import { createFunctions, type Functions } from './functions.ts';
import { startMailbox, type Mailbox } from './mailbox.ts';
import { migrate } from './migrate.ts';
import { startNet } from './net.ts';
import { assertPortFree, openOrigin, type Web } from './origin.ts';
import { openPorts, type Ports } from './ports.ts';
import { readProjectConfig, type ProjectConfig } from './project-config.ts';
import { startRealtime, type Realtime } from './realtime/start-realtime.ts';
import { seed } from './seed.ts';
import { openSecrets, type Secrets } from './secrets.ts';
import { createShutdown, type Shutdown } from './shutdown.ts';
import { stopStalePostgres } from './stale-postgres.ts';
import type { GatewayKeys } from './verify-jwt.ts';
import { watchFunctions } from './watch-functions.ts';

export type StackOptions = {
  /** Has `supabase/`: config.toml, migrations, seed.sql, functions. */
  projectDir: string;
  /** Everything that lasts is kept here: database, secrets, mails, logs. */
  dataDir: string;
  /** Of the one origin, on 127.0.0.1. */
  port: number;
  /** Restarts a function when its files change. */
  dev?: boolean;
  /** What hosted Supabase calls the functions' secrets. */
  functionEnvironment: Record<string, string>;
  /** Runs after migrations and seed, before any function. @returns more environment for the functions */
  prepareDatabase?: (admin: postgres.Sql, context: PrepareContext) => Promise<Record<string, string>>;
  /** Processes of a function; one where it is not named. */
  copies?: Record<string, number>;
  /** Functions that run before the stack is ready; the others start on first use. */
  eager?: string[];
  web?: Web;
  onProgress?: (message: string) => void;
};

export type PrepareContext = { url: string; databaseUrl: string; smtpUrl: string };

export type Stack = {
  url: string;
  /** As role `postgres`, which migrations run as. */
  databaseUrl: string;
  /** As the superuser. */
  adminDatabaseUrl: string;
  publishableKey: string;
  secretKey: string;
  jwtSecret: string;
  mailUrl: string;
  mailApiUrl: string;
  smtpUrl: string;
  logsDir: string;
  isFirstStart: boolean;
  processes: () => Record<string, number[]>;
  functionPorts: () => Record<string, number[]>;
  admin: postgres.Sql;
  stop: () => Promise<void>;
};

/**
 * Starts all that a Supabase project needs, for the `supabase/` folder of a project, and returns when everything
 * answers. When something fails, what was started is stopped again.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const shutdown = createShutdown();
  try {
    return await start(options, shutdown);
  } catch (error) {
    await shutdown.run().catch(() => {});
    throw error;
  }
}

type Setup = {
  options: StackOptions;
  shutdown: Shutdown;
  progress: (message: string) => void;
  config: ProjectConfig;
  supabaseDir: string;
  data: DataDirectory;
  secrets: Secrets;
  ports: Ports;
  url: string;
  databaseUrl: string;
  adminDatabaseUrl: string;
};

async function start(options: StackOptions, shutdown: Shutdown): Promise<Stack> {
  const setup = await prepare(options, shutdown);
  setup.progress('Starting PostgreSQL');
  const mailbox = openMailbox(setup);
  const dataApi = openDataApi(setup);
  const opening = openDatabase({ ...setup, onCrash: () => void dataApi.restart() });
  const admin = await opening;
  await bootstrap(admin, setup.secrets);
  await dataApi.makeSystemTables();
  await repairSystemSchemas(admin);
  const isFirstStart = await fillDatabase(setup, admin);
  const smtpUrl = `smtp://127.0.0.1:${setup.ports.smtp}`;
  const { url, databaseUrl, adminDatabaseUrl } = setup;
  const prepared = (await options.prepareDatabase?.(admin, { url, databaseUrl, smtpUrl })) ?? {};

  setup.progress('Starting the APIs');
  const closeWorkers = reserveWorkers(shutdown);
  const keys = await gatewayKeys(setup.secrets);
  const functions = openFunctions(setup, prepared, keys);
  const realtime = await openRealtime(setup, keys);
  const [{ url: mailUrl }] = await Promise.all([
    mailbox,
    dataApi.listen(),
    ...(options.eager ?? []).map((slug) => functions.start(slug)),
  ]);
  const { publishableKey, secretKey, jwtSecret } = setup.secrets;
  const origin = await openOrigin({
    port: options.port,
    url,
    publishableKey,
    dataApiPort: dataApi.port,
    functions,
    realtime,
    web: options.web,
  });
  shutdown.add(origin.stop);
  closeWorkers.push(await startCron(admin, adminDatabaseUrl), await startNet(admin, adminDatabaseUrl));
  return {
    url,
    databaseUrl,
    adminDatabaseUrl,
    publishableKey,
    secretKey,
    jwtSecret,
    mailUrl,
    mailApiUrl: mailUrl,
    smtpUrl,
    logsDir: setup.data.logsDir,
    isFirstStart,
    admin,
    processes: functions.processes,
    functionPorts: functions.ports,
    stop: shutdown.run,
  };
}

/** All that can be wrong before anything runs, is found here. */
async function prepare(options: StackOptions, shutdown: Shutdown): Promise<Setup> {
  await assertPortFree(options.port);
  const config = readProjectConfig(options.projectDir, { ...options.functionEnvironment, ...process.env });
  const data = openDataDirectory(options.dataDir);
  const secrets = openSecrets(data.root);
  await stopStalePostgres(join(data.postgresHome, 'cluster'), secrets.adminPassword);
  const ports = await openPorts(data.root);
  return {
    options,
    shutdown,
    config,
    data,
    secrets,
    ports,
    progress: options.onProgress ?? (() => {}),
    supabaseDir: join(options.projectDir, 'supabase'),
    url: `http://127.0.0.1:${options.port}`,
    databaseUrl: connectionUrl('postgres', secrets.postgresPassword, ports.postgres),
    adminDatabaseUrl: connectionUrl('supabase_admin', secrets.adminPassword, ports.postgres),
  };
}

function openMailbox({ data, ports, shutdown }: Setup): Promise<Mailbox> {
  const mailbox = startMailbox({
    smtpPort: ports.smtp,
    webPort: ports.mail,
    directory: data.mailDir,
    logFile: join(data.logsDir, 'mailbox.log'),
  });
  mailbox.catch(() => {});
  shutdown.add(async () => (await mailbox.catch(() => undefined))?.stop());
  return mailbox;
}

function openDataApi({
  options,
  config,
  data,
  secrets,
  ports,
  url,
  adminDatabaseUrl,
  shutdown,
}: Setup): DataApi {
  const { sender_name, admin_email } = config.auth.email.smtp;
  const dataApi = startDataApi(
    {
      databaseUrl: adminDatabaseUrl,
      publishableKey: secrets.publishableKey,
      secretKey: secrets.secretKey,
      jwtSecret: secrets.jwtSecret,
      smtpPort: ports.smtp,
      mailSender: { name: sender_name, address: admin_email },
      api: { ...config.api, external_url: url },
      auth: authSettings(config, options.projectDir, url),
      storage: config.storage,
      storageDir: data.storageDir,
    },
    join(data.logsDir, 'data-api.log'),
  );
  shutdown.add(dataApi.stop);
  return dataApi;
}

/** @returns whether this was the database's first start */
async function fillDatabase(setup: Setup, admin: postgres.Sql): Promise<boolean> {
  const { supabaseDir, config, data, databaseUrl, progress } = setup;
  const workDir = join(data.root, 'migrate');
  await migrate({ supabaseDir, admin, databaseUrl, workDir, progress });
  return seed({ supabaseDir, config, admin, databaseUrl });
}

async function openRealtime(setup: Setup, keys: GatewayKeys): Promise<Realtime> {
  const { config, data, adminDatabaseUrl, shutdown } = setup;
  const realtime = await startRealtime({
    databaseUrl: adminDatabaseUrl,
    keys,
    isEnabled: config.realtime.enabled,
    logFile: join(data.logsDir, 'realtime.log'),
  });
  shutdown.add(realtime.stop);
  return realtime;
}

function openFunctions(setup: Setup, prepared: Record<string, string>, keys: GatewayKeys): Functions {
  const { options, config, supabaseDir, data, url, databaseUrl, shutdown, progress } = setup;
  const environment = functionEnvironment({
    url,
    databaseUrl,
    keys,
    denoDir: data.denoDir,
    secrets: { ...readFunctionSecrets(supabaseDir), ...options.functionEnvironment, ...prepared },
  });
  const functions = createFunctions({
    supabaseDir,
    config,
    logsDir: data.logsDir,
    environment,
    keys,
    copies: options.copies ?? {},
  });
  shutdown.add(functions.stop);
  if (options.dev === true) shutdown.add(watchFunctions({ supabaseDir, functions, progress }));
  return functions;
}

/** A place in the order of closing, behind functions and origin, for workers that start after both. */
function reserveWorkers(shutdown: Shutdown): { stop: () => Promise<void> }[] {
  const workers: { stop: () => Promise<void> }[] = [];
  shutdown.add(async () => void (await Promise.all(workers.map((worker) => worker.stop()))));
  return workers;
}
