/** The same targets with one of them at another place. */
export function moveTarget(targets: readonly string[], from: number, to: number): string[] {
  const moved = [...targets];
  moved.splice(to, 0, ...moved.splice(from, 1));
  return moved;
}
