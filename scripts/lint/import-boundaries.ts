import path from 'node:path';
import type { Rule } from './rule.ts';

type Boundary = {
  /** Group 1, if any, is the slice that a file may import from beside `mayImport`. */
  files: RegExp;
  mayImport: RegExp[];
  packages?: RegExp;
  why: string;
};

const contracts = /^supabase\/functions\/_shared\/contracts\//;
const rowTypes = /^supabase\/functions\/_shared\/database\.types\.ts$/;
const tests = /\.test\.tsx?$/;
const anything = /^/;

/** The first that matches a file binds it. */
const boundaries: Boundary[] = [
  { files: tests, mayImport: [anything], why: '' },
  {
    files: /^web\/src\/(?:ui|lib)\//,
    mayImport: [/^web\/src\/(?:ui|lib)\//, contracts, rowTypes],
    why: 'ui and lib know neither features nor the app.',
  },
  {
    files: /^web\/src\/(features\/[^/]+\/)/,
    mayImport: [/^web\/src\/(?:ui|lib)\//, contracts, rowTypes],
    why: 'A feature knows ui, lib and itself: no sibling feature, no app.',
  },
  {
    files: /^web\/src\//,
    mayImport: [/^web\/src\//, contracts, rowTypes],
    why: 'The web app shares the contracts and row types with the functions, nothing else.',
  },
  {
    files: /^supabase\/functions\/_shared\/contracts\//,
    mayImport: [contracts],
    packages: /^zod$/,
    why: 'Contracts import zod and each other, nothing else.',
  },
  {
    files: /^supabase\/functions\/_shared\//,
    mayImport: [/^supabase\/functions\/_shared\//],
    why: '_shared knows no function and nothing outside supabase/functions.',
  },
  {
    files: /^(supabase\/functions\/[^/]+\/)/,
    mayImport: [/^supabase\/functions\/_shared\//],
    why: 'A function knows _shared and itself: no sibling function, nothing outside supabase/functions.',
  },
  {
    files: /^local\//,
    mayImport: [/^local\//],
    why: 'local/ serves any project: it knows nothing of this product.',
  },
  {
    files: /^scripts\//,
    mayImport: [/^(?!web\/src\/|tests\/(?!support\/))/],
    why: 'Scripts know neither the web app nor single tests.',
  },
];

/** Arrows point one way: shared parts, then features and functions, then the app. */
export const importBoundaries: Rule = {
  create: (context) => {
    const file = path.relative(context.cwd, context.filename).split(path.sep).join('/');
    const boundary = boundaries.find(({ files }) => files.test(file));
    if (!boundary) return {};
    const check = (node: ImportSource | null): void => {
      if (node?.type !== 'Literal' || typeof node.value !== 'string') return;
      if (allows(boundary, file, node.value)) return;
      context.report({ node, message: `${boundary.why} (${node.value})` });
    };
    return {
      ImportDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      TSImportType: (node) => check(node.source),
    };
  },
};

type Visitors = ReturnType<Extract<Rule, { create: unknown }>['create']>;
type ImportSource = Parameters<NonNullable<Visitors['ImportExpression']>>[0]['source'];

function allows(boundary: Boundary, file: string, specifier: string): boolean {
  const target = repositoryPath(file, specifier);
  if (target === undefined) return boundary.packages?.test(specifier) ?? true;
  const slice = slicePrefix(boundary, file);
  if (slice !== undefined && target.startsWith(slice)) return true;
  return boundary.mayImport.some((pattern) => pattern.test(target));
}

function slicePrefix({ files }: Boundary, file: string): string | undefined {
  const slice = files.exec(file)?.[1];
  return slice === undefined ? undefined : file.slice(0, file.indexOf(slice) + slice.length);
}

/** Where an import points inside the repository; undefined for a package. */
function repositoryPath(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return path.posix.join(path.posix.dirname(file), specifier);
  if (specifier.startsWith('@/')) return `web/src/${specifier.slice(2)}`;
  if (specifier.startsWith('@contracts/')) {
    return `supabase/functions/_shared/contracts/${specifier.slice('@contracts/'.length)}`;
  }
  return undefined;
}
