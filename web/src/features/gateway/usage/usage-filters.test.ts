import { expect, test } from 'vitest';
import { isFiltered, noFilters, parseUsageFilters, toSearch, usagePath } from './usage-filters.ts';

const projectId = '0193d1a2-0000-7000-8000-000000000001';

test('an address and its filters say the same', () => {
  const filters = {
    ...noFilters,
    from: '2026-11-01',
    to: '2026-11-21',
    projects: [projectId],
    models: ['gpt-5', 'a,b&c'],
    users: [''],
    statuses: ['failed', 'expired'] as const,
  };
  expect(parseUsageFilters(new URLSearchParams(toSearch(filters)))).toEqual(filters);
});

test('no filters, no search', () => {
  expect(toSearch(noFilters)).toBe('');
  expect(isFiltered(noFilters)).toBe(false);
  expect(usagePath('acme', {})).toBe('/acme/usage');
  expect(usagePath('acme', { models: ['gpt-5'] })).toBe('/acme/usage?model=gpt-5');
});

test('what makes no sense is left out', () => {
  const search = new URLSearchParams(
    'from=today&to=2026-02-31&project=1&status=lost&status=failed&model=a&model=a',
  );
  expect(parseUsageFilters(search)).toEqual({ ...noFilters, statuses: ['failed'], models: ['a'] });
});
