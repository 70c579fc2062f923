import { createApp } from '../_shared/create-app.ts';
import { connectAsService } from '../_shared/db.ts';
import { readEnv } from '../_shared/env.ts';
import { AgentsEnv } from './env.ts';
import { createExecutor } from './executor.ts';
import { createFailing } from './fail-points.ts';
import { createInternalKeys } from './internal-key.ts';

const env = readEnv(AgentsEnv);
const executor = createExecutor({
  db: connectAsService(env),
  proxyUrl: env.PROXY_URL,
  leaseSeconds: env.AGENTS_LEASE_SECONDS,
  openKey: createInternalKeys(env.ENCRYPTION_KEYS, env.ENCRYPTION_KEY_ID),
  failing: createFailing(env.AGENTS_FAIL_AT, () => {
    Deno.kill(Deno.pid, 'SIGKILL');
    return new Promise(() => {});
  }),
});
const app = createApp('agents', {
  secret: env.JOBS_SECRET,
  run: { 'run-due-tasks': executor.runDueTasks },
});
Deno.serve(app.fetch);
