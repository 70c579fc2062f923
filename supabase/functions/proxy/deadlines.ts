/**
 * Calls `act` some `delayMs` later, up to a tick late, unless it is cancelled before by the function that is answered.
 * All share one coarse timer: timers of their own would cost a call more than everything else that we do to it.
 */
export function after(delayMs: number, act: () => void): () => void {
  const deadline: Deadline = { at: performance.now() + delayMs, act };
  deadlines.add(deadline);
  timer ??= setInterval(tick, tickMs);
  return () => deadlines.delete(deadline);
}

export const tickMs = 50;

interface Deadline {
  readonly at: number;
  readonly act: () => void;
}

const deadlines = new Set<Deadline>();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  if (deadlines.size === 0) {
    clearInterval(timer);
    timer = undefined;
    return;
  }
  const now = performance.now();
  for (const deadline of deadlines) {
    if (deadline.at > now) continue;
    deadlines.delete(deadline);
    deadline.act();
  }
}
