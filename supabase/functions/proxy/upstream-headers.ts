/**
 * The client's headers for upstream: what belongs to this hop, to us or to the caller's identity stays here. Our own, the
 * credential and the trace, take the place of its.
 */
export function upstreamHeaders(
  incoming: Headers,
  own: Readonly<Record<string, string>>,
): [string, string][] {
  // Compressed bytes could not be relayed as they came: the runtime decompresses them.
  const outgoing: [string, string][] = [['accept-encoding', 'identity'], ...Object.entries(own)];
  const perConnection = incoming
    .get('connection')
    ?.toLowerCase()
    .split(/\s*,\s*/);
  for (const [name, value] of incoming) {
    const isReplaced = Object.hasOwn(own, name);
    if (!isReplaced && !isDropped(name) && perConnection?.includes(name) !== true)
      outgoing.push([name, value]);
  }
  return outgoing;
}

const perHop =
  'connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer upgrade';
const transport =
  'transfer-encoding expect host content-length accept-encoding forwarded via x-real-ip cdn-loop';
const identity = 'authorization x-api-key apikey cookie x-client-info origin referer true-client-ip';
/** Of an account of the client's own, as its library finds them in its environment: it is the credential's that pays. */
const account = 'openai-organization openai-project';
const dropped = new Set(`${perHop} ${transport} ${identity} ${account}`.split(' '));
const droppedPrefix = /^(?:x-khq-|x-forwarded-|cf-|sec-)/;

function isDropped(name: string): boolean {
  return dropped.has(name) || droppedPrefix.test(name);
}
