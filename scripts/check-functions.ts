import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { repositoryRoot, runCommand } from './run-command.ts';

const DenoConfig = z.object({ imports: z.record(z.string(), z.string()) });

/**
 * Type-checks the functions as they are deployed: alone, with nothing but the packages of their import map in reach.
 * Deno would otherwise find every package of the repository, and find its own `@types/node` nowhere.
 */
export async function checkFunctions(denoPackage: string): Promise<{ code: number; output: string }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'check-functions-'));
  try {
    const files = await copyFunctions(directory);
    await linkPackages(directory);
    const deno = path.join(repositoryRoot, 'node_modules', denoPackage, 'deno');
    const args = ['check', '--config', 'deno.json', '--node-modules-dir=manual', '--no-remote', ...files];
    const result = await runCommand(deno, args, {
      cwd: directory,
      env: { NO_COLOR: '1', DENO_NO_PACKAGE_JSON: '1', DENO_NO_UPDATE_CHECK: '1' },
    });
    return { code: result.code, output: readable(result.output, directory) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Tests and what is made for them run under Vitest and are checked by `tsc`; declarations are for `tsc` alone. */
async function copyFunctions(directory: string): Promise<string[]> {
  await cp(path.join(repositoryRoot, 'supabase', 'functions'), directory, {
    recursive: true,
    filter: (source) => !/[\\/]testing$|\.test\.ts$|\.d\.ts$|tsconfig\.json$|node_modules/.test(source),
  });
  const files = (await readdir(directory, { recursive: true })).filter((file) => file.endsWith('.ts'));
  if (files.length === 0) throw new Error('supabase/functions has no TypeScript files');
  return files;
}

async function linkPackages(directory: string): Promise<void> {
  const config: unknown = JSON.parse(await readFile(path.join(directory, 'deno.json'), 'utf8'));
  const names = Object.values(DenoConfig.parse(config).imports).flatMap(
    (target) => packageName(target) ?? [],
  );
  for (const name of new Set([...names, '@types/node'])) {
    const link = path.join(directory, 'node_modules', name);
    await mkdir(path.dirname(link), { recursive: true });
    await symlink(path.join(repositoryRoot, 'node_modules', name), link);
  }
}

const packageName = (target: string): string | undefined => /^npm:(@[^/]+\/[^@/]+|[^@/]+)/.exec(target)?.[1];

function readable(output: string, directory: string): string {
  return output
    .replaceAll(`file://${directory}/`, 'supabase/functions/')
    .replaceAll(`${directory}/`, 'supabase/functions/')
    .replace(/\n+Stack backtrace:[^]*$/, '\n')
    .replace(/^Check .*\n/gm, '');
}

const result = await checkFunctions(process.argv[2] ?? 'deno');
process.stdout.write(result.output);
process.exitCode = result.code;
