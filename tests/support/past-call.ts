import { randomUUID } from 'node:crypto';
import { operatorSql } from './database.ts';

type PastCall = {
  provider?: string;
  model?: string;
  /** When it was made, and settled. */
  at: string;
  settledAt?: string;
  inputTokens?: number;
  outputTokens?: number;
  costUsd?: string | null;
  credentialId?: string | null;
  isSandbox?: boolean;
  isEstimated?: boolean;
};

/** Writes a settled call of the past into the ledger: 1,000 tokens in and 100 out of gpt-4o, which is $0.0035. */
export async function addPastCall(organizationId: string, call: PastCall): Promise<string> {
  const id = randomUUID();
  await operatorSql()`
    insert into public.ai_usage (id, organization_id, project_id, proxy_key_id, credential_id, dialect, operation, provider,
      model, served_model, is_sandbox, status, usage_source, input_tokens, output_tokens, cost_usd, request_id, created_at, settled_at)
    values (${id}, ${organizationId}, ${organizationId}, ${organizationId}, ${call.credentialId ?? null}, 'openai',
      'chat.completions', ${call.provider ?? 'openai'}, ${call.model ?? 'gpt-4o'}, ${call.model ?? 'gpt-4o'},
      ${call.isSandbox ?? false}, 'succeeded', ${call.isEstimated ? 'estimated' : 'reported'}, ${call.inputTokens ?? 1000},
      ${call.outputTokens ?? 100}, ${call.costUsd === undefined ? '0.0035' : call.costUsd}, ${id}, ${call.at},
      ${call.settledAt ?? call.at})`;
  return id;
}
