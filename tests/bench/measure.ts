import { Agent, request } from 'node:http';

export type Target = { readonly url: string; readonly headers: Readonly<Record<string, string>> };

/** Milliseconds, and calls per second. */
export type Measurement = {
  p50: number;
  p95: number;
  p99: number;
  firstByteP50: number;
  perSecond: number;
};

const body = (stream: boolean): Buffer =>
  Buffer.from(
    `{"model":"gpt-4o-mini","stream":${stream},"messages":[{"role":"user","content":"Say hello to the benchmark."}]}`,
  );

export type Sample = { totalMs: number[]; firstByteMs: number[]; seconds: number };

/** Sends `calls` calls over `connections` connections that are kept open; a connection waits for each answer. */
export async function measure(
  target: Target,
  { calls, connections, stream }: { calls: number; connections: number; stream: boolean },
): Promise<Sample> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const sample: Sample = { totalMs: [], firstByteMs: [], seconds: 0 };
  const startedAt = performance.now();
  let left = calls;
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const { totalMs, firstByteMs } = await send(target, agent, stream);
      sample.totalMs.push(totalMs);
      sample.firstByteMs.push(firstByteMs);
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  sample.seconds = (performance.now() - startedAt) / 1000;
  agent.destroy();
  return sample;
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
          if (response.statusCode === 200) resolve({ firstByteMs, totalMs: performance.now() - startedAt });
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

export function summarize(samples: readonly Sample[]): Measurement {
  const totalMs = samples.flatMap((sample) => sample.totalMs);
  return {
    p50: quantile(totalMs, 0.5),
    p95: quantile(totalMs, 0.95),
    p99: quantile(totalMs, 0.99),
    firstByteP50: quantile(
      samples.flatMap((sample) => sample.firstByteMs),
      0.5,
    ),
    perSecond: totalMs.length / samples.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}
