import type postgres from 'postgres';

/**
 * Makes the partitions from yesterday to three days ahead, removes those older than 72 hours, and what is as old or has
 * expired in those that stay. It changes the schema only where something is missing or over: each change makes the
 * Data API read it anew.
 */
export async function keepPartitions(sql: postgres.Sql): Promise<void> {
  const partitions = await sql<{ name: string }[]>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'realtime.messages'::regclass`;
  const existing = new Set(partitions.map(({ name }) => name));
  const today = Date.now() - (Date.now() % DAY_MS);
  for (let day = -1; day <= 3; day++) {
    const start = new Date(today + day * DAY_MS);
    if (!existing.has(partitionName(start))) await makePartition(sql, start);
  }
  const oldest = partitionName(new Date(Date.now() - KEEP_MS));
  for (const name of existing) if (DAILY.test(name) && name < oldest) await dropPartition(sql, name);
  const over = new Date(Date.now() - KEEP_MS).toISOString();
  await sql`delete from realtime.messages_default where inserted_at < ${over}::text::timestamp`;
  await sql`delete from realtime.messages where expires_at < now()`;
}

/** Made apart and then attached, with what had to go to the default partition because there was none. */
async function makePartition(sql: postgres.Sql, start: Date): Promise<void> {
  const name = sql(`realtime.${partitionName(start)}`);
  const from = dayOf(start);
  const to = dayOf(new Date(start.getTime() + DAY_MS));
  await sql.begin(async (tx) => {
    await tx`set local lock_timeout = '2s'`;
    await tx`lock table realtime.messages_default in access exclusive mode`;
    await tx`create table ${name} (like realtime.messages including defaults including constraints)`;
    await tx`alter table ${name} enable row level security`;
    await tx`alter table ${name} owner to supabase_realtime_admin`;
    await tx`
      with moved as (delete from realtime.messages_default
        where inserted_at >= ${from}::text::timestamp and inserted_at < ${to}::text::timestamp returning *)
      insert into ${name} select * from moved`;
    await tx.unsafe(`alter table realtime.messages attach partition realtime.${partitionName(start)}
      for values from ('${from}') to ('${to}')`);
  });
}

async function dropPartition(sql: postgres.Sql, name: string): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`set local lock_timeout = '2s'`;
    await tx`drop table ${tx(`realtime.${name}`)}`;
  });
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}

function partitionName(start: Date): string {
  return `messages_${dayOf(start).replaceAll('-', '_')}`;
}

const DAILY = /^messages_\d{4}_\d\d_\d\d$/;
const DAY_MS = 86_400_000;
const KEEP_MS = 72 * 3_600_000;
