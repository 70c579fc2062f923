import { afterEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { GatewayEnv } from '../env.ts';
import { refreshPrices } from './refresh-prices.ts';

const pricesUrl = 'http://prices/list.json';
const env = GatewayEnv.parse({
  SUPABASE_URL: 'http://supabase',
  SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_x"}',
  SUPABASE_SECRET_KEYS: '{"default":"sb_secret_x"}',
  ENCRYPTION_KEYS: JSON.stringify({ k: btoa('0123456789abcdef0123456789abcdef') }),
  ENCRYPTION_KEY_ID: 'k',
  JOBS_SECRET: '0123456789abcdef',
  APP_URL: 'http://app',
  MAIL_FROM: 'hq@example.com',
  PRICES_URL: pricesUrl,
});

const Import = z.object({ models: z.array(z.unknown()) });

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A run with what the address answers, and the sources that the database knows; with how many models it imported. */
async function run(list: Response, sources: readonly string[]) {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  const imported: number[] = [];
  vi.stubGlobal('fetch', async (input: string | URL, init?: RequestInit) => {
    const url = String(input);
    if (url === pricesUrl) return list;
    if (url.includes('/rpc/import_model_prices')) {
      imported.push(Import.parse(JSON.parse(z.string().parse(init?.body))).models.length);
      return Response.json([{ models_imported: 1, prices_added: 0 }]);
    }
    const asked = new URL(url).searchParams.get('source')?.replace('eq.', '');
    return Response.json(sources.filter((source) => source === asked).map((_, id) => ({ id })));
  });
  const counts = await refreshPrices(env)();
  return { ...counts, imported };
}

const model = { id: 'gpt-4o', match: { equals: 'gpt-4o' }, prices: { input_mtok: 2, output_mtok: 8 } };
const list = [{ id: 'openai', models: [model, { ...model, id: 'odd', prices: { input_mtok: -1 } }] }];

test('[PRL5] the address’s prices are imported, but for those that make no sense', async () => {
  expect(await run(Response.json(list), [])).toMatchObject({ imported: [1], rejected: 1, failed: 0 });
});

test.each([
  ['does not answer well', new Response('', { status: 503 })],
  ['answers no list', Response.json({ error: 'no' })],
])('[PRL6] an address that %s takes no price back that came from it', async (_, answer) => {
  expect(await run(answer, [pricesUrl])).toMatchObject({ imported: [], usedFallback: 0, failed: 1 });
});

test('[PRL7] until it could be read once, the package’s copy stands in', async () => {
  const { imported, ...counts } = await run(new Response('', { status: 503 }), ['seed']);
  expect(counts).toMatchObject({ usedFallback: 1, failed: 1 });
  expect(imported[0]).toBeGreaterThan(50);
});
