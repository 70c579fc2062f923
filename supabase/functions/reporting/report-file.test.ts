import { expect, test } from 'vitest';
import { toReportFile } from './report-file.ts';

const columns = [
  { name: 'model', kind: 'text' as const },
  { name: 'cost, $', kind: 'number' as const },
];
const rows = [
  ['gpt-5-mini', '0.10'],
  ['=cmd()', null],
];

test('[RFL1] a file has a head and a line per row, every digit, and nothing that a spreadsheet runs', () => {
  expect(toReportFile({ columns, rows, isTruncated: false })).toEqual({
    csv: 'model,"cost, $"\r\ngpt-5-mini,0.10\r\n\'=cmd(),\r\n',
    rows: 2,
    limit: null,
  });
});

test('[RFL2] what is too much for a mail ends with a whole row, and says that there is more', () => {
  const head = 'model,"cost, $"\r\n';
  const file = toReportFile({ columns, rows, isTruncated: false }, head.length + 17);
  expect(file).toEqual({
    csv: `${head}gpt-5-mini,0.10\r\n`,
    rows: 1,
    limit: 'the file of a mail has at most 5 MB',
  });
  expect(toReportFile({ columns, rows: [['ä'.repeat(100), '1']], isTruncated: false }, 200).rows).toBe(0);
});

test('[RFL3] rows that were left out before are said to be', () => {
  expect(toReportFile({ columns, rows, isTruncated: true })).toMatchObject({
    rows: 2,
    limit: 'a report has at most 10,000 rows',
  });
});
