import type { PostgresConnection } from '@supabase/lite/postgres';
import { z } from 'zod';

type KyselyPlugin = Parameters<PostgresConnection['kysely']['withPlugin']>[0];

/**
 * How values of the database become JSON: as PostgREST writes them, where `@supabase/lite` does otherwise. Entries
 * are postgres.js types: `from` and `to` are type ids of PostgreSQL.
 */
export const dataApiTypes = {
  // A JSON number, digit for digit, where lite gives a number or a string depending on the value.
  numeric: {
    to: 1700,
    from: [1700],
    serialize: String,
    parse: (text: string) => (/^(NaN|-?Infinity)$/.test(text) ? text : rawJson(text)),
  },
  timestamp: { to: 1114, from: [1114], serialize: String, parse: isoTimestamp },
  timestamptz: { to: 1184, from: [1184], serialize: String, parse: isoTimestamp },
  // Text such as \xdead, where lite gives a Buffer's insides.
  bytea: {
    to: 17,
    from: [17],
    serialize: (value: unknown) => byteaText(value),
    parse: (text: string) => text,
  },
};

/** `2026-01-01 08:00:00+00` as `2026-01-01T08:00:00+00:00`; `infinity` stays. */
function isoTimestamp(text: string): string {
  return text.replace(/^(\d{4,}-\d\d-\d\d) /, '$1T').replace(/([+-]\d\d)$/, '$1:00');
}

function byteaText(value: unknown): string {
  return value instanceof Uint8Array ? `\\x${Buffer.from(value).toString('hex')}` : String(value);
}

/** TypeScript does not know JSON.rawJSON yet: text that JSON.stringify copies as it is. */
function rawJson(text: string): unknown {
  const make: unknown = Reflect.get(JSON, 'rawJSON');
  return typeof make === 'function' ? Reflect.apply(make, JSON, [text]) : Number(text);
}

/**
 * lite turns a function's json and jsonb arguments into JSON text, which the driver, knowing the parameter's type,
 * turns into JSON text again: an object arrives as a string. This Kysely plugin passes them as text.
 */
export const jsonArgumentsAsText: KyselyPlugin = {
  transformQuery: ({ node }) => rebuilt(node, castArguments(node)),
  transformResult: async ({ result }) => result,
};

/** Of the original's type: `castArguments` changes texts and values inside raw nodes, never a node's kind. */
function rebuilt<Node extends object>(_original: Node, copy: unknown): Node {
  return copy as Node;
}

function castArguments(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(castArguments);
  if (!isObject(node) || Object.getPrototypeOf(node) !== Object.prototype) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, castArguments(value)]));
  return copy['kind'] === 'RawNode' ? castRawArguments(copy) : copy;
}

const RawNode = z.object({ sqlFragments: z.array(z.string()), parameters: z.array(z.unknown()) });

/** `… ${value}::${raw('jsonb')} …` becomes `… ${text}::text::${raw('jsonb')} …`. */
function castRawArguments(node: Record<string, unknown>): Record<string, unknown> {
  const { sqlFragments: fragments, parameters: values } = RawNode.parse(node);
  for (const [index, parameter] of values.entries()) {
    const type = isObject(values[index + 1]) ? rawText(values[index + 1]) : undefined;
    if (fragments[index + 1] !== '::' || (type !== 'json' && type !== 'jsonb')) continue;
    if (!isObject(parameter) || Reflect.get(parameter, 'kind') !== 'ValueNode') continue;
    fragments[index + 1] = '::text::';
    values[index] = { ...parameter, value: jsonText(Reflect.get(parameter, 'value')) };
  }
  return { ...node, sqlFragments: fragments, parameters: values };
}

function rawText(node: unknown): string | undefined {
  if (!isObject(node) || Reflect.get(node, 'kind') !== 'RawNode') return undefined;
  return RawNode.parse(node).sqlFragments.join('');
}

/** A string is JSON text already, or, where it is not, one that lite did not encode because it is a string. */
function jsonText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'string') return JSON.stringify(value);
  try {
    JSON.parse(value);
    return value;
  } catch {
    return JSON.stringify(value);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
