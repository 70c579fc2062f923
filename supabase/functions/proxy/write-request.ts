import type { Bytes } from './call.ts';
import type { Target } from './choose-route.ts';
import { objectOf } from './json-object.ts';
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
    const body = objectOf(parseExact(decoder.decode(bytes)));
    return {
      bytes: encoder.encode(JSON.stringify(translateRequest(body, target.model))),
      hidesUsage: false,
    };
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

const encoder = new TextEncoder();
const decoder = new TextDecoder();
