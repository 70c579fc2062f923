import { createHash, randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { canEnter, postgresAccount, type OsAccount } from './os-account.ts';

export type DataDirectory = {
  root: string;
  logsDir: string;
  mailDir: string;
  denoDir: string;
  storageDir: string;
  /** Where PostgreSQL's programs and cluster are: inside `root`, or elsewhere when its account cannot enter `root`. */
  postgresHome: string;
  postgresAccount: OsAccount | undefined;
};

const Location = z.object({ id: z.string(), home: z.string(), dataDirectory: z.string() });

/** Makes the directory what it must be, and finds (or founds) the place of the database that belongs to it. */
export function openDataDirectory(path: string): DataDirectory {
  mkdirSync(path, { recursive: true });
  const root = realpathSync(path);
  const directories = {
    logsDir: join(root, 'logs'),
    mailDir: join(root, 'mail'),
    denoDir: join(root, 'deno'),
    storageDir: join(root, 'storage'),
  };
  for (const directory of Object.values(directories)) mkdirSync(directory, { recursive: true, mode: 0o700 });
  return { root, ...directories, ...placePostgres(root) };
}

/** Where an existing data directory keeps its database, without making or judging anything. */
export function findDataDirectory(path: string): { root: string; postgresHome: string } {
  const root = realpathSync(path);
  const location = readLocation(join(root, LOCATION_FILE));
  const isOurs = location !== undefined && readLocation(join(location.home, OWNER_FILE))?.id === location.id;
  return { root, postgresHome: isOurs ? location.home : join(root, 'postgres') };
}

export function deleteData({ root, postgresHome }: { root: string; postgresHome: string }): void {
  rmSync(postgresHome, { recursive: true, force: true });
  for (const entry of CONTENTS) rmSync(join(root, entry), { recursive: true, force: true });
}

function placePostgres(root: string): Pick<DataDirectory, 'postgresHome' | 'postgresAccount'> {
  const known = readLocation(join(root, LOCATION_FILE));
  if (known) return openRelocated(root, known);
  const inside = join(root, 'postgres');
  mkdirSync(inside, { recursive: true });
  const account = postgresAccount(join(inside, 'cluster'));
  if (!canEnter(account, inside)) return relocate(root, account);
  if (account) chownSync(inside, account.uid, account.gid);
  return { postgresHome: inside, postgresAccount: account };
}

function openRelocated(root: string, { id, home }: z.infer<typeof Location>) {
  if (readLocation(join(home, OWNER_FILE))?.id !== id) {
    throw new Error(
      `The database of ${root} was kept in ${home}, which is gone. Start with --reset to begin anew.`,
    );
  }
  return { postgresHome: home, postgresAccount: postgresAccount(join(home, 'cluster')) };
}

/**
 * Only root may enter the data directory, PostgreSQL must not be root: its files go where its account can
 * follow. The id on both sides tells a database that belongs to this directory from one whose was deleted.
 */
function relocate(root: string, account: OsAccount | undefined) {
  const id = randomBytes(16).toString('hex');
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
  for (const parent of ['/var/lib/local-supabase', '/var/tmp/local-supabase']) {
    const home = join(parent, name);
    removeOrphans(parent);
    try {
      rmSync(home, { recursive: true, force: true });
      mkdirSync(home, { recursive: true, mode: 0o755 });
    } catch {
      continue;
    }
    if (!canEnter(account, home)) continue;
    if (account) chownSync(home, account.uid, account.gid);
    const location = JSON.stringify({ id, home, dataDirectory: root });
    writeFileSync(join(home, OWNER_FILE), location);
    writeFileSync(join(root, LOCATION_FILE), location);
    return { postgresHome: home, postgresAccount: account };
  }
  throw new Error(
    `PostgreSQL does not run as root, and its account ${account?.name ?? ''} cannot enter ${root}, /var/lib or ` +
      '/var/tmp. Choose another data directory.',
  );
}

/** Databases whose data directory was deleted without a reset; none that is just being founded. */
function removeOrphans(parent: string): void {
  if (!existsSync(parent)) return;
  for (const name of readdirSync(parent)) {
    const home = join(parent, name);
    const owner = readLocation(join(home, OWNER_FILE));
    const isNew = Date.now() - statSync(home).ctimeMs < FOUNDING_MS;
    if (!owner || isNew || existsSync(join(home, 'cluster', 'postmaster.pid'))) continue;
    if (readLocation(join(owner.dataDirectory, LOCATION_FILE))?.id === owner.id) continue;
    rmSync(home, { recursive: true, force: true });
  }
}

function readLocation(file: string): z.infer<typeof Location> | undefined {
  if (!existsSync(file)) return undefined;
  return Location.parse(JSON.parse(readFileSync(file, 'utf8')));
}

const FOUNDING_MS = 600_000;
const LOCATION_FILE = 'postgres-location.json';
const OWNER_FILE = 'owner.json';
const CONTENTS = [
  'postgres',
  'logs',
  'mail',
  'deno',
  'storage',
  'migrate',
  'secrets.json',
  'ports.json',
  LOCATION_FILE,
];
