import type { ClaimedTask } from '../_shared/contracts/agents.ts';
import type { Db } from '../_shared/db.ts';
import { reachLimit } from './reach-limit.ts';

/** That a task is ours for now. Renewed until it is ended. */
export interface Lease {
  /** What every write names. */
  readonly named: { readonly task_id: string; readonly lease_token: string };
  /** Aborted when the task was stopped, or taken over. */
  readonly lost: AbortSignal;
  /** Aborted when its agent's time for the task is over, by the failure to throw. */
  readonly timeUp: AbortSignal;
  /** Shows what a model said so far, about once a second. */
  readonly show: (stepNumber: number, text: string) => void;
  readonly end: () => void;
}

const showEveryMs = 800;

export function holdLease(db: Db, claimed: ClaimedTask, leaseSeconds: number): Lease {
  const named = { task_id: claimed.task.id, lease_token: claimed.lease_token };
  const [lost, timeUp] = [new AbortController(), new AbortController()];
  let shown: { step_number: number; step_text: string } | null = null;
  let isAsking = false;
  const renew = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    const progress = shown ?? {};
    shown = null;
    // Without an answer the lease may run out; whatever is written then is refused.
    const { error } = await db.rpc('renew_task', { ...named, lease_seconds: leaseSeconds, ...progress });
    if (error?.message === 'lease_lost') lost.abort(new Error('lease_lost'));
    isAsking = false;
  };
  const timers = [
    setInterval(() => void renew(), (leaseSeconds * 1000) / 4),
    setInterval(() => {
      if (shown !== null) void renew();
    }, showEveryMs),
  ];
  const ending = setTimeout(
    () => timeUp.abort(reachLimit('time_limit')),
    Math.max(0, claimed.seconds_left * 1000),
  );
  return {
    named,
    lost: lost.signal,
    timeUp: timeUp.signal,
    show: (stepNumber, text) => {
      shown = { step_number: stepNumber, step_text: text };
    },
    end: () => {
      clearTimeout(ending);
      timers.forEach(clearInterval);
    },
  };
}
