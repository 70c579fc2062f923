import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createClient } from '@supabase/supabase-js';
import colors from 'picocolors';
import postgres from 'postgres';
import type { Ready } from '../../scripts/ready-file.ts';
import { runStack } from '../../scripts/run-stack.ts';
import type { Database } from '../../supabase/functions/_shared/database.types.ts';
import { openProxyLedger } from '../db/proxy-ledger.ts';
import { compareIngest, dropWhileCalling, type IngestTarget } from './compare-ingest.ts';
import { fillLedger, organizationCount, type FilledLedger } from './fill-ledger.ts';
import { measureRequests, type RequestTarget } from './measure-requests.ts';
import { recordRequests } from './record-requests.ts';
import { requireExactRollups } from './require-exact-rollups.ts';
import { findLandmarks, type Landmarks, scaleVisits } from './scale-visits.ts';

/*
 * What grows with the ledger, and what does not: two stacks side by side, one with a hundred thousand rows and one with
 * ten million, and the same asked of both in turns, so that a noisy machine is equally noisy to both.
 */

const smallRows = 100_000;
const connections = 8;

async function bench(): Promise<void> {
  const { values: flags } = parseArgs({ options: { rows: { type: 'string', default: '10000000' } } });
  const rows = Number(flags.rows);
  if (!Number.isSafeInteger(rows) || rows < smallRows) throw new Error(`--rows is at least ${smallRows}.`);
  // Ctrl-C ends the stacks as well; what was started here is still cleaned up.
  process.on('SIGINT', () => {});
  const cleanups: (() => Promise<unknown>)[] = [];
  try {
    const large = await prepare('large', rows, cleanups);
    const small = await prepare('small', smallRows, cleanups);
    const requests = await recordRequests(large.account, scaleVisits(large.filled, large.landmarks));
    const isFast = await measureRequests(requests, targetOf(small, large), targetOf(large, large));
    const isSteady = await compareIngest(small, large);
    const isSmooth = await dropWhileCalling(large, large.filled.partitions.slice(0, 3));
    const isPassed = isFast && isSteady && isSmooth;
    console.log(isPassed ? colors.green('\npassed') : colors.red('\nFAILED'));
    process.exitCode = isPassed ? 0 : 1;
  } finally {
    for (const cleanup of cleanups.toReversed()) await cleanup();
  }
}

type Account = { email: string; password: string; accessToken: string };

type Side = IngestTarget & { ready: Ready; filled: FilledLedger; account: Account; landmarks: Landmarks };

async function prepare(name: string, rows: number, cleanups: (() => Promise<unknown>)[]): Promise<Side> {
  const stack = await runStack();
  cleanups.push(() => stack.stop());
  // The browser, and whoever signs in, is sent to the first.
  process.env['STACK_READY_FILE'] ??= stack.readyFile;
  const { ready } = stack;
  const sql = postgres(ready.databaseUrl, { max: 1, onnotice: () => {}, idle_timeout: 0 });
  const admin = postgres(ready.adminDatabaseUrl, { max: 1, onnotice: () => {}, idle_timeout: 0 });
  const ledger = openProxyLedger(connections, ready.adminDatabaseUrl);
  cleanups.push(
    () => sql.end(),
    () => admin.end(),
    () => ledger.close(),
  );
  const startedAt = performance.now();
  const seconds = (): number => Math.round((performance.now() - startedAt) / 1000);
  const filled = await fillLedger(ready, rows, (text) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${name}: ${text} `);
  });
  const [counted] = await sql`select count(*)::int as rows from public.ai_usage where settled_at is not null`;
  console.log(
    `\r${name}: ${Number(counted?.['rows']).toLocaleString('en')} rows of ${organizationCount} organizations in ${seconds()} s`,
  );
  await requireExactRollups(sql, `scale-${organizationCount}`);
  console.log(`${name}: the rollups are what the ledger says (after ${seconds()} s)`);
  const account = await joinBiggest(ready, sql, filled.organizationId);
  const landmarks = await findLandmarks(sql, filled);
  return { ready, ledger, admin, proxyKeys: filled.proxyKeys, filled, account, landmarks };
}

async function joinBiggest(ready: Ready, sql: postgres.Sql, organizationId: string): Promise<Account> {
  const client = createClient<Database>(ready.url, ready.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const account = { email: `scale-${randomUUID()}@example.com`, password: randomUUID() };
  const { data, error } = await client.auth.signUp(account);
  if (error || !data.session) throw error ?? new Error('Signing up gave no session.');
  await sql`
    insert into public.organization_members (organization_id, user_id, role)
    values (${organizationId}, ${data.session.user.id}, 'owner')`;
  return { ...account, accessToken: data.session.access_token };
}

/** For requests that were recorded at another one. */
function targetOf({ ready, account, landmarks }: Side, recorded: Side): RequestTarget {
  const ownIds = new Map([
    [recorded.landmarks.call, landmarks.call],
    [recorded.landmarks.key, landmarks.key],
  ]);
  return { ready, accessToken: account.accessToken, ownIds };
}

await bench();
