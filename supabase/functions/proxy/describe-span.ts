import type { Settled, Settlement } from './ledger.ts';
import type { OpenCall } from './open-calls.ts';
import type { TraceContext } from './trace-context.ts';

/** A span as OTLP's JSON has it. */
export type Span = Readonly<Record<string, unknown>>;

/** What happened in a call, by OpenTelemetry's conventions for generative AI; what is only ours begins with `khq.`. */
export function describeSpan(
  open: OpenCall,
  context: TraceContext,
  settlement: Settlement,
  settled: Settled | null,
): Span {
  const { call, target, admitted } = open;
  const operation = call.route.operation === 'embeddings' ? 'embeddings' : 'chat';
  const startedAtMs = performance.timeOrigin + call.startedAt;
  const { usage } = settlement;
  const hasFailed = settlement.status === 'failed';
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    ...(context.parentSpanId === null ? {} : { parentSpanId: context.parentSpanId }),
    name: `${operation} ${target.model}`,
    kind: clientKind,
    startTimeUnixNano: toNanoseconds(startedAtMs),
    endTimeUnixNano: toNanoseconds(startedAtMs + settlement.latency_ms),
    status: hasFailed ? { code: errorCode, message: settlement.error_code ?? '' } : {},
    attributes: toAttributes({
      'gen_ai.operation.name': operation,
      'gen_ai.provider.name': target.provider.name,
      'gen_ai.request.model': target.model,
      'gen_ai.request.max_tokens': call.maxOutputTokens,
      'gen_ai.response.model': settlement.served_model,
      'gen_ai.usage.input_tokens': usage.input_tokens,
      'gen_ai.usage.output_tokens': usage.output_tokens,
      'gen_ai.usage.cache_read.input_tokens': usage.cache_read_tokens,
      'gen_ai.usage.cache_creation.input_tokens': usage.cache_write_5m_tokens + usage.cache_write_1h_tokens,
      'http.response.status_code': settlement.http_status,
      'error.type': hasFailed ? (settlement.error_code ?? 'unknown') : null,
      'khq.call_id': call.id,
      'khq.organization_id': admitted.organization_id,
      'khq.user_id': call.attribution.userId,
      'khq.agent_id': call.attribution.agentId,
      'khq.task_id': call.attribution.taskId,
      'khq.status': settlement.status,
      'khq.stream': call.stream,
      'khq.usage_source': settlement.usage_source,
      'khq.cache': open.cacheMark,
      'khq.cost_usd': settled?.cost_usd ?? null,
      'khq.first_byte_ms': settlement.first_byte_ms,
      'khq.overhead_ms': settlement.overhead_ms,
      'khq.upstream_request_id': settlement.upstream_request_id,
    }),
  };
}

const clientKind = 3;
const errorCode = 2;

type Value = string | number | boolean | null;

function toAttributes(values: Readonly<Record<string, Value>>) {
  return Object.entries(values).flatMap(([key, value]) =>
    value === null ? [] : [{ key, value: toOtlpValue(value) }],
  );
}

function toOtlpValue(value: string | number | boolean) {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  // 64-bit integers are strings in protobuf's JSON.
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

function toNanoseconds(milliseconds: number): string {
  return String(BigInt(Math.round(milliseconds * 1000)) * 1000n);
}
