import postgres from 'postgres';
import { z } from 'zod';
import type { Extension, ReserveCall, Settlement } from '../../supabase/functions/proxy/ledger.ts';
import { readReady } from '../support/ready.ts';

const Reservation = z.object({
  ok: z.boolean(),
  code: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
  created_at: z.string().default(''),
  held_output_tokens: z.number().optional(),
});
type Reservation = z.infer<typeof Reservation>;

const Settled = z.object({ settled: z.boolean(), cost_usd: z.string().nullish() });

/** The ledger's functions as the database role that the proxy has, without the proxy. */
export type ProxyLedger = {
  sql: postgres.Sql;
  reserve: (...calls: ReserveCall[]) => Promise<Reservation[]>;
  extend: (...extensions: Extension[]) => Promise<Reservation[]>;
  settle: (...settlements: Settlement[]) => Promise<z.infer<typeof Settled>[]>;
  close: () => Promise<void>;
};

export function openProxyLedger(
  connections = 2,
  adminDatabaseUrl = readReady().adminDatabaseUrl,
): ProxyLedger {
  const sql = postgres(adminDatabaseUrl, {
    max: connections,
    connection: { role: 'proxy' },
    onnotice: () => {},
  });
  return {
    sql,
    async reserve(...calls) {
      const [row] = await sql`select private.reserve_calls(${sql.json(asJson(calls))}) as answer`;
      return z.array(Reservation).parse(row?.['answer']);
    },
    async extend(...extensions) {
      const [row] = await sql`select private.extend_calls(${sql.json(asJson(extensions))}) as answer`;
      return z.array(Reservation).parse(row?.['answer']);
    },
    async settle(...settlements) {
      const [row] = await sql`select private.settle_calls(${sql.json(asJson(settlements))}) as answer`;
      return z.array(Settled).parse(row?.['answer']);
    },
    close: () => sql.end(),
  };
}

/** Guarantee: the ledger's items are plain data, which is JSON. */
function asJson(items: readonly unknown[]): postgres.JSONValue {
  return items as postgres.JSONValue;
}
