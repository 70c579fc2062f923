import type { Job } from '../../_shared/create-app.ts';
import { connectAsService, unwrap, unwrapNothing, type Db } from '../../_shared/db.ts';
import { describeError, log } from '../../_shared/log.ts';
import { removeStaleObjects } from '../../_shared/remove-stale-objects.ts';
import { packLines, unpackLines } from '../archives/pack-lines.ts';
import type { GatewayEnv } from '../env.ts';

const archiveBucket = 'usage-archives';

/** A run ends in time for the scheduler, which asks again in five minutes. */
const runMs = 80_000;
const callsPerPart = 5_000;

/**
 * Moves what is older than 90 days from the ledger to the bucket, brings back what admins asked for, and removes what
 * is to go. Every part is read back before it counts; what is dropped, and when, the database decides.
 */
export function archiveCalls(env: GatewayEnv): Job {
  return async () => {
    const db = connectAsService(env);
    const endsAt = Date.now() + runMs;
    const restored = await restoreParts(db, endsAt);
    const removed = await removeStaleObjects(db, archiveBucket);
    return { restored, removed, ...(await archiveMonths(db, endsAt)) };
  };
}

type Month = { organization_id: string; month: string; attempt: number };

async function archiveMonths(
  db: Db,
  endsAt: number,
): Promise<{ months: number; parts: number; failures: number }> {
  const done = { months: 0, parts: 0, failures: 0 };
  while (Date.now() < endsAt) {
    const [month] = unwrap(await db.rpc('claim_archive'));
    if (month === undefined) break;
    try {
      while (Date.now() < endsAt && (await archivePart(db, month))) done.parts += 1;
      if (Date.now() >= endsAt) break;
      unwrapNothing(await db.rpc('finish_archive', month));
      done.months += 1;
    } catch (error) {
      // Its lease ends; others first, then it again.
      done.failures += 1;
      report(month, error);
      if (done.failures >= 3) break;
    }
  }
  return done;
}

/** @returns false when there is nothing left to archive of this month */
async function archivePart(db: Db, month: Month): Promise<boolean> {
  const [part] = unwrap(await db.rpc('read_archive_part', { ...month, most_calls: callsPerPart }));
  if (part === undefined) return false;
  const { lines, ...facts } = part;
  const bucket = db.storage.from(archiveBucket);
  const { bytes, sha256 } = await packLines(lines);
  const stored = await bucket.upload(part.path, bytes, { contentType: 'application/gzip', upsert: true });
  if (stored.error) throw stored.error;
  const read = await bucket.download(part.path);
  if (read.error) throw read.error;
  const count = (await unpackLines(read.data, sha256)).split('\n').length - 1;
  if (count !== part.calls) throw new Error(`${part.path} has ${count} lines, not ${part.calls}.`);
  unwrapNothing(
    await db.rpc('record_archive_part', {
      ...month,
      ...facts,
      bytes: bytes.byteLength,
      sha256,
    }),
  );
  return true;
}

async function restoreParts(db: Db, endsAt: number): Promise<number> {
  let restored = 0;
  while (Date.now() < endsAt) {
    const [part] = unwrap(await db.rpc('claim_restore'));
    if (part === undefined) break;
    const { organization_id, month } = part;
    const read = await db.storage.from(archiveBucket).download(part.path);
    try {
      if (read.error) throw read.error;
      const lines = await unpackLines(read.data, part.sha256);
      unwrap(await db.rpc('restore_archive_part', { organization_id, month, part: part.part, lines }));
      restored += 1;
    } catch (error) {
      report({ organization_id, month }, error);
      unwrapNothing(await db.rpc('fail_restore', { organization_id, month, error: describeError(error) }));
    }
  }
  return restored;
}

function report(month: Omit<Month, 'attempt'>, error: unknown): void {
  log({
    level: 'error',
    service: 'gateway',
    action: 'archive-calls',
    organizationId: month.organization_id,
    metadata: { month: month.month, error: describeError(error) },
  });
}
