/**
 * An answer that is compressed although `identity` was asked, decompressed, since events and usage could not be read
 * otherwise. Runtimes differ: one that has done so already leaves no `content-encoding`.
 */
export function decodeUpstream(upstream: Response): Response {
  const encoding = upstream.headers.get('content-encoding');
  if ((encoding !== 'gzip' && encoding !== 'deflate') || upstream.body === null) return upstream;
  const headers = new Headers(upstream.headers);
  headers.delete('content-encoding');
  const body = upstream.body.pipeThrough(new DecompressionStream(encoding));
  return new Response(body, { status: upstream.status, headers });
}
