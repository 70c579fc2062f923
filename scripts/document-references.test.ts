import { expect, test } from 'vitest';
import { brokenCommands, brokenPaths } from './document-references.ts';

const files = [
  'README.md',
  'supabase/functions',
  'supabase/functions/proxy/reserve.ts',
  'web/src/ui',
  'web/src/lib',
];
const broken = (text: string): string[] => brokenPaths(text, (file) => files.includes(file));

test('[DOC1] a cited path must exist, in backticks or as a link', () => {
  expect(broken('See `supabase/functions/proxy/reserve.ts` and [this](README.md#top).')).toEqual([]);
  expect(broken('See `supabase/functions/proxy/gone.ts` and [that](docs/gone.md).')).toEqual([
    'supabase/functions/proxy/gone.ts',
    'docs/gone.md',
  ]);
});

test('[DOC2] braces cite each, placeholders cite what is before them', () => {
  expect(broken('`web/src/{ui,lib}` `supabase/functions/<domain>/jobs/<verb>`')).toEqual([]);
  expect(broken('`web/src/{ui,gone}` `web/gone/<name>`')).toEqual(['web/src/{ui,gone}', 'web/gone/<name>']);
});

test('[DOC3] what is no repository path is left alone', () => {
  expect(
    broken('`/v1/messages` `@supabase/lite` `Deno.serve` [site](https://example.com/web/x) [here](#there)'),
  ).toEqual([]);
});

test('[DOC4] a cited command must be in package.json', () => {
  expect(brokenCommands('`npm run check` then `npm run fly`', ['check'])).toEqual(['npm run fly']);
});
