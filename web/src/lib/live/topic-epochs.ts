import { z } from 'zod';
import { unwrap } from '../errors.ts';
import { supabase } from '../supabase.ts';

/** Sent to each remaining member when somebody leaves. */
export const topicsMoved = 'topics_moved';

const TopicsMoved = z.object({ organization_id: z.string(), topic_epoch: z.int() });

const known = new Map<string, number>();

/** The epoch in the names of an organization's topics; null for who is no member. `mustAsk`: what is known was refused. */
export async function findTopicEpoch(organizationId: string, mustAsk: boolean): Promise<number | null> {
  const remembered = mustAsk ? undefined : known.get(organizationId);
  if (remembered !== undefined) return remembered;
  await askTopicEpochs([organizationId]);
  return known.get(organizationId) ?? null;
}

/** Takes note of a `topics_moved`; answers whose topics have other names now. */
export function noteTopicsMoved(payload: unknown): string[] {
  const moved = TopicsMoved.safeParse(payload).data;
  if (moved === undefined || moved.topic_epoch <= (known.get(moved.organization_id) ?? 0)) return [];
  known.set(moved.organization_id, moved.topic_epoch);
  return [moved.organization_id];
}

/** Asks for all that are known, since a `topics_moved` may have been missed; answers whose topics have other names now. */
export async function checkTopicEpochs(): Promise<string[]> {
  const before = new Map(known);
  if (before.size > 0) await askTopicEpochs([...before.keys()]);
  return [...before.keys()].filter((id) => known.get(id) !== before.get(id));
}

/** Another person signed in: what the one before was a member of says nothing. */
export const forgetTopicEpochs = (): void => known.clear();

async function askTopicEpochs(organizationIds: string[]): Promise<void> {
  const rows = unwrap(
    await supabase().from('organizations').select('id, topic_epoch').in('id', organizationIds),
  );
  const told = new Map(rows.map(({ id, topic_epoch: epoch }) => [id, epoch]));
  for (const id of organizationIds) {
    const epoch = told.get(id);
    if (epoch === undefined) known.delete(id);
    // A message may have overtaken this answer.
    else known.set(id, Math.max(epoch, known.get(id) ?? 0));
  }
}
