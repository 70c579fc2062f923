import { useState } from 'react';
import { Button, Center, ScrollArea, Table, Text } from '@mantine/core';
import type { ColumnKind, ReportResult } from '@contracts/reporting.ts';
import { formatUsd } from '@/lib/money.ts';
import { formatCount } from '@/lib/numbers.ts';
import classes from './reports.module.css';

const step = 200;

/** Rows as they came, a part at a time: the file has all of them. */
export function ReportTable({ result: { columns, rows } }: { result: ReportResult }) {
  const [shown, setShown] = useState(step);
  if (rows.length === 0) return <Text c="dimmed">The query found nothing.</Text>;
  return (
    <>
      <ScrollArea.Autosize
        mah={560}
        type="auto"
        className={classes.frame}
        viewportProps={{ tabIndex: 0, 'aria-label': 'Rows' }}
      >
        <Table stickyHeader aria-label="Result" className={classes.table} horizontalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              {columns.map(({ name, kind }, index) => (
                // A query may name two columns alike.
                <Table.Th key={`${index}-${name}`} ta={kind === 'number' ? 'right' : 'left'}>
                  {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.slice(0, shown).map((row, index) => (
              // Rows have no identity: they are never reordered.
              <Table.Tr key={index}>
                {columns.map(({ name, kind }, column) => (
                  <Table.Td key={`${column}-${name}`} ta={kind === 'number' ? 'right' : 'left'}>
                    <Cell name={name} kind={kind} value={row[column] ?? null} />
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea.Autosize>
      {rows.length > shown && (
        <Center>
          <Button variant="default" size="xs" onClick={() => setShown(shown + step)}>
            {`Show ${formatCount(Math.min(step, rows.length - shown))} more of ${formatCount(rows.length)}`}
          </Button>
        </Center>
      )}
    </>
  );
}

type CellProps = { name: string; kind: ColumnKind; value: string | null };

/** Money as everywhere, with all its digits on hover; the rest as Postgres writes it. */
function Cell({ name, kind, value }: CellProps) {
  if (value === null) return <span className={classes.nothing}>null</span>;
  if (kind === 'number' && name.endsWith('_usd') && /^-?\d+(?:\.\d+)?$/.test(value)) {
    return <span title={value}>{formatUsd(value)}</span>;
  }
  return value;
}
