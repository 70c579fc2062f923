const runForMs = 60_000;

/** An outbox in the database, whose rows are claimed under a lease. */
export interface Outbox<Delivery> {
  /** What is due by now, some at a time; none: it is empty. */
  readonly claim: () => Promise<readonly Delivery[]>;
  /** Delivers one and writes down what became of it; answers whether it arrived. */
  readonly deliver: (delivery: Delivery) => Promise<boolean>;
}

/** Delivers what is due until nothing is, or for a minute: the schedule comes again. */
export async function emptyOutbox<Delivery>({
  claim,
  deliver,
}: Outbox<Delivery>): Promise<{ delivered: number; failed: number }> {
  const counts = { delivered: 0, failed: 0 };
  const startedAt = performance.now();
  while (performance.now() - startedAt < runForMs) {
    const claimed = await claim();
    if (claimed.length === 0) break;
    const outcomes = await Promise.all(claimed.map(deliver));
    for (const isDelivered of outcomes) counts[isDelivered ? 'delivered' : 'failed'] += 1;
  }
  return counts;
}
