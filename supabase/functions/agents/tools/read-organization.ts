import { unwrap } from '../../_shared/db.ts';
import type { ToolContext } from './tool.ts';

/** What there is of this kind in the organization of the task, as JSON. */
export async function readOrganization(
  { db, claimed }: ToolContext,
  what: 'tasks' | 'agents' | 'spending' | 'notes',
): Promise<string> {
  const { organization_id: organizationId } = claimed.task;
  return JSON.stringify(
    unwrap(await db.rpc('read_for_agent', { organization_id: organizationId, what })),
  ).slice(0, maxLength);
}

const maxLength = 20_000;
