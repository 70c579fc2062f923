import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';

export type OsAccount = { name: string; uid: number; gid: number };

/**
 * The account that PostgreSQL runs as, which refuses to run as root. `undefined` means: as whoever runs this.
 * A cluster that exists keeps the account it belongs to, so that it survives a change between root and user.
 */
export function postgresAccount(clusterDir: string): OsAccount | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readAccounts();
  const owner = statSync(clusterDir, { throwIfNoEntry: false })?.uid;
  if (owner !== undefined && owner !== 0) {
    return accounts.find((account) => account.uid === owner) ?? { name: `${owner}`, uid: owner, gid: owner };
  }
  for (const name of ['postgres', '_postgres', 'nobody']) {
    const account = accounts.find((candidate) => candidate.name === name && candidate.uid > 0);
    if (account) return account;
  }
  const any = accounts.find((account) => account.uid > 0);
  if (any) return any;
  throw new Error('PostgreSQL does not run as root, and /etc/passwd names no other account for it.');
}

/** Whether the account can pass through every directory down to this one, ACLs and mounts included. */
export function canEnter(account: OsAccount | undefined, dir: string): boolean {
  const identity = account ? { uid: account.uid, gid: account.gid } : {};
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', dir], { cwd: '/', ...identity }).status === 0;
}

function readAccounts(): OsAccount[] {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  return lines
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter((account) => Number.isInteger(account.uid) && Number.isInteger(account.gid));
}
