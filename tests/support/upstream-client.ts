import { z } from 'zod';
import { controlPath, ReceivedRequest, type Script, type Step } from './upstream.ts';

/** Tells the stand-in what to answer to whoever brings this provider key (or, without one, names this model). */
export async function playScripts(upstreamUrl: string, name: string, ...scripts: Script[]): Promise<void> {
  const response = await fetch(`${upstreamUrl}${controlPath}${encodeURIComponent(name)}`, {
    method: 'PUT',
    body: JSON.stringify(scripts),
  });
  if (!response.ok) throw new Error(await response.text());
}

/** What the stand-in received under this name, oldest first. */
export async function readJournal(upstreamUrl: string, name: string): Promise<ReceivedRequest[]> {
  const response = await fetch(`${upstreamUrl}${controlPath}${encodeURIComponent(name)}`);
  return z.array(ReceivedRequest).parse(await response.json());
}

/** The stand-in that this run's stack was started with as OpenAI, Anthropic and Moonshot. */
export function readUpstreamUrl(): string {
  return z.url({ error: 'UPSTREAM_URL is not set: run `npm test`.' }).parse(process.env['UPSTREAM_URL']);
}

export const bytesStep = (bytes: string | Uint8Array): Step => ({
  bytes: Buffer.from(bytes).toString('base64'),
});

/** A plain JSON answer. */
export function jsonScript(body: unknown, status = 200): Script {
  const headers = { 'content-type': 'application/json' };
  return { status, headers, steps: [bytesStep(typeof body === 'string' ? body : JSON.stringify(body))] };
}

/** A stream whose bytes are cut at these offsets, wherever they fall. */
export function streamScript(bytes: Uint8Array, cutsAt: number[] = []): Script {
  const edges = [
    0,
    ...cutsAt.filter((at) => at > 0 && at < bytes.length).toSorted((a, b) => a - b),
    bytes.length,
  ];
  const steps = edges.slice(1).map((end, index) => bytesStep(bytes.subarray(edges[index], end)));
  return { headers: { 'content-type': 'text/event-stream; charset=utf-8' }, steps };
}
