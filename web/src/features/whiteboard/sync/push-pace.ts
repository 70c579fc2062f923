const deliveriesPerSecond = 4_000;

/** How long a tab waits between two pushes: a tenth of a second, and longer where many would have to hear them all. */
export function pushPaceMs(people: number): number {
  return Math.max(100, (people * people * 1_000) / deliveriesPerSecond);
}
