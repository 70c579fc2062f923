import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addBudget } from '../support/add-budget.ts';
import { readReady } from '../support/ready.ts';
import { setRateLimit } from '../support/set-rate-limit.ts';
import { describeCall, describeSettlement } from './ledger-call.ts';
import { makeSpender } from './make-spender.ts';
import { makePricedModel } from './priced-model.ts';

let model: string;
let remove: () => Promise<void>;
let sql: postgres.Sql;
const plans: string[] = [];

beforeAll(async () => {
  ({ model, remove } = await makePricedModel());
  // The server tells the plan of every statement within the functions as it runs them.
  sql = postgres(readReady().adminDatabaseUrl, {
    max: 1,
    onnotice: ({ message }) => plans.push(message ?? ''),
  });
  await sql.unsafe(`load 'auto_explain'`);
  await sql.unsafe(`
    set client_min_messages = log; set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on`);
});
afterAll(async () => {
  await sql.end();
  await remove();
});

const asJson = (items: readonly unknown[]) => sql.json(JSON.parse(JSON.stringify(items)));

test('[PLAN1] whatever a call asks of a table, an index answers: nothing is read from end to end', async () => {
  const caller = await makeSpender();
  await addBudget(caller, { limit_usd: 100 });
  await setRateLimit(caller, { requests_per_minute: 100, tokens_per_minute: 1_000_000, max_open_calls: 50 });
  const calls = Array.from({ length: 3 }, () => describeCall(caller.proxyKey, model));
  const [first, ...others] = calls;
  if (first === undefined) throw new Error('There is no call.');
  const attempt = {
    code: 'upstream_500',
    http_status: 500,
    usage: {},
    usage_source: 'reported',
    latency_ms: 5,
    retry_after_seconds: null,
  };
  await sql`select private.reserve_calls(${asJson([first])})`;
  await sql`select private.reserve_calls(${asJson(others)})`;
  await sql`select private.extend_calls(${asJson([{ id: first.id, output_tokens: 900, lease_seconds: 60 }])})`;
  await sql`select private.reroute_calls(${asJson([{ call: first, attempt }])})`;
  const settlements = calls.map(({ id }) => describeSettlement({ id, created_at: null }));
  await sql`select private.settle_calls(${asJson(settlements)})`;
  expect(plans.length).toBeGreaterThan(30);
  const scans = plans.flatMap(
    (plan) => plan.match(/(Seq|Index|Index Only|Bitmap Heap) Scan [^\n(]*.*\n.*/g) ?? [],
  );
  expect(scans.length).toBeGreaterThan(20);
  // An index without a condition is read from end to end as well.
  expect(scans.filter((scan) => !/^Index[^\n]*\n\s*Index Cond: /.test(scan))).toEqual([]);
});
