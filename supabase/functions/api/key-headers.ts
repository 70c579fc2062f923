/** The client's headers with its proxy key where the proxy looks for it, whichever of the three headers it came in. */
export function keyHeaders(incoming: Headers): Headers {
  const headers = new Headers(incoming);
  const key = headers.get('x-proxy-key');
  headers.delete('x-proxy-key');
  if (key !== null) headers.set('authorization', `Bearer ${key}`);
  return headers;
}
