/** Seeded randomness for property tests: a failure names its seed and repeats. */
export interface Random {
  /** A whole number from 0 up to, not including, `below`. */
  below: (below: number) => number;
  pick: <Value>(values: readonly [Value, ...Value[]]) => Value;
}

export function createRandom(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { below, pick: (values) => values[below(values.length)] ?? values[0] };
}

/** JSON text as no serializer writes it: odd spaces, escapes, numbers beyond doubles, empty and repeated shapes. */
export function randomJson(random: Random, depth = 3): string {
  const kind = random.below(depth > 0 ? 8 : 5);
  if (kind === 0) return random.pick(['true', 'false', 'null']);
  if (kind === 1) return random.pick(['12345678901234567890', '1.0', '-0', '1e400', '0.10', '-1.5E-7', '7']);
  if (kind < 5) return randomString(random);
  const items = Array.from({ length: random.below(4) }, () => randomJson(random, depth - 1));
  if (kind === 5)
    return `[${space(random)}${items.join(`${space(random)},${space(random)}`)}${space(random)}]`;
  return randomObject(
    random,
    items.map((value): [string, string] => [randomString(random), value]),
  );
}

/** An object's text from keys and values that are JSON texts already. */
export function randomObject(random: Random, members: readonly (readonly [string, string])[]): string {
  const texts = members.map(
    ([key, value]) => `${space(random)}${key}${space(random)}:${space(random)}${value}${space(random)}`,
  );
  return `{${texts.length === 0 ? space(random) : texts.join(',')}}`;
}

export function randomString(random: Random): string {
  const parts = Array.from({ length: random.below(6) }, () =>
    random.pick([
      'a',
      '\\"',
      '\\\\',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '\\u0041',
      '\\ud83c\\udf89',
      'é',
      '世',
      '🎉',
      ' ',
      '\\n',
      '\\/',
    ]),
  );
  return `"${parts.join('')}"`;
}

/** The bytes in random pieces of at most `maxSize`. */
export function randomCuts<Bytes extends Uint8Array>(
  random: Random,
  bytes: Bytes,
  maxSize: number,
): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random.below(maxSize);
    pieces.push(bytes.slice(at, at + size));
    at += size;
  }
  return pieces;
}

function space(random: Random): string {
  return random.pick(['', '', '', ' ', '\n', '\t\r\n  ']);
}
