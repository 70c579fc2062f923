import type { ReactNode } from 'react';
import { Table } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Link } from 'react-router';
import { narrow } from './breakpoints.ts';
import classes from './data-table.module.css';

export type Column<Row> = {
  key: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** Numbers and money stand right. */
  align?: 'left' | 'right';
  width?: number | string;
  /** The header is for screen readers only, e.g. above a menu. */
  isHeaderHidden?: boolean;
  /** Not worth a line on a phone. */
  isHiddenOnCards?: boolean;
};

type DataTableProps<Row> = {
  /** What is listed, for screen readers. */
  label: string;
  rows: readonly Row[];
  /** The first names the row: it is the card's title and, with `rowHref`, the link. */
  columns: readonly [Column<Row>, ...Column<Row>[]];
  rowKey: (row: Row) => string;
  rowHref?: (row: Row) => string;
};

/** A table; on a phone a list of cards with the same content. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const isNarrow = useMediaQuery(narrow, false, { getInitialValueInEffect: false });
  return isNarrow ? <Cards {...props} /> : <Rows {...props} />;
}

function Rows<Row>({ label, rows, columns, rowKey, rowHref }: DataTableProps<Row>) {
  return (
    <div className={classes.frame}>
      <Table aria-label={label} className={classes.table} horizontalSpacing="md" verticalSpacing={10}>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column.key} ta={column.align ?? 'left'} w={column.width} className={classes.header}>
                {column.isHeaderHidden ? <span className={classes.hidden}>{column.header}</span> : column.header}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={rowKey(row)} className={rowHref ? classes.linked : undefined}>
              {columns.map((column, index) => (
                <Table.Td key={column.key} ta={column.align ?? 'left'}>
                  <CellLink href={index === 0 ? rowHref?.(row) : undefined}>{column.cell(row)}</CellLink>
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Cards<Row>({ label, rows, columns, rowKey, rowHref }: DataTableProps<Row>) {
  const [title, ...rest] = columns;
  return (
    <ul aria-label={label} className={classes.cards}>
      {rows.map((row) => (
        <li key={rowKey(row)} className={classes.card} data-linked={rowHref ? true : undefined}>
          <div className={classes.cardTitle}>
            <CellLink href={rowHref?.(row)}>{title.cell(row)}</CellLink>
          </div>
          <dl className={classes.facts}>
            {rest
              .filter((column) => !column.isHiddenOnCards)
              .map((column) => (
                <div key={column.key} className={classes.fact}>
                  <dt className={column.isHeaderHidden ? classes.hidden : undefined}>{column.header}</dt>
                  <dd>{column.cell(row)}</dd>
                </div>
              ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}

/** The link's area covers its row or card, so that all of it can be clicked and one tab stop is enough. */
function CellLink({ href, children }: { href: string | undefined; children: ReactNode }) {
  if (href === undefined) return children;
  return (
    <Link to={href} className={classes.link}>
      {children}
    </Link>
  );
}
