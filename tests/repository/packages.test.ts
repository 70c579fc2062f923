import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { repositoryRoot } from '../../scripts/run-command.ts';

const Names = z.record(z.string(), z.string());
const Manifest = z.object({ scripts: Names, dependencies: Names, devDependencies: Names });

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(path.join(repositoryRoot, file), 'utf8'));
}

const { scripts, dependencies, devDependencies } = Manifest.parse(readJson('package.json'));
const versions = { ...dependencies, ...devDependencies };

test('[PKG1] the import map of the functions names the versions of package.json', () => {
  const { imports } = z.object({ imports: Names }).parse(readJson('supabase/functions/deno.json'));
  const expected = Object.entries(imports).map(([specifier, target]) => {
    const [, name = '', rest = ''] = /^npm:((?:@[^/]+\/)?[^@/]+)@[^/]+(\/.*)?$/.exec(target) ?? [];
    return [specifier, `npm:${name}@${versions[name]}${rest}`];
  });
  expect(imports).toEqual(Object.fromEntries(expected));
});

test('[PKG2] versions are exact', () => {
  const loose = Object.entries(versions).filter(
    ([, version]) => !/^(?:npm:.+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version),
  );
  expect(loose).toEqual([]);
});

test('[PKG3] every npm script runs a file that exists', () => {
  const missing = Object.entries(scripts).filter(([, command]) => {
    const file = /(?:^node |--config )(\S+)/.exec(command)?.[1];
    return file === undefined || !existsSync(path.join(repositoryRoot, file));
  });
  expect(missing).toEqual([]);
});
