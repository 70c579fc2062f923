import { afterEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { fetchPages } from './fetch-report.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

const fetchAll = (...pages: object[]) => {
  vi.stubGlobal('fetch', async () => Response.json(pages.length > 1 ? pages.shift() : pages[0]));
  return fetchPages(new URL('http://reports/costs'), {}, z.string());
};

test('[RPT1] pages are read until the last, however it says that it is', async () => {
  const first = { data: ['a'], has_more: true, next_page: '2' };
  for (const last of [{ has_more: false }, { has_more: false, next_page: null }, { next_page: null }, {}])
    expect(await fetchAll(first, { data: ['b'], ...last })).toEqual(['a', 'b']);
});

test.each([
  ['names no next one', { has_more: true, next_page: null }],
  ['leads to itself', { has_more: true, next_page: 'again' }],
])('[RPT2] a page that %s leaves no half report', async (_, page) => {
  await expect(fetchAll({ data: ['a'], ...page })).rejects.toThrow('do not come to an end');
});
