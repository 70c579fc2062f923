/** Mid-tones that stand 3:1 against both schemes' surfaces; pure red, amber and green are kept for states. */
const palette = [
  '#6d6ad8',
  '#1f97ad',
  '#c9508f',
  '#5a9160',
  '#cf7734',
  '#3f7fd0',
  '#9a5bc4',
  '#a08a2e',
  '#b9605c',
  '#2f8f83',
  '#94799f',
  '#6f87a8',
] as const;

export const otherColor = '#97918a';

/**
 * One color per key, the same wherever the same keys are known: each key prefers the color that its name hashes to
 * and takes the next free one when another key came first, in alphabetical order.
 */
export function assignSeriesColors(keys: Iterable<string>): (key: string) => string {
  const colors = new Map<string, string>();
  const taken = new Set<number>();
  for (const key of [...new Set(keys)].sort()) {
    const slot = freeSlot(hash(key) % palette.length, taken);
    taken.add(slot);
    colors.set(key, colorAt(slot));
  }
  return (key) => colors.get(key) ?? colorAt(hash(key) % palette.length);
}

function freeSlot(preferred: number, taken: ReadonlySet<number>): number {
  for (let step = 0; step < palette.length; step += 1) {
    const slot = (preferred + step) % palette.length;
    if (!taken.has(slot)) return slot;
  }
  return preferred;
}

const colorAt = (slot: number): string => palette[slot] ?? otherColor;

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}
