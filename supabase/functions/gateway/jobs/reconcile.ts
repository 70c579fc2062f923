import type { Job } from '../../_shared/create-app.ts';
import type { GatewayEnv } from '../env.ts';
import { readBills } from '../read-bills.ts';

/** Below what the schedule waits for an answer; what is left then is for the next run. */
const patienceMs = 90_000;

/** Reads with every admin key that is due, one after the other, and compares with the ledger. */
export function reconcile(env: GatewayEnv): Job {
  return async () => {
    const startedAt = Date.now();
    const counts = { read: 0, failed: 0, daysThatDiffer: 0 };
    while (Date.now() - startedAt < patienceMs) {
      const read = await readBills(env);
      if (read === null) break;
      counts[read.error === null ? 'read' : 'failed'] += 1;
      counts.daysThatDiffer += read.daysThatDiffer;
    }
    return counts;
  };
}
