import { toCsvLine } from '@contracts/to-csv-line.ts';
import type { Call } from './call-queries.ts';
import { readAttempts } from './read-attempts.ts';

export type CsvNames = { project: (id: string) => string; proxyKey: (id: string) => string };

const columns: readonly (readonly [
  header: string,
  cell: (call: Call, names: CsvNames) => string | number | boolean | null,
])[] = [
  ['id', (call) => call.id],
  ['created_at', (call) => call.created_at],
  ['settled_at', (call) => call.settled_at],
  ['status', (call) => call.status],
  ['error_code', (call) => call.error_code],
  ['http_status', (call) => call.http_status],
  ['project', (call, names) => names.project(call.project_id)],
  ['project_id', (call) => call.project_id],
  ['proxy_key', (call, names) => names.proxyKey(call.proxy_key_id)],
  ['proxy_key_id', (call) => call.proxy_key_id],
  ['user', (call) => call.user_id],
  ['agent', (call) => call.agent_id],
  ['task', (call) => call.task_id],
  ['provider', (call) => call.provider],
  ['model', (call) => call.model],
  ['model_alias', (call) => call.model_alias],
  ['served_model', (call) => call.served_model],
  ['operation', (call) => call.operation],
  ['stream', (call) => call.is_stream],
  ['sandbox', (call) => call.is_sandbox],
  ['input_tokens', (call) => call.input_tokens],
  ['cache_read_tokens', (call) => call.cache_read_tokens],
  ['cache_write_5m_tokens', (call) => call.cache_write_5m_tokens],
  ['cache_write_1h_tokens', (call) => call.cache_write_1h_tokens],
  ['output_tokens', (call) => call.output_tokens],
  ['reasoning_tokens', (call) => call.reasoning_tokens],
  ['cost_usd', (call) => call.cost_usd],
  ['cached', (call) => call.is_cached],
  ['saved_usd', (call) => call.saved_usd],
  ['usage_source', (call) => call.usage_source],
  ['latency_ms', (call) => call.latency_ms],
  ['first_byte_ms', (call) => call.first_byte_ms],
  ['overhead_ms', (call) => call.overhead_ms],
  ['attempts', (call) => readAttempts(call).length + 1],
  ['request_id', (call) => call.request_id],
];

export const callCsvHeader = (): string => toCsvLine(columns.map(([header]) => header));

export const callCsvLine = (call: Call, names: CsvNames): string =>
  toCsvLine(columns.map(([, cell]) => cell(call, names)));
