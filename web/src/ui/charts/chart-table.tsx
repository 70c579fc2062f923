import { Anchor, ScrollArea, Table } from '@mantine/core';
import { Link } from 'react-router';
import { type Day, formatDayLong } from '@/lib/dates.ts';
import { formatUsd, isZeroUsd, zeroUsd } from '@/lib/money.ts';
import type { NamedSeries, StackedDays } from './stack-series.ts';
import classes from './chart-table.module.css';

type ChartTableProps = {
  stacked: StackedDays;
  label: string;
  named: readonly NamedSeries[];
  dayHref: (day: Day) => string;
};

/** The figures that a stacked chart is drawn from, latest day first. */
export function ChartTable({ stacked, label, named, dayHref }: ChartTableProps) {
  return (
    <ScrollArea.Autosize
      mah={320}
      type="auto"
      offsetScrollbars="y"
      className={classes.frame}
      viewportProps={{ tabIndex: 0 }}
    >
      <Table aria-label={label} stickyHeader className={classes.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Day</Table.Th>
            {named.map(({ series, label: name }) => (
              <Table.Th key={series.key ?? '\0other'} ta="right">
                {name}
              </Table.Th>
            ))}
            <Table.Th ta="right">Total</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {stacked.days.toReversed().map((day) => (
            <Table.Tr key={day}>
              <Table.Td className={classes.day}>
                {isZeroUsd(stacked.totals.get(day) ?? zeroUsd) ? (
                  formatDayLong(day)
                ) : (
                  <Anchor component={Link} to={dayHref(day)} inherit>
                    {formatDayLong(day)}
                  </Anchor>
                )}
              </Table.Td>
              {named.map(({ series }) => (
                <Table.Td key={series.key ?? '\0other'} ta="right">
                  {formatUsd(series.amounts.get(day) ?? zeroUsd)}
                </Table.Td>
              ))}
              <Table.Td ta="right">{formatUsd(stacked.totals.get(day) ?? zeroUsd)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea.Autosize>
  );
}
