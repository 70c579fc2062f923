import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Limits } from '../../local/realtime/limits.ts';
import { startRealtime } from '../../local/realtime/start-realtime.ts';
import type { Stack } from '../../local/stack.ts';
import { signRoleKey } from '../../local/verify-jwt.ts';

/** Another Realtime server on the stack's database, with limits of its own. */
export async function startOwnRealtime(
  { adminDatabaseUrl, publishableKey, secretKey, jwtSecret, logsDir }: Stack,
  limits: Partial<Limits>,
  isEnabled = true,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const anonJwt = await signRoleKey('anon', jwtSecret);
  const serviceRoleJwt = await signRoleKey('service_role', jwtSecret);
  const realtime = await startRealtime({
    databaseUrl: adminDatabaseUrl,
    keys: { publishableKey, secretKey, jwtSecret, anonJwt, serviceRoleJwt },
    isEnabled,
    limits,
    logFile: join(logsDir, 'own-realtime.log'),
  });
  const server = createServer((req, res) => void realtime.handle(req, res));
  server.on('upgrade', realtime.upgrade);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      await realtime.stop();
      server.closeAllConnections();
      server.close();
    },
  };
}
