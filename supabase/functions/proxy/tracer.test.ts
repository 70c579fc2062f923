import { expect, test } from 'vitest';
import { z } from 'zod';
import { createTestProxy } from './testing/test-proxy.ts';
import { readTraceContext, toTraceparent } from './trace-context.ts';
import { createTracer } from './tracer.ts';

const callId = '0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b';
const incoming = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

test('[TRC1] the client’s trace is continued, with this call as parent of what follows', () => {
  const context = readTraceContext(incoming, callId);
  expect(context).toEqual({
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    parentSpanId: '00f067aa0ba902b7',
    spanId: '8a9b0c1d2e3f4a5b',
    isSampled: true,
  });
  expect(toTraceparent(context)).toBe('00-4bf92f3577b34da6a3ce929d0e0e4736-8a9b0c1d2e3f4a5b-01');
  expect(readTraceContext(incoming.replace(/01$/, '00'), callId).isSampled).toBe(false);
});

test.each([
  null,
  '',
  'nonsense',
  'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
  '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01',
  '00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01',
])('[TRC2] with %j a trace begins that is found by the call’s id', (header) => {
  const { traceId, parentSpanId } = readTraceContext(header, callId);
  expect(traceId).toBe('0199a1b2c3d47e5f8a9b0c1d2e3f4a5b');
  expect(parentSpanId).toBeNull();
});

const Attribute = z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) });
const Span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  status: z.object({ code: z.number().optional() }),
  attributes: z.array(Attribute),
});
const Export = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(Span) })) })),
});

/** A proxy that traces, and what its collector received. */
async function createTracedProxy(collectorStatus = 200) {
  const exported: { url: string; headers: Headers; spans: z.infer<typeof Span>[] }[] = [];
  const collect: typeof fetch = (input, init) => {
    const request = new Request(input, init);
    return request.json().then((body) => {
      const spans = Export.parse(body).resourceSpans.flatMap(({ scopeSpans }) =>
        scopeSpans.flatMap((scope) => scope.spans),
      );
      exported.push({ url: request.url, headers: request.headers, spans });
      return new Response('{}', { status: collectorStatus });
    });
  };
  const config = { endpoint: 'http://collector', headers: { 'x-key': 'k' }, serviceName: 'proxy' };
  const tracer = createTracer(config, collect, 1);
  return { exported, ...(await createTestProxy({}, { tracer })) };
}

const ask = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] };

test('[TRC3] a call makes one span with the conventional attributes, and upstream gets its id as parent', async () => {
  const { exported, post, upstream } = await createTracedProxy();
  const response = await post('/v1/chat/completions', ask, { traceparent: incoming });
  await response.text();
  await expect.poll(() => exported.length).toBe(1);
  const [{ spans, url, headers } = { spans: [], url: '', headers: new Headers() }] = exported;
  expect(url).toBe('http://collector/v1/traces');
  expect(headers.get('x-key')).toBe('k');
  expect(spans).toHaveLength(1);
  const [span] = spans;
  expect(span).toMatchObject({
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    parentSpanId: '00f067aa0ba902b7',
    name: 'chat gpt-4o-mini',
    kind: 3,
  });
  expect(BigInt(span?.endTimeUnixNano ?? 0)).toBeGreaterThanOrEqual(BigInt(span?.startTimeUnixNano ?? 0));
  const attributes = Object.fromEntries(span?.attributes.map(({ key, value }) => [key, value]) ?? []);
  expect(attributes).toMatchObject({
    'gen_ai.operation.name': { stringValue: 'chat' },
    'gen_ai.provider.name': { stringValue: 'openai' },
    'gen_ai.request.model': { stringValue: 'gpt-4o-mini' },
    'http.response.status_code': { intValue: '200' },
  });
  expect(attributes['gen_ai.usage.input_tokens']?.['intValue']).toMatch(/^\d+$/);
  const sent = new Headers(upstream.requests[0]?.headers);
  expect(sent.get('traceparent')).toBe(`00-4bf92f3577b34da6a3ce929d0e0e4736-${span?.spanId}-01`);
});

test('[TRC4] what its client does not want recorded is forwarded, and not exported', async () => {
  const { exported, post, upstream } = await createTracedProxy();
  await (await post('/v1/chat/completions', ask, { traceparent: incoming.replace(/01$/, '00') })).text();
  await (await post('/v1/chat/completions', ask)).text();
  await expect.poll(() => exported.flatMap(({ spans }) => spans).length).toBe(1);
  expect(new Headers(upstream.requests[0]?.headers).get('traceparent')).toMatch(/-00$/);
  expect(exported[0]?.spans[0]?.parentSpanId).toBeUndefined();
});

test('[TRC5] a collector that fails does no call any harm', async () => {
  const { exported, post } = await createTracedProxy(503);
  expect((await post('/v1/chat/completions', ask)).status).toBe(200);
  await expect.poll(() => exported.length).toBe(1);
  expect((await post('/v1/chat/completions', ask)).status).toBe(200);
});

test('[TRC6] where nothing is traced, the client’s header goes through as it is', async () => {
  const { post, upstream } = await createTestProxy();
  await (await post('/v1/chat/completions', ask, { traceparent: incoming })).text();
  expect(new Headers(upstream.requests[0]?.headers).get('traceparent')).toBe(incoming);
});
