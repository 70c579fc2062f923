import { type CapturedBodies, type CapturedBody, isCut } from './capture-bodies.ts';
import { after } from './deadlines.ts';
import { joinDeltas } from './join-deltas.ts';
import type { OpenCall } from './open-calls.ts';
import type { Proxy } from './proxy.ts';
import { redactBody } from './redact-body.ts';

/** Writes what was captured of a settled call, once its client has the answer. What fails is in the log, not tried again. */
export async function logBodies(proxy: Proxy, open: OpenCall, captured: CapturedBodies): Promise<void> {
  await new Promise<void>((resolve) => {
    after(0, resolve);
  });
  const { request, response, logging, projectId } = captured;
  await proxy.ledger.logBodies(open.admitted.organization_id, {
    id: open.call.id,
    organization_id: open.admitted.organization_id,
    project_id: projectId,
    logging,
    request: describe(captured, request, false),
    response: describe(captured, response, captured.responseIsStream),
    request_bytes: request.size,
    response_bytes: response.size,
  });
}

/** As it is kept: text that jsonb accepts, within a bound. Null for nothing, for bytes that are no text, and where redacting needs the whole. */
function describe({ logging }: CapturedBodies, body: CapturedBody, isStream: boolean): string | null {
  const text = decode(body);
  if (text === null || text === '') return null;
  const readable = isStream ? joinDeltas(text) : text;
  const isWhole = isStream || !isCut(body);
  if (logging === 'redacted' && !isWhole) return null;
  const kept = logging === 'redacted' ? redactBody(readable) : readable;
  return kept.replaceAll('\0', '').slice(0, maxKeptLength).toWellFormed();
}

function decode(body: CapturedBody): string | null {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    const text = body.chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('');
    // The end of what was cut may be half a character.
    return isCut(body) ? text : text + decoder.decode();
  } catch {
    return null;
  }
}

const maxKeptLength = 65_536;
