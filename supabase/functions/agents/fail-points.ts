import { z } from 'zod';
import { log } from '../_shared/log.ts';

/** Where an executor can be told to die, in the order in which it comes by. */
export const FailPoint = z.enum([
  'claimed',
  'step-begun',
  'call-sent',
  'call-streaming',
  'call-answered',
  'call-settled',
  'tool-done',
  'step-finished',
  'handing-in',
  'handed-in',
]);
export type FailPoint = z.infer<typeof FailPoint>;

/**
 * For proofs: `AGENTS_FAIL_AT` lists points, and who takes a task up for the n-th time dies at the n-th of them. Nothing
 * has to be remembered for that but what the task itself says.
 */
export function createFailing(
  points: readonly FailPoint[],
  die: () => Promise<never>,
): (claims: number) => (point: FailPoint) => Promise<void> {
  return (claims) => async (point) => {
    if (points[claims - 1] !== point) return;
    log({ level: 'warn', service: 'agents', action: 'die', metadata: { point, claims } });
    await die();
  };
}
