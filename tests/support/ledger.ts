import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { operatorSql } from './database.ts';

const count = z.coerce.number();
const milliseconds = z.coerce.number().nullable();

/** A row of the ledger as it is stored; money as decimal text. */
export const LedgerRow = z.object({
  id: z.uuid(),
  project_id: z.uuid(),
  user_id: z.string().nullable(),
  agent_id: z.string().nullable(),
  task_id: z.string().nullable(),
  tags: z.array(z.string()),
  dialect: z.string(),
  operation: z.string(),
  provider: z.string(),
  model: z.string(),
  served_model: z.string().nullable(),
  is_stream: z.boolean(),
  is_sandbox: z.boolean(),
  status: z.string(),
  http_status: z.int().nullable(),
  error_code: z.string().nullable(),
  usage_source: z.string().nullable(),
  input_tokens: count,
  cache_read_tokens: count,
  cache_write_5m_tokens: count,
  cache_write_1h_tokens: count,
  output_tokens: count,
  reasoning_tokens: count,
  cost_usd: z.string().nullable(),
  held_usd: z.string(),
  raw_usage: z.unknown(),
  latency_ms: milliseconds,
  first_byte_ms: milliseconds,
  overhead_ms: milliseconds,
  request_id: z.string(),
  upstream_request_id: z.string().nullable(),
  is_cached: z.boolean(),
  saved_usd: z.string().nullable(),
  settled_at: z.date().nullable(),
});
export type LedgerRow = z.infer<typeof LedgerRow>;

/** The organization's calls, oldest first. */
export async function readLedger(organizationId: string): Promise<LedgerRow[]> {
  const rows = await operatorSql()`
    select * from public.ai_usage where organization_id = ${organizationId} order by created_at, id`;
  return z.array(LedgerRow).parse([...rows]);
}

/**
 * The organization's calls once none of them is open: a stream is settled after its client has it all.
 * @throws when that takes too long
 */
export async function settledLedger(organizationId: string, timeoutMs = 10_000): Promise<LedgerRow[]> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const rows = await readLedger(organizationId);
    if (rows.every(({ settled_at }) => settled_at !== null)) return rows;
    if (Date.now() > deadline) throw new Error(`Not settled:\n${JSON.stringify(rows, null, 2)}`);
    await wait(25);
  }
}

/** The one call that the organization has made, once it is settled. @throws where there is none, or more */
export async function onlySettledCall(organizationId: string): Promise<LedgerRow> {
  const rows = await settledLedger(organizationId);
  const [row] = rows;
  if (row === undefined || rows.length > 1)
    throw new Error(`One call was expected:\n${JSON.stringify(rows, null, 2)}`);
  return row;
}

/** The same money as it stands in the four places that keep it, and what is still held or open. */
export const Balance = z.object({
  ledger_usd: z.string(),
  spent_usd: z.string(),
  rollups_usd: z.string(),
  ledger_calls: count,
  rollup_calls: count,
  held_usd: z.string(),
  open_calls: count,
});
export type Balance = z.infer<typeof Balance>;

/** Read in one statement, so that a fold or a settlement under way is seen wholly or not at all. */
export async function readBalance(organizationId: string): Promise<Balance> {
  const [balance] = await operatorSql()`
    with ledger as (
      select coalesce(sum(cost_usd), 0) as usd, count(*) as calls from public.ai_usage
      where organization_id = ${organizationId} and settled_at is not null
    ), counters as (
      select coalesce(sum(spent_usd), 0) as spent, coalesce(sum(held_usd), 0) as held from private.spend_counters
      where organization_id = ${organizationId}
    ), rollups as (
      select coalesce(sum(cost_usd), 0) as usd, coalesce(sum(calls), 0) as calls from public.usage_facts
      where organization_id = ${organizationId}
    )
    select round(ledger.usd, 10)::text as ledger_usd, round(counters.spent, 10)::text as spent_usd,
      round(rollups.usd, 10)::text as rollups_usd, ledger.calls as ledger_calls, rollups.calls as rollup_calls,
      round(counters.held, 10)::text as held_usd,
      (select count(*) from public.open_calls where organization_id = ${organizationId}) as open_calls
    from ledger, counters, rollups`;
  return Balance.parse(balance);
}
