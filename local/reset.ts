import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { deleteData, findDataDirectory } from './data-directory.ts';
import { openSecrets } from './secrets.ts';
import { stopStalePostgres } from './stale-postgres.ts';

/**
 * Deletes everything that a stack keeps in a data directory, its database included wherever that had to be put.
 * @throws when a running stack uses it
 */
export async function resetStack(dataDir: string): Promise<void> {
  if (!existsSync(dataDir)) return;
  const found = findDataDirectory(dataDir);
  const cluster = join(found.postgresHome, 'cluster');
  if (existsSync(cluster)) await stopStalePostgres(cluster, openSecrets(found.root).adminPassword);
  deleteData(found);
}
