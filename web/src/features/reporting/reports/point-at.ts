export type Place = { line: number; character: number; text: string };

/** The line that a position is in; Postgres counts characters from 1, not units of UTF-16. */
export function pointAt(query: string, position: number): Place {
  const before = Array.from(query).slice(0, position - 1);
  const line = before.filter((character) => character === '\n').length + 1;
  const character = before.length - (before.lastIndexOf('\n') + 1) + 1;
  return { line, character, text: query.split('\n')[line - 1] ?? '' };
}
