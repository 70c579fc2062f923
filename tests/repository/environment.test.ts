import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { repositoryRoot } from '../../scripts/run-command.ts';
import { readVariables } from '../../scripts/variables.ts';

const sources = globSync(
  [
    '{scripts,local,cli,tests}/**/*.ts',
    'supabase/functions/**/*.ts',
    'web/src/**/*.{ts,tsx}',
    '*.config.ts',
    'supabase/config.toml',
  ],
  { cwd: repositoryRoot, exclude: ['**/*.test.ts', 'tests/local/fixture/**', '**/database.types.ts'] },
).map((file) => ({ file, text: readFileSync(path.join(repositoryRoot, file), 'utf8') }));

/** Read by name, or a key of an environment schema: nothing else is written in capitals before a colon. */
const reads = [
  /(?:process\.env|import\.meta\.env|Deno\.env)(?:\.|\[['"]|\.get\(['"])([A-Z][A-Z0-9_]*)/g,
  /^\s+([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\??:/gm,
  /"env\(([A-Z][A-Z0-9_]*)\)"/g,
];

/** Set by the system, or by Supabase for its functions, or by us for a program that we start: nobody sets them by hand. */
const notOurs = new Set([
  'PATH',
  'HOME',
  'TMPDIR',
  'CI',
  'NODE_ENV',
  // Vite's.
  'DEV',
  'NO_COLOR',
  'PGSSLMODE',
  'LD_LIBRARY_PATH',
  'FONTCONFIG_PATH',

  'DENO_DIR',
  'DENO_NO_UPDATE_CHECK',
  'DENO_NO_PACKAGE_JSON',
  'DENO_SERVE_ADDRESS',
  'SUPABASE_TELEMETRY_DISABLED',
  'LITE_TELEMETRY',
  'DO_NOT_TRACK',
  'SB_EXECUTION_ID',
  'SB_REGION',
  'SUPABASE_URL',
  'SUPABASE_ANON_KEY',
  'SUPABASE_SERVICE_ROLE_KEY',
  'SUPABASE_JWKS',
  'SUPABASE_PUBLISHABLE_KEYS',
  'SUPABASE_SECRET_KEYS',
  // From `npm test` to the tests that it runs.
  'UPSTREAM_URL',
  'REPORTS_URL',
]);

const listed = readVariables().map(({ name }) => name);

test('[ENV1] every variable that the code reads stands in .env.example', () => {
  const unlisted = sources.flatMap(({ file, text }) =>
    reads
      .flatMap((pattern) => [...text.matchAll(pattern)].map(([, name = '']) => name))
      .filter((name) => !listed.includes(name) && !notOurs.has(name))
      .map((name) => `${name} in ${file}`),
  );
  expect([...new Set(unlisted)]).toEqual([]);
});

test('[ENV2] every variable in .env.example is read somewhere', () => {
  const unread = listed.filter((name) => !sources.some(({ text }) => new RegExp(`\\b${name}\\b`).test(text)));
  expect(unread).toEqual([]);
});

test('[ENV3] no variable is listed twice', () => {
  expect(listed.filter((name, index) => listed.indexOf(name) !== index)).toEqual([]);
});
