import { createAdaptorServer } from '@hono/node-server';
import {
  App,
  getAuthSchemaSql,
  getStorageSchemaSql,
  setExperimental,
  type ResolvedKey,
} from '@supabase/lite';
import { createPostgresConnection, type PostgresConnection } from '@supabase/lite/postgres';
import { jwtVerify } from 'jose';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { createAuthMailer, withRedirectTarget } from './auth-mail.ts';
import { verifyEmailCode } from './auth-otp-type.ts';
import { dataApiTypes, jsonArgumentsAsText } from './data-api-types.ts';
import type { DataApiReply, DataApiRequest, DataApiSettings } from './data-api.ts';
import { spellSignedUrl } from './signed-urls.ts';
import { storedFiles } from './stored-files.ts';

/** Auth, the Data API and Storage in a thread of their own, so that they never hold up what the origin streams. */
function serveDataApi(settings: DataApiSettings): void {
  console.error = logBriefly;
  const connection = createPostgresConnection({
    url: settings.databaseUrl,
    postgresOptions: { max: 10, onnotice: () => {}, types: dataApiTypes },
  });
  leaveGrantsAlone(connection);
  connection.kysely = connection.kysely.withPlugin(jsonArgumentsAsText);
  const app = createApp(connection, settings);
  parentPort?.on('message', ({ id, command }: DataApiRequest) => {
    const reply = (answer: Omit<DataApiReply, 'id'>) => parentPort?.postMessage({ id, ...answer });
    const work =
      command === 'makeSystemTables' ? makeSystemTables(connection) : listen(app, connection, settings);
    work.then(
      (port) => reply({ port }),
      (error: unknown) =>
        reply({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
}

/** What `startDataApi` passed to this thread: the two are one module in two files. */
function settingsOf(data: unknown): DataApiSettings {
  return data as DataApiSettings;
}

/** lite logs every refused statement with its stack and values; values may be secrets. */
function logBriefly(...parts: unknown[]): void {
  const words = parts.map((part) =>
    part instanceof Error ? `${Reflect.get(part, 'code') ?? part.name}: ${part.message}` : part,
  );
  console.log(new Date().toISOString(), ...words);
}

/**
 * lite grants ALL on every table of a schema that has row level security, once per connection object, unless it
 * believes that it has done so. Hosted Supabase grants what migrations say, and nothing else.
 */
function leaveGrantsAlone(connection: PostgresConnection): void {
  Reflect.set(connection, 'rlsState', 'active');
}

async function makeSystemTables(connection: PostgresConnection): Promise<undefined> {
  await connection.driver.unsafe(getAuthSchemaSql()).simple();
  await connection.driver.unsafe(getStorageSchemaSql()).simple();
}

/**
 * Looks at the schema anew, once however often it is asked meanwhile, and answers from what was known until then. With
 * the memory merely cleared, every request under way would look for itself, all at once, and take seconds.
 */
function reloadSchema(connection: PostgresConnection): () => void {
  let isLooking = false;
  let isAsked = false;
  const look = async (): Promise<void> => {
    isLooking = true;
    try {
      while (isAsked) {
        isAsked = false;
        await connection.introspect();
      }
    } catch (error) {
      console.error('reload schema', error);
      await connection.clearSchemaCache();
    } finally {
      isLooking = false;
    }
  };
  return () => {
    isAsked = true;
    if (!isLooking) void look(); // it handles its own failures
  };
}

async function listen(app: App, connection: PostgresConnection, settings: DataApiSettings): Promise<number> {
  await app.init();
  await connection.driver.listen('pgrst', reloadSchema(connection));
  const server = createAdaptorServer({
    fetch: (request) =>
      withRedirectTarget(
        request,
        async () =>
          (await verifyEmailCode(request, app.fetch)) ?? spellSignedUrl(request, await app.fetch(request)),
      ),
  });
  // The origin keeps its connections; one that ended just as it was used again would fail a request.
  if ('keepAliveTimeout' in server) server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The Data API got no port.');
  const warmUp = await fetch(`http://127.0.0.1:${address.port}/rest/v1/`, {
    headers: { apikey: settings.secretKey },
  });
  if (!warmUp.ok) throw new Error(`The Data API does not answer: ${warmUp.status} ${await warmUp.text()}`);
  await warmUp.text();
  return address.port;
}

function createApp(connection: PostgresConnection, settings: DataApiSettings): App {
  const { jwtSecret, publishableKey, secretKey, auth, api, smtpPort } = settings;
  setExperimental('storage', true);
  const app = new App({
    connection,
    api,
    auth: {
      ...auth,
      enabled: true,
      jwt_secret: jwtSecret,
      publishable_key: publishableKey,
      secret_key: secretKey,
    },
    storage: { enabled: true, file_size_limit: settings.storage.file_size_limit },
    studio: { enabled: false },
    options: {
      server: {
        disableStudio: true,
        disableFallback: true,
        apiKeys: { resolver: (key) => resolveKey(key, settings) },
      },
      drivers: {
        email: createAuthMailer(smtpPort, settings.mailSender),
      },
    },
  });
  app._storageAdapter = storedFiles(settings.storageDir);
  return app;
}

/** Opaque keys, and the legacy ones: JWTs that carry a role, which hosted functions still get. */
async function resolveKey(key: string, settings: DataApiSettings): Promise<ResolvedKey | null> {
  if (key === settings.publishableKey) return { type: 'publishable', claims: { role: 'anon' } };
  if (key === settings.secretKey) return { type: 'secret', claims: { role: 'service_role' } };
  try {
    const { payload } = await jwtVerify(key, new TextEncoder().encode(settings.jwtSecret));
    if (payload['role'] === 'anon') return { type: 'publishable', claims: payload };
    if (payload['role'] === 'service_role') return { type: 'secret', claims: payload };
  } catch {
    // Not one of ours.
  }
  return null;
}

if (!isMainThread) serveDataApi(settingsOf(workerData));
