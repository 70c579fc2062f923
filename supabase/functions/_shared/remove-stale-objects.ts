import { type Db, unwrap, unwrapNothing } from './db.ts';

/** Removes what the database lists of a bucket, by Storage's own API, which takes the bytes along. Answers how many. */
export async function removeStaleObjects(db: Db, bucketId: string): Promise<number> {
  const paths = unwrap(await db.rpc('list_stale_objects', { bucket_id: bucketId }));
  if (paths.length === 0) return 0;
  const removed = await db.storage.from(bucketId).remove(paths);
  if (removed.error) throw removed.error;
  unwrapNothing(await db.rpc('forget_stale_objects', { bucket_id: bucketId, paths }));
  return paths.length;
}
