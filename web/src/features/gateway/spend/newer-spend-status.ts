type Dated = { version: bigint; asOf: Date };

/** Answers and broadcasts may overtake each other: the later state of the counter, and of the same one what was seen later. */
export function newerSpendStatus<Status extends Dated>(known: Status | undefined, told: Status): Status {
  if (known === undefined || told.version > known.version) return told;
  if (told.version < known.version) return known;
  return told.asOf.getTime() < known.asOf.getTime() ? known : told;
}
