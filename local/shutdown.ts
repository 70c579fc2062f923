export type Shutdown = {
  /** Remembers what to close; what was opened last is closed first. */
  add(close: () => Promise<void>): void;
  /** Closes everything once, going on when one of them fails. @throws the first failure */
  run: () => Promise<void>;
};

export function createShutdown(): Shutdown {
  const closers: (() => Promise<void>)[] = [];
  let running: Promise<void> | undefined;
  const closeAll = async () => {
    const failures: unknown[] = [];
    for (const close of closers.toReversed())
      await close().catch((error: unknown) => void failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  return {
    add: (close) => void closers.push(close),
    run: () => (running ??= closeAll()),
  };
}
