import { randomUUID } from 'node:crypto';
import { identifyCaller } from '../../supabase/functions/_shared/identify-caller.ts';
import type { ReserveCall, Settlement } from '../../supabase/functions/proxy/ledger.ts';
import { noUsage, type TokenUsage } from '../../supabase/functions/proxy/tally.ts';

/** A chat call of a thousand input tokens and at most a hundred of output, as the proxy would describe it. */
export function describeCall(
  proxyKey: string,
  model: string,
  overrides: Partial<ReserveCall> = {},
): ReserveCall {
  const { keyId, keyHash } = identifyCaller(new Headers({ authorization: `Bearer ${proxyKey}` }));
  return {
    id: randomUUID(),
    key_id: keyId,
    key_hash: keyHash,
    dialect: 'openai',
    operation: 'chat.completions',
    provider: 'openai',
    model,
    providers: ['openai', 'moonshot'],
    stream: false,
    input_tokens: 1000,
    max_output_tokens: 100,
    user_id: null,
    agent_id: null,
    task_id: null,
    tags: [],
    lease_seconds: 60,
    ...overrides,
  };
}

/** The end of a call that the provider answered. */
export function describeSettlement(
  call: { id: string; created_at: string | null },
  usage: Partial<TokenUsage> = {},
  overrides: Partial<Settlement> = {},
): Settlement {
  return {
    id: call.id,
    created_at: call.created_at,
    status: 'succeeded',
    http_status: 200,
    error_code: null,
    usage_source: 'reported',
    served_model: null,
    usage: { ...noUsage, ...usage },
    raw_usage: null,
    latency_ms: 120,
    first_byte_ms: 80,
    overhead_ms: 1,
    upstream_request_id: null,
    upstream_failure: null,
    ...overrides,
  };
}
