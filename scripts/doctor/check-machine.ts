import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot, runCommand } from '../run-command.ts';
import { ok, wrong, type Finding } from './finding.ts';

const files = [
  'supabase/config.toml',
  'supabase/migrations',
  'supabase/functions/deno.json',
  'web/vite.config.ts',
];

/** Node, the tools of the repository and its files. */
export async function checkMachine(): Promise<Finding[]> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isNodeNew = major > 22 || (major === 22 && minor >= 18);
  const cli = await runCommand('supabase', ['--version'], { env: { SUPABASE_TELEMETRY_DISABLED: '1' } });
  const version = /\d+\.\d+\.\d+/.exec(cli.output)?.[0];
  const missing = files.filter((file) => !existsSync(path.join(repositoryRoot, file)));
  return [
    isNodeNew
      ? ok('Node', process.versions.node)
      : wrong('Node', `${process.versions.node} is too old for these scripts: run them by npm, after npm ci`),
    version === undefined
      ? wrong('Supabase CLI', `does not run: ${cli.output.trim()}`)
      : ok('Supabase CLI', version),
    missing.length > 0 ? wrong('Files', `missing: ${missing.join(', ')}`) : ok('Files', 'complete'),
  ];
}

/** Names of the functions that there are to deploy. */
export function functionNames(): string[] {
  const directory = path.join(repositoryRoot, 'supabase', 'functions');
  return readdirSync(directory).filter((name) => existsSync(path.join(directory, name, 'index.ts')));
}
