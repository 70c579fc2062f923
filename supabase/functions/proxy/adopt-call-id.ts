import type { Caller } from '../_shared/identify-caller.ts';
import type { Arrival } from './call.ts';

/**
 * An internal key names its call by an id of its own, so that the ledger admits it once however often it is sent. Whether
 * the key is genuine, the ledger decides with everything else; no other key begins like it.
 */
export function adoptCallId(arrival: Arrival, { keyId }: Caller, headers: Headers): Arrival {
  const id = headers.get('x-khq-call');
  if (!keyId.startsWith('internal-') || id === null || !isUuid.test(id)) return arrival;
  return { ...arrival, id, isInternal: true };
}

const isUuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
