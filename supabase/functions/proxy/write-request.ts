import type { Bytes } from './call.ts';
import type { Target, Wish } from './choose-route.ts';
import { type JsonObject, objectOf } from './json-object.ts';
import type { ReadCall } from './read-call.ts';
import { spliceBytes } from './splice-bytes.ts';
import { spliceCall } from './splice-call.ts';
import { parseExact } from './translate/exact-json.ts';
import { translateRequest } from './translate/translate-request.ts';

export interface UpstreamRequest {
  readonly bytes: Bytes;
  /** We ask for usage that the client did not ask for: what reports it stays here. */
  readonly hidesUsage: boolean;
}

/** The client's bytes for upstream: spliced in its own dialect, else written anew. */
export function writeRequest(
  bytes: Bytes,
  { call, members, isForm }: ReadCall,
  target: Target,
): UpstreamRequest {
  if (target.isTranslated) {
    return { bytes: encoder.encode(JSON.stringify(translate(bytes, target.model))), hidesUsage: false };
  }
  const { stream, decidesUsage, route } = call;
  const isChat = route.operation === 'chat.completions';
  const asksUsage = isChat && stream && target.provider.usageMustBeAsked && !decidesUsage;
  const model = target.model === call.model ? null : target.model;
  return {
    bytes: spliceBytes(bytes, spliceCall(bytes, members, { model, asksUsage, isForm })),
    hidesUsage: asksUsage,
  };
}

/**
 * Refuses what has no translation before anything is reserved for it. Whom an alias stands for is only known afterwards:
 * such a call then fails.
 */
export function requireTranslation(bytes: Bytes, { call }: ReadCall, { provider, model }: Wish): void {
  if (provider === 'anthropic' && call.route.operation === 'chat.completions') translate(bytes, model);
}

function translate(bytes: Bytes, model: string): JsonObject {
  return translateRequest(objectOf(parseExact(decoder.decode(bytes))), model);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
