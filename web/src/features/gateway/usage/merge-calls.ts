type Position = { created_at: string; id: string };

/** Calls of both lists in the order of the ledger, newest first; where both have one, the later list's counts. */
export function mergeCalls<Call extends Position>(loaded: readonly Call[], fresher: readonly Call[]): Call[] {
  const byId = new Map<string, Call>();
  for (const call of loaded) byId.set(call.id, call);
  for (const call of fresher) byId.set(call.id, call);
  return [...byId.values()].sort((left, right) => (isNewer(left, right) ? -1 : 1));
}

/** Instants come in UTC from the same server, so that their texts order as they do. */
export function isNewer(left: Position, right: Position): boolean {
  if (left.created_at !== right.created_at) return left.created_at > right.created_at;
  return left.id > right.id;
}

/** More calls were made since the last look than were asked for now: some in between are not known. */
export function leavesGap(
  head: readonly Position[],
  headSize: number,
  newestKnown: Position | undefined,
): boolean {
  const oldest = head.at(-1);
  if (!oldest || !newestKnown || head.length < headSize) return false;
  return isNewer(oldest, newestKnown);
}
