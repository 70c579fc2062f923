import { expect, test } from 'vitest';
import { stackSeries } from './stack-series.ts';

test('days without spend stay, and sums are exact', () => {
  const stacked = stackSeries(
    [
      { day: '2026-11-01', key: 'a', amount: '0.1' },
      { day: '2026-11-01', key: 'b', amount: '0.2' },
      { day: '2026-11-03', key: 'a', amount: '0.0000000001' },
    ],
    '2026-11-01',
    '2026-11-03',
  );
  expect(stacked.days).toEqual(['2026-11-01', '2026-11-02', '2026-11-03']);
  expect(stacked.totals.get('2026-11-01')).toBe('0.3');
  expect(stacked.totals.get('2026-11-02')).toBeUndefined();
  expect(stacked.total).toBe('0.3000000001');
  expect(stacked.series.map(({ key }) => key)).toEqual(['b', 'a']);
});

test('the eighth and smaller share one series', () => {
  const amounts = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      day: '2026-11-01',
      key: `model-${index}`,
      amount: `${index + 1}`,
    }));
  const seven = stackSeries(amounts(7), '2026-11-01', '2026-11-01');
  expect(seven.series.map(({ key }) => key)).not.toContain(null);
  const ten = stackSeries(amounts(10), '2026-11-01', '2026-11-01');
  expect(ten.series).toHaveLength(8);
  expect(ten.series.at(-1)).toMatchObject({ key: null, total: '6' });
  expect(ten.total).toBe('55');
});

test('what cost nothing and what lies outside takes no color', () => {
  const stacked = stackSeries(
    [
      { day: '2026-11-01', key: 'free', amount: '0.0000000000' },
      { day: '2026-10-31', key: 'before', amount: '5' },
      { day: '2026-11-01', key: 'paid', amount: '1' },
    ],
    '2026-11-01',
    '2026-11-02',
  );
  expect(stacked.series.map(({ key }) => key)).toEqual(['paid']);
  expect(stacked.total).toBe('1');
});
