import { describeError, log } from '../_shared/log.ts';
import { inBackground } from './background.ts';
import { describeSpan, type Span } from './describe-span.ts';
import type { Settled, Settlement } from './ledger.ts';
import type { OpenCall } from './open-calls.ts';
import { pause } from './pause.ts';
import { readTraceContext, toTraceparent, type TraceContext } from './trace-context.ts';

/** One span per call, sent beside it: no call waits for its trace, or fails with it. */
export interface Tracer {
  /** The header that upstream gets: the client's trace, with this call as the parent of what follows. */
  readonly propagate: (open: OpenCall, incoming: Headers) => { readonly traceparent: string };
  readonly record: (open: OpenCall, settlement: Settlement, settled: Settled | null) => void;
  /** Sends what is recorded. For a process that is about to end. */
  readonly flush: () => Promise<void>;
}

export interface TracerConfig {
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
}

const batchSize = 200;
const maxWaiting = 5_000;
const timeoutMs = 10_000;

/** Exports by OTLP over HTTP in JSON. What the collector does not take is dropped, and said once a minute. */
export function createTracer(config: TracerConfig, send: typeof fetch, lingerMs = 1_000): Tracer {
  const contexts = new WeakMap<OpenCall, TraceContext>();
  let waiting: Span[] = [];
  let isSending = false;
  let complainedAt = -Infinity;

  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, batchSize);
      waiting = waiting.slice(batchSize);
      await exportSpans(config, send, batch).catch((error: unknown) => {
        if (performance.now() - complainedAt < 60_000) return;
        complainedAt = performance.now();
        log({
          level: 'warn',
          service: 'proxy',
          action: 'export_spans',
          metadata: { error: describeError(error) },
        });
      });
    }
  };
  const sendSoon = async (): Promise<void> => {
    isSending = true;
    try {
      await pause(lingerMs);
      await flush();
    } finally {
      isSending = false;
    }
  };
  return {
    propagate(open, incoming) {
      const context = readTraceContext(incoming.get('traceparent'), open.call.id);
      contexts.set(open, context);
      return { traceparent: toTraceparent(context) };
    },
    record(open, settlement, settled) {
      const context = contexts.get(open);
      // Without one the call never left for upstream.
      if (context?.isSampled !== true || waiting.length >= maxWaiting) return;
      waiting.push(describeSpan(open, context, settlement, settled));
      if (!isSending) inBackground('export_spans', sendSoon());
    },
    flush,
  };
}

async function exportSpans(config: TracerConfig, send: typeof fetch, spans: readonly Span[]): Promise<void> {
  const service = { key: 'service.name', value: { stringValue: config.serviceName } };
  const body = {
    resourceSpans: [
      { resource: { attributes: [service] }, scopeSpans: [{ scope: { name: 'kreative-hq' }, spans }] },
    ],
  };
  const response = await send(`${config.endpoint}/v1/traces`, {
    method: 'POST',
    headers: { ...config.headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`The collector answered ${response.status}.`);
}
