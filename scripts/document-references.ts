import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { repositoryRoot } from './run-command.ts';

const documents = ['README.md', 'ARCHITECTURE.md'];
const topLevel = /^(?:supabase|web|local|cli|scripts|tests|docs|\.ci)\//;
const rootFile = /^(?:package\.json|\.env\.example|[A-Z]+\.md|[a-z.]+\.config\.ts|tsconfig\.json)$/;

/** Repository paths that a document cites in backticks or as link targets, and that do not exist. */
export function brokenPaths(text: string, exists: (file: string) => boolean): string[] {
  const cited = [...text.matchAll(/`([^`\n]+)`|\]\(([^)\s]+)\)/g)].flatMap((match) => {
    const reference = (match[1] ?? match[2] ?? '').replace(/^\.\//, '').replace(/[#:]\S*$/, '');
    const isLink = match[2] !== undefined && !/^[a-z]+:|^#|^$/.test(match[2]);
    return isLink || topLevel.test(reference) || rootFile.test(reference) ? [reference] : [];
  });
  return [...new Set(cited)].filter((reference) => !expand(reference).every((file) => exists(file)));
}

/** `npm run …` commands that package.json does not have. */
export function brokenCommands(text: string, scripts: string[]): string[] {
  const cited = [...text.matchAll(/npm run ([a-z][a-z:-]*)/g)].map(([, name = '']) => name);
  return [...new Set(cited)].filter((name) => !scripts.includes(name)).map((name) => `npm run ${name}`);
}

/** `a/{b,c}` cites both; what stands for a name (`<domain>`, `*`, `…`) is cut off before it. */
function expand(reference: string): string[] {
  const braces = /^(.*)\{([^}]+)\}(.*)$/.exec(reference);
  if (braces)
    return (braces[2] ?? '').split(',').flatMap((part) => expand(`${braces[1]}${part}${braces[3]}`));
  const [fixed = ''] = reference.split(/[<*…\s]/);
  return [fixed === reference ? fixed : path.posix.dirname(`${fixed}x`)];
}

if (import.meta.main) {
  const exists = (file: string): boolean => existsSync(path.join(repositoryRoot, file));
  const manifest: unknown = JSON.parse(readFileSync(path.join(repositoryRoot, 'package.json'), 'utf8'));
  const scripts = Object.keys(
    z.object({ scripts: z.record(z.string(), z.string()) }).parse(manifest).scripts,
  );
  const broken = documents.flatMap((document) => {
    if (!exists(document)) return [`${document} is missing`];
    const text = readFileSync(path.join(repositoryRoot, document), 'utf8');
    return [...brokenPaths(text, exists), ...brokenCommands(text, scripts)].map(
      (reference) => `${document} cites ${reference}, which does not exist`,
    );
  });
  for (const line of broken) console.error(line);
  process.exitCode = broken.length > 0 ? 1 : 0;
}
