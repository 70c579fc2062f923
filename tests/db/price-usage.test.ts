import { expect, test } from 'vitest';
import { operatorSql } from '../support/database.ts';
import { inRolledBackTransaction } from './act-as.ts';

type Rates = Record<string, unknown>;
type Tokens = {
  input?: number;
  cacheRead?: number;
  cacheWrite5m?: number;
  cacheWrite1h?: number;
  output?: number;
};

async function price(rates: Rates | null, tokens: Tokens): Promise<string | null> {
  const { input = 0, cacheRead = 0, cacheWrite5m = 0, cacheWrite1h = 0, output = 0 } = tokens;
  const sql = operatorSql();
  const row =
    rates === null ? null : sql.json(JSON.parse(JSON.stringify({ id: 1, context_tiers: [], ...rates })));
  const [answer] = await sql`
    select private.price_usage(jsonb_populate_record(null::public.model_prices, ${row}::jsonb),
      row(${input}::bigint, ${cacheRead}::bigint, ${cacheWrite5m}::bigint, ${cacheWrite1h}::bigint, ${output}::bigint)
        ::private.token_usage)::text as usd`;
  return answer?.['usd'];
}

const all = {
  input_usd_per_mtok: 3,
  cache_read_usd_per_mtok: 0.3,
  cache_write_5m_usd_per_mtok: 3.75,
  cache_write_1h_usd_per_mtok: 6,
  output_usd_per_mtok: 15,
};

test('[PRI1] every class has its rate, and what is cached is not counted as plain input again', async () => {
  const tokens = { input: 1000, cacheRead: 600, cacheWrite5m: 100, cacheWrite1h: 50, output: 200 };
  // (250 × 3 + 600 × 0.3 + 100 × 3.75 + 50 × 6 + 200 × 15) / 10^6
  expect(await price(all, tokens)).toBe('0.0046050000');
});

test('[PRI2] a missing cache rate costs what its parent does', async () => {
  const { input_usd_per_mtok, output_usd_per_mtok, cache_write_5m_usd_per_mtok } = all;
  const plain = { input_usd_per_mtok, output_usd_per_mtok };
  const cached = { input: 1000, cacheRead: 500, cacheWrite5m: 250, cacheWrite1h: 250 };
  expect(await price(plain, cached)).toBe('0.0030000000');
  // An hour's write costs what five minutes' does: 500 × 3 + 250 × 3.75 + 250 × 3.75
  expect(await price({ ...plain, cache_write_5m_usd_per_mtok }, cached)).toBe('0.0033750000');
});

test('[PRI3] a rate of zero is a rate, a missing one of input or output is free', async () => {
  expect(await price({ ...all, cache_read_usd_per_mtok: 0 }, { input: 1000, cacheRead: 1000 })).toBe(
    '0.0000000000',
  );
  expect(await price({ input_usd_per_mtok: 0.02 }, { input: 1000, output: 50 })).toBe('0.0000200000');
});

test('[PRI4] above a tier’s bound the whole call costs the tier, its gaps the base', async () => {
  const context_tiers = [
    { above_input_tokens: 200_000, input: 6, output: 22.5 },
    { above_input_tokens: 500_000, input: 12, cache_read: 1 },
  ];
  const tiered = { ...all, context_tiers };
  expect(await price(tiered, { input: 200_000, output: 1000 })).toBe('0.6150000000');
  expect(await price(tiered, { input: 200_001, output: 1000 })).toBe('1.2225060000');
  // The cache rate of the base, since the tier has none.
  expect(await price(tiered, { input: 200_001, cacheRead: 1 })).toBe('1.2000003000');
  expect(await price(tiered, { input: 500_001, cacheRead: 100_000, output: 1000 })).toBe('4.9150120000');
});

test('[PRI5] tiers may stand in any order', async () => {
  const context_tiers = [
    { above_input_tokens: 500_000, input: 12 },
    { above_input_tokens: 200_000, input: 6 },
  ];
  expect(await price({ ...all, context_tiers }, { input: 300_000 })).toBe('1.8000000000');
});

test('[PRI6] one cached token of the cheapest kind is not rounded away', async () => {
  expect(await price({ ...all, cache_read_usd_per_mtok: 0.04 }, { input: 1, cacheRead: 1 })).toBe(
    '0.0000000400',
  );
});

test('[PRI7] more cached than there was input makes no negative price', async () => {
  expect(await price(all, { input: 10, cacheRead: 100 })).toBe('0.0000300000');
});

test('[PRI8] without a price there is no cost, not a cost of zero', async () => {
  expect(await price(null, { input: 1000, output: 10 })).toBeNull();
});

const media = { input_image: 10, output_image: 32, input_audio: 6, output_audio: 64, audio_hour: 0.36 };

test.each([
  ['nothing', null, media, '0'],
  ['images', { input_image_tokens: 40, output_image_tokens: 272 }, media, '0.0049040000'],
  ['audio', { input_audio_tokens: 1000, output_audio_tokens: 100 }, media, '0.0079000000'],
  ['images without rates of their own', { input_image_tokens: 40 }, {}, '0.0000000000'],
  ['an hour and a half', { seconds: 5400 }, media, '0.5400000000'],
  ['time that has no price', { seconds: 5400 }, {}, null],
  [
    'time and tokens, where tokens have the price',
    { seconds: 60, input_audio_tokens: 0 },
    {},
    '0.0000000000',
  ],
])('[PRI11] what %s adds to the price of text', async (_name, counts, media_rates, usd) => {
  const sql = operatorSql();
  const row = { id: 1, context_tiers: [], input_usd_per_mtok: 3, output_usd_per_mtok: 15, media_rates };
  const [answer] = await sql`
    select private.price_media(jsonb_populate_record(null::public.model_prices, ${sql.json(row)}::jsonb),
      ${counts === null ? null : sql.json(counts)}::jsonb)::text as usd`;
  expect(answer?.['usd']).toBe(usd);
});

test('[PRI9] the price in force is the latest that has begun; a tier without its own costs the standard', async () => {
  const rates = await inRolledBackTransaction(async (session) => {
    await session`insert into public.models (provider, model, display_name, name_match, position)
      values ('openai', 'dated', 'Dated', '{"equals": "dated"}', 1000000)`;
    await session`insert into public.model_prices
      (provider, model, service_tier, valid_from, input_usd_per_mtok, source) values
      ('openai', 'dated', 'standard', '2026-01-01', 1, 'test'), ('openai', 'dated', 'standard', '2026-06-01', 2, 'test'),
      ('openai', 'dated', 'flex', '2026-06-01', 0.5, 'test')`;
    const rows = await session`
      select (private.find_model_price('openai', 'dated', tier, at)).input_usd_per_mtok::float8 as rate
      from (values (1, 'standard', timestamptz '2025-12-31'), (2, 'standard', '2026-05-31T23:59:59Z'),
        (3, 'standard', '2026-06-01'), (4, 'flex', '2026-05-01'), (5, 'flex', '2026-07-01'),
        (6, 'priority', '2026-07-01')) as asked (number, tier, at)
      order by number`;
    return rows.map(({ rate }) => rate);
  });
  expect(rates).toEqual([null, 1, 2, 1, 0.5, 2]);
});

test.each([
  ['{"equals": "gpt-4o"}', 'GPT-4o', true],
  ['{"starts_with": "gpt-4o"}', 'gpt-4o-mini', true],
  ['{"ends_with": "mini"}', 'gpt-4o-mini', true],
  ['{"contains": "4o"}', 'gpt-4o-mini', true],
  ['{"regex": "^gpt-4o(-2024.*)?$"}', 'gpt-4o-mini', false],
  ['{"or": [{"equals": "a"}, {"equals": "b"}]}', 'b', true],
  ['{"and": [{"starts_with": "a"}, {"ends_with": "z"}]}', 'ab', false],
  ['{"unheard_of": "a"}', 'a', false],
])('[PRI10] %s means %s: %s', async (match, name, expected) => {
  const [row] = await operatorSql()`select private.name_matches(${match}::text::jsonb, ${name}) as matches`;
  expect(row?.['matches']).toBe(expected);
});
