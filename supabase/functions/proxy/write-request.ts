import type { Bytes } from './call.ts';
import type { Target } from './choose-route.ts';
import type { ReadCall } from './read-call.ts';
import { spliceBytes } from './splice-bytes.ts';
import { spliceCall } from './splice-call.ts';

export interface UpstreamRequest {
  readonly bytes: Bytes;
  /** We ask for usage that the client did not ask for: what reports it stays here. */
  readonly hidesUsage: boolean;
}

/** The client's bytes for upstream, spliced where its target wants something else in them. */
export function writeRequest(bytes: Bytes, { call, members }: ReadCall, target: Target): UpstreamRequest {
  const asksUsage = call.stream && target.provider.usageMustBeAsked && !call.decidesUsage;
  const model = target.model === call.model ? null : target.model;
  return {
    bytes: spliceBytes(bytes, spliceCall(bytes, members, { model, asksUsage })),
    hidesUsage: asksUsage,
  };
}
