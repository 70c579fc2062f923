import { ClaimedTask } from '../_shared/contracts/agents.ts';
import type { Job } from '../_shared/create-app.ts';
import { type Db, unwrap } from '../_shared/db.ts';
import { AppError, toAppError } from '../_shared/errors.ts';
import { keepAlive } from '../_shared/keep-alive.ts';
import { describeError, log } from '../_shared/log.ts';
import type { FailPoint } from './fail-points.ts';
import type { OpenInternalKey } from './internal-key.ts';
import { holdLease, type Lease } from './lease.ts';
import { StepFailure } from './step-failure.ts';
import { workOnTask } from './work-on-task.ts';

export interface ExecutorParts {
  readonly db: Db;
  readonly proxyUrl: string;
  readonly leaseSeconds: number;
  readonly openKey: OpenInternalKey;
  readonly failing: (claims: number) => (point: FailPoint) => Promise<void>;
}

const maxAtOnce = 8;

/** Takes up what is due, as much as it can carry, and answers at once how much: the work goes on in the background. */
export function createExecutor(parts: ExecutorParts): { readonly runDueTasks: Job } {
  let carried = 0;
  const carry = async (claimed: ClaimedTask): Promise<void> => {
    try {
      await workSafely(parts, claimed);
    } finally {
      carried--;
    }
    // Its place is free for the next one.
    await takeUp();
  };
  const takeUp = async (): Promise<number> => {
    let started = 0;
    while (carried < maxAtOnce) {
      carried++;
      const claimed = await claim(parts).catch((error: unknown) => {
        carried--;
        throw error;
      });
      if (claimed === null) {
        carried--;
        break;
      }
      started++;
      keepAlive('agents', 'work', carry(claimed));
    }
    return started;
  };
  return {
    runDueTasks: async () => {
      const started = await takeUp();
      return { started, counted: await countEndedCalls(parts.db) };
    },
  };
}

async function claim({ db, leaseSeconds }: ExecutorParts): Promise<ClaimedTask | null> {
  const { data, error } = await db.rpc('claim_task', { lease_seconds: leaseSeconds });
  if (error !== null) unwrap({ data: null, error });
  return data === null ? null : ClaimedTask.parse(data);
}

/** What calls cost that settled after their task had ended. */
async function countEndedCalls(db: Db): Promise<number> {
  let counted = 0;
  while (counted < 1000 && unwrap(await db.rpc('count_ended_call'))) counted++;
  return counted;
}

/** However it ends, the task is laid down: with its result, to be tried again, or failed with a reason. */
async function workSafely(parts: ExecutorParts, claimed: ClaimedTask): Promise<void> {
  const lease = holdLease(parts.db, claimed, parts.leaseSeconds);
  try {
    await workOnTask(parts, claimed, lease);
  } catch (thrown) {
    await giveUp(parts.db, lease, claimed, thrown);
  } finally {
    lease.end();
  }
}

async function giveUp(db: Db, lease: Lease, claimed: ClaimedTask, thrown: unknown): Promise<void> {
  // Whoever stopped it, or took it over, decides.
  if (lease.lost.aborted || (thrown instanceof AppError && thrown.code === 'lease_lost')) return;
  const isKnown = thrown instanceof StepFailure;
  const failure = isKnown ? thrown : { code: 'internal', message: toAppError(thrown).message };
  log({
    level: isKnown ? 'info' : 'error',
    service: 'agents',
    action: 'give-up',
    organizationId: claimed.task.organization_id,
    metadata: { taskId: claimed.task.id, code: failure.code, error: describeError(thrown) },
  });
  const { error } = await db.rpc('give_up_task', {
    ...lease.named,
    code: failure.code,
    message: failure.message,
    ...(isKnown && { is_final: thrown.isFinal }),
    ...(isKnown && thrown.retryAfterSeconds !== null && { retry_after_seconds: thrown.retryAfterSeconds }),
  });
  // Unless it could be written down, the lease ends by itself and somebody else goes on.
  if (error !== null && error.message !== 'lease_lost') throw error;
}
