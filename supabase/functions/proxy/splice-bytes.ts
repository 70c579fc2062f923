import type { Bytes, Splice } from './call.ts';

/** The same bytes with each splice's range replaced. Splices do not overlap; none leaves the array as it is. */
export function spliceBytes(bytes: Bytes, splices: readonly Splice[]): Bytes {
  if (splices.length === 0) return bytes;
  const ordered = [...splices].sort((a, b) => a.start - b.start);
  const texts = ordered.map(({ text }) => encoder.encode(text));
  const added = ordered.reduce((sum, { start, end }, i) => sum + (texts[i]?.length ?? 0) - (end - start), 0);
  const spliced = new Uint8Array(bytes.length + added);
  let read = 0;
  let written = 0;
  ordered.forEach(({ start, end }, i) => {
    const text = texts[i] ?? nothing;
    spliced.set(bytes.subarray(read, start), written);
    spliced.set(text, written + start - read);
    written += start - read + text.length;
    read = end;
  });
  spliced.set(bytes.subarray(read), written);
  return spliced;
}

const encoder = new TextEncoder();
const nothing = new Uint8Array(0);
