import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { RuleTester } from 'oxlint/plugins-dev';
import { describe, expect, test } from 'vitest';
import { importBoundaries } from '../../scripts/lint/import-boundaries.ts';
import { noBarrel } from '../../scripts/lint/no-barrel.ts';
import { noInlineCast } from '../../scripts/lint/no-inline-cast.ts';
import { repositoryRoot } from '../../scripts/run-command.ts';

RuleTester.describe = describe;
RuleTester.it = test;
const tester = new RuleTester({ cwd: repositoryRoot, languageOptions: { parserOptions: { lang: 'ts' } } });

const imports = (filename: string, ...specifiers: string[]): { filename: string; code: string } => ({
  filename: path.join(repositoryRoot, filename),
  code: specifiers.map((specifier) => `import '${specifier}';`).join('\n'),
});

const forbidden = (filename: string, specifier: string) => ({ ...imports(filename, specifier), errors: 1 });

tester.run('import-boundaries', importBoundaries, {
  valid: [
    imports('web/src/ui/money.tsx', 'react', '../lib/dates.ts', '@contracts/gateway.ts'),
    imports(
      'web/src/features/gateway/budgets/list.tsx',
      '@/ui/money.tsx',
      '../keys/key.ts',
      '@/features/gateway/x.ts',
      '@db',
    ),
    imports('web/src/app/router.tsx', '@/features/gateway/overview.tsx', './shell.tsx'),
    imports('supabase/functions/_shared/contracts/gateway.ts', 'zod', './money.ts'),
    imports('supabase/functions/proxy/reserve.ts', '../_shared/errors.ts', './call.ts', 'postgres'),
    imports('supabase/functions/proxy/reserve.test.ts', '../../../tests/support/upstream.ts'),
    imports('local/stack.ts', './postgres.ts'),
    imports('scripts/start.ts', '../local/stack.ts', '../supabase/functions/_shared/secret-box.ts'),
  ],
  invalid: [
    forbidden('web/src/ui/money.tsx', '@/features/gateway/budgets/list.tsx'),
    forbidden('web/src/lib/dates.ts', '../app/router.tsx'),
    forbidden('web/src/features/gateway/budgets/list.tsx', '@/features/tenancy/members.tsx'),
    forbidden('web/src/features/gateway/budgets/list.tsx', '../../tenancy/members.tsx'),
    forbidden('web/src/features/gateway/budgets/list.tsx', '@/app/router.tsx'),
    forbidden('web/src/app/router.tsx', '../../../supabase/functions/_shared/errors.ts'),
    forbidden('supabase/functions/_shared/contracts/gateway.ts', '../errors.ts'),
    forbidden('supabase/functions/_shared/contracts/gateway.ts', 'hono'),
    forbidden('supabase/functions/_shared/errors.ts', '../proxy/call.ts'),
    forbidden('supabase/functions/proxy/reserve.ts', '../gateway/env.ts'),
    forbidden('supabase/functions/proxy/reserve.ts', '../../../local/stack.ts'),
    forbidden('local/stack.ts', '../scripts/start.ts'),
    forbidden('scripts/start.ts', '../web/src/lib/env.ts'),
    forbidden('scripts/start.ts', '../tests/db/gateway.test.ts'),
  ],
});

tester.run('no-barrel', noBarrel, {
  valid: ['export const a = 1;', 'const a = 1; export { a };'],
  invalid: [
    { code: "export * from './a.ts';", errors: 1 },
    { code: "export { a } from './a.ts';", errors: 1 },
  ],
});

tester.run('no-inline-cast', noInlineCast, {
  valid: [
    'const a = [1] as const;',
    'const a = { b: 1 } satisfies object;',
    '/** Holds: checked above. */\nfunction asA(a: unknown): A { return a as A; }',
    '/** Holds: checked above. */\nexport const asA = (a: unknown): A => a as unknown as A;',
    'class B {\n/** Holds: checked above. */\nasA(a: unknown): A { return a as A; } }',
  ],
  invalid: [
    { code: 'const a = b as A;', errors: 1 },
    { code: 'function asA(a: unknown): A { return a as A; }', errors: 1 },
    { code: '/** Why */\nfunction f(a: unknown) { const b = a as A; return b; }', errors: 1 },
    { code: 'list.map((a) => a as unknown as A);', errors: 1 },
    { code: 'const a = <A>b;', errors: 1 },
  ],
});

test('[LINT1] a rule is switched off for one line only, by name and with a reason', () => {
  const files = globSync(
    ['{scripts,local,cli,tests}/**/*.ts', 'supabase/functions/**/*.ts', 'web/src/**/*.{ts,tsx}'],
    {
      cwd: repositoryRoot,
      exclude: ['tests/local/fixture/**', 'tests/repository/**'],
    },
  );
  const careless = files.flatMap((file) => {
    const lines = readFileSync(path.join(repositoryRoot, file), 'utf8').split('\n');
    return lines
      .filter((line) => /(?:oxlint|eslint)-disable|@ts-(?:ignore|nocheck)/.test(line))
      .filter((line) => !/(?:\/\/|\/\*) oxlint-disable-(?:next-)?line [\w/-]+(?:, [\w/-]+)* -- \S/.test(line))
      .map((line) => `${file}: ${line.trim()}`);
  });
  expect(careless).toEqual([]);
});
