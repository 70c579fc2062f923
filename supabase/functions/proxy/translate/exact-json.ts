/** As `JSON.parse`, but numbers that JavaScript cannot hold are written by `JSON.stringify` as they were read. */
export function parseExact(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) => {
    const source = context?.source;
    if (typeof value !== 'number' || source === undefined) return value;
    const isExact = Number.isFinite(value) && (source.length < longNumber || String(value) === source);
    return isExact ? value : rawNumber(source);
  });
}

/** Up to fifteen digits survive in a double. */
const longNumber = 16;

function rawNumber(source: string): unknown {
  return exactJson().rawJSON(source);
}

/** Guarantee: the runtimes that we run on all have `JSON.rawJSON`; TypeScript's library does not know it yet. */
function exactJson(): { readonly rawJSON: (text: string) => unknown } {
  return JSON as unknown as { readonly rawJSON: (text: string) => unknown };
}
