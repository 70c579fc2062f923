export type Packed = { bytes: ArrayBuffer; sha256: string };

/** Gzips text, and says what its bytes hash to. */
export async function packLines(lines: string): Promise<Packed> {
  const stream = new Blob([lines]).stream().pipeThrough(new CompressionStream('gzip'));
  const bytes = await new Response(stream).arrayBuffer();
  return { bytes, sha256: await hashBytes(bytes) };
}

/** The text again. @throws where the bytes are not those that were packed */
export async function unpackLines(packed: Blob, sha256: string): Promise<string> {
  const bytes = await packed.arrayBuffer();
  if ((await hashBytes(bytes)) !== sha256) throw new Error('The stored part is not what was written.');
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text();
}

async function hashBytes(bytes: ArrayBuffer): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
