import { isJsonObject, parseJson } from './json-object.ts';

/**
 * What a stream of events adds up to, for people: the pieces of each text put together, whatever the dialect. Several
 * texts (choices, tool calls, reasoning) stand below one another under where they came from; without any piece it is
 * the stream itself.
 */
export function joinDeltas(stream: string): string {
  const texts = new Map<string, string[]>();
  for (const event of stream.split(/\r?\n\r?\n|\r\r/)) {
    const data = event
      .split(/\r\n|\r|\n/)
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice(5).trimStart())
      .join('\n');
    const parsed = parseJson(data);
    if (isJsonObject(parsed)) collect(texts, parsed, [], false);
  }
  const joined = [...texts].map(([path, pieces]) => ({ path, text: pieces.join('') }));
  const [first] = joined;
  if (first === undefined) return stream;
  return joined.length === 1 ? first.text : joined.map(({ path, text }) => `${path}:\n${text}`).join('\n\n');
}

/** Members below which texts come in pieces; everything else of an event is about the stream. */
const pieceMembers = new Set(['delta', 'content_block']);
/** Words of the protocol that stand among the pieces. */
const protocolMembers = new Set(
  'type role id object finish_reason stop_reason stop_sequence model'.split(' '),
);

function collect(
  texts: Map<string, string[]>,
  value: unknown,
  path: readonly string[],
  isPiece: boolean,
): void {
  if (typeof value === 'string') {
    if (!isPiece || value === '') return;
    const key = path.join('.');
    const pieces = texts.get(key);
    if (pieces === undefined) texts.set(key, [value]);
    else pieces.push(value);
    return;
  }
  if (Array.isArray(value)) {
    value.forEach((entry, place) =>
      collect(texts, entry, [...path, indexOf(entry) ?? String(place)], isPiece),
    );
    return;
  }
  if (!isJsonObject(value)) return;
  // An entry of an array has its index in the path already.
  const here = path.length === 0 ? [indexOf(value) ?? []].flat() : path;
  for (const [member, inner] of Object.entries(value)) {
    if (protocolMembers.has(member)) continue;
    const isHere = pieceMembers.has(member);
    collect(texts, inner, isHere ? here : [...here, member], isPiece || isHere);
  }
}

function indexOf(value: unknown): string | undefined {
  if (!isJsonObject(value)) return undefined;
  const indexes = [value.output_index, value.content_index, value.index].filter(
    (index) => typeof index === 'number',
  );
  return indexes.length === 0 ? undefined : indexes.join('.');
}
