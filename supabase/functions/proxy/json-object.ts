export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object at `value`, else an empty one, so that readers of foreign JSON need no ladders. */
export function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : empty;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : none;
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** A token count as the ledger can hold it; null for anything else. */
export function countOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= maxCount
    ? value
    : null;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Far above any real call, far below where sums of counts or prices could overflow. */
const maxCount = 1_000_000_000;
const empty: JsonObject = {};
const none: readonly unknown[] = [];
