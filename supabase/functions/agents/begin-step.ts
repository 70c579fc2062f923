import { BegunStep } from '../_shared/contracts/agents.ts';
import { unwrap } from '../_shared/db.ts';
import type { Json } from '../_shared/database.types.ts';
import { reachLimit } from './reach-limit.ts';
import type { Work } from './work-on-task.ts';

export type Begun = Exclude<BegunStep, { limit: string }>;

/** Takes the next step's number, or the step that was begun and not done. Null: its agent was paused. Throws the limit that is reached. */
export async function beginStep(
  { parts, lease, failAt }: Work,
  asked: { kind: 'model'; call_id: string } | { kind: 'tool'; tool: string; input: Json },
): Promise<Begun | null> {
  const begun = BegunStep.parse(unwrap(await parts.db.rpc('begin_step', { ...lease.named, ...asked })));
  if (!('limit' in begun)) {
    await failAt('step-begun');
    return begun;
  }
  if (begun.limit === 'agent_paused') return null;
  throw reachLimit(begun.limit);
}
