/** Where a call stands in a trace, as W3C Trace Context writes it. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  /** False where whoever began the trace does not want it recorded. */
  readonly isSampled: boolean;
}

/**
 * Continues the client's trace, or begins one whose id is the call's: what the client was told as x-request-id leads to
 * it. A header that is not as it should be counts as none.
 */
export function readTraceContext(header: string | null, callId: string): TraceContext {
  const own = callId.replaceAll('-', '').toLowerCase();
  const spanId = own.slice(-16);
  const [, traceId, parentSpanId, flags] =
    /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/.exec(
      header?.trim() ?? '',
    ) ?? [];
  if (traceId === undefined || parentSpanId === undefined)
    return { traceId: own, spanId, parentSpanId: null, isSampled: true };
  return { traceId, spanId, parentSpanId, isSampled: (Number.parseInt(flags ?? '0', 16) & 1) === 1 };
}

export function toTraceparent({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}
