/**
 * How long a tab waits between two pushes. The function gathers those of a board and tells of them together, so many who
 * draw make longer messages, not more; only in a large room each of them is asked for less.
 */
export function pushPaceMs(people: number): number {
  return Math.max(33, people * 1.7);
}
