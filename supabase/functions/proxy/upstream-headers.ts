/** The client's headers for upstream: what belongs to this hop, to us or to the caller's identity stays here. */
export function upstreamHeaders(incoming: Headers, credential: Readonly<Record<string, string>>): Headers {
  const outgoing = new Headers();
  const named = incoming.get('connection');
  const perConnection = named === null ? [] : named.toLowerCase().split(/\s*,\s*/);
  for (const [name, value] of incoming) {
    if (!isDropped(name) && !perConnection.includes(name)) outgoing.set(name, value);
  }
  for (const [name, value] of Object.entries(credential)) outgoing.set(name, value);
  // Compressed bytes could not be relayed as they came: the runtime decompresses them.
  outgoing.set('accept-encoding', 'identity');
  return outgoing;
}

const perHop =
  'connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer upgrade';
const transport =
  'transfer-encoding expect host content-length accept-encoding forwarded via x-real-ip cdn-loop';
const identity = 'authorization x-api-key apikey cookie x-client-info origin referer true-client-ip';
const dropped = new Set(`${perHop} ${transport} ${identity}`.split(' '));

function isDropped(name: string): boolean {
  return (
    dropped.has(name) ||
    name.startsWith('x-khq-') ||
    name.startsWith('x-forwarded-') ||
    name.startsWith('cf-') ||
    name.startsWith('sec-')
  );
}
