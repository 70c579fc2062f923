import { randomUUID } from 'node:crypto';
import { addToMonths } from './add-to-months.ts';
import type { Caller } from './caller.ts';
import { operatorSql } from './database.ts';

type PastCall = { at: Date; costUsd: string; userId?: string; tags?: string[]; projectId?: string };

/** A settled call as one made at that instant would stand in the ledger and the rollups. Answers its id. */
export async function addPastCall(
  { organizationId, projectId }: Pick<Caller, 'organizationId' | 'projectId'>,
  call: PastCall,
): Promise<string> {
  const id = randomUUID();
  await addToMonths(
    call.at,
    call.at,
    (sql) => sql`
    with entry as (
      insert into public.ai_usage (id, organization_id, project_id, proxy_key_id, user_id, tags, dialect, operation, provider,
        model, status, usage_source, input_tokens, output_tokens, cost_usd, latency_ms, request_id, created_at, settled_at)
      values (${id}, ${organizationId}, ${call.projectId ?? projectId}, ${organizationId}, ${call.userId ?? null},
        ${call.tags ?? []}, 'openai', 'chat.completions', 'openai', 'gpt-5-mini', 'succeeded', 'reported', 100, 10,
        ${call.costUsd}, 100, ${id}, ${call.at}, ${call.at})
      returning *
    )
    select private.write_deltas(array_agg(e::public.ai_usage), 1) from entry e`,
  );
  return id;
}

/** What a late settlement does to an estimate: the row and the rollups have the new cost, as if always. */
export async function correctCall(id: string, costUsd: string): Promise<void> {
  await operatorSql().begin(async (sql) => {
    await sql`select private.write_deltas(array_agg(u), -1) from public.ai_usage u where u.id = ${id}`;
    await sql`update public.ai_usage set cost_usd = ${costUsd} where id = ${id}`;
    await sql`select private.write_deltas(array_agg(u), 1) from public.ai_usage u where u.id = ${id}`;
  });
}
