import type { ClaimedTask, TaskStep } from '../_shared/contracts/agents.ts';
import { unwrap, unwrapNothing } from '../_shared/db.ts';
import type { ExecutorParts } from './executor.ts';
import type { FailPoint } from './fail-points.ts';
import type { Lease } from './lease.ts';
import { nextMove } from './next-move.ts';
import { takeModelStep } from './take-model-step.ts';
import { takeToolStep } from './take-tool-step.ts';

/** All that working on one task needs. */
export interface Work {
  readonly parts: ExecutorParts;
  readonly claimed: ClaimedTask;
  readonly lease: Lease;
  readonly failAt: (point: FailPoint) => Promise<void>;
}

/** A worker of the platform lives some minutes: between two steps another one goes on. */
const workForMs = 100_000;

/**
 * Takes one step after the other until there is a result, each written down before the next is begun. What comes next
 * follows from what was done, so it makes no difference whether the same executor goes on or another one.
 */
export async function workOnTask(parts: ExecutorParts, claimed: ClaimedTask, lease: Lease): Promise<void> {
  const work: Work = { parts, claimed, lease, failAt: parts.failing(claimed.claims) };
  const startedAt = performance.now();
  const steps: TaskStep[] = [...claimed.steps];
  await work.failAt('claimed');
  for (;;) {
    const move = nextMove(steps);
    if (move.kind === 'hand-in') {
      await work.failAt('handing-in');
      unwrap(
        await parts.db.rpc('hand_in_task', {
          ...lease.named,
          result: move.result,
          asks_approval: move.asksApproval,
        }),
      );
      await work.failAt('handed-in');
      return;
    }
    const isLate = performance.now() - startedAt > workForMs;
    const step = isLate
      ? null
      : move.kind === 'model'
        ? await takeModelStep(work, steps)
        : await takeToolStep(work, move.call);
    if (step === null) {
      unwrapNothing(await parts.db.rpc('release_task', lease.named));
      return;
    }
    await work.failAt('step-finished');
    const place = steps.findIndex(({ number }) => number === step.number);
    steps.splice(place === -1 ? steps.length : place, 1, step);
  }
}
