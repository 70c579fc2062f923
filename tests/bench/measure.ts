import { Agent, request } from 'node:http';

export type Target = { readonly url: string; readonly headers: Readonly<Record<string, string>> };

/** Milliseconds, and calls per second. */
export type Measurement = { p50: number; p95: number; p99: number; perSecond: number };

const body = (stream: boolean): Buffer =>
  Buffer.from(
    `{"model":"gpt-4o-mini","stream":${stream},"messages":[{"role":"user","content":"Say hello to the benchmark."}]}`,
  );

/** Sends `calls` calls over `connections` connections that are kept open; a connection waits for each answer. */
export async function measure(target: Target, calls: number, connections: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const latencies: number[] = [];
  let left = calls;
  const worker = async (): Promise<void> => {
    while (left-- > 0) latencies.push((await send(target, agent, false)).totalMs);
  };
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
  return latencies;
}

/** Milliseconds until the first byte of a stream's body, call after call. */
export async function measureFirstByte(target: Target, calls: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const firstBytes: number[] = [];
  for (let call = 0; call < calls; call++) firstBytes.push((await send(target, agent, true)).firstByteMs);
  agent.destroy();
  return firstBytes;
}

function send(
  target: Target,
  agent: Agent,
  stream: boolean,
): Promise<{ firstByteMs: number; totalMs: number }> {
  const payload = body(stream);
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const call = request(
      target.url,
      {
        method: 'POST',
        agent,
        headers: { ...target.headers, 'content-type': 'application/json', 'content-length': payload.length },
      },
      (response) => {
        let firstByteMs = 0;
        let refusal = '';
        response.on('data', (part: Buffer) => {
          firstByteMs ||= performance.now() - startedAt;
          if (response.statusCode !== 200) refusal += part.toString();
        });
        response.on('error', reject);
        response.on('end', () => {
          if (refusal === '') resolve({ firstByteMs, totalMs: performance.now() - startedAt });
          else reject(new Error(`${target.url} answered ${response.statusCode}: ${refusal}`));
        });
      },
    );
    call.on('error', reject);
    call.end(payload);
  });
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
