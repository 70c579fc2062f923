import type { MouseEvent, ReactNode } from 'react';
import { Box, Table } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Link, useNavigate } from 'react-router';
import { narrow } from './breakpoints.ts';
import classes from './data-table.module.css';

export type Column<Row> = {
  key: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** Numbers and money stand right. */
  align?: 'left' | 'right';
  width?: number | string;
  /** A menu or button: its header is for screen readers only, and on a card it stands beside the title. */
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
  const openOnClick = useOpenOnClick();
  return (
    <div className={classes.frame}>
      <Table aria-label={label} className={classes.table} horizontalSpacing="md" verticalSpacing={10}>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th
                key={column.key}
                ta={column.align ?? 'left'}
                w={column.width}
                className={classes.header}
              >
                {column.isHeaderHidden ? (
                  <span className={classes.hidden}>{column.header}</span>
                ) : (
                  column.header
                )}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={rowKey(row)} {...openOnClick(rowHref?.(row))}>
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
  const openOnClick = useOpenOnClick();
  const [title, ...rest] = columns;
  const facts = rest.filter((column) => !column.isHeaderHidden && !column.isHiddenOnCards);
  const actions = rest.filter((column) => column.isHeaderHidden);
  return (
    <ul aria-label={label} className={classes.cards}>
      {rows.map((row) => (
        <Box component="li" key={rowKey(row)} className={classes.card} {...openOnClick(rowHref?.(row))}>
          <div className={classes.cardTop}>
            <div className={classes.cardTitle}>
              <CellLink href={rowHref?.(row)}>{title.cell(row)}</CellLink>
            </div>
            {actions.map((column) => (
              <div key={column.key}>{column.cell(row)}</div>
            ))}
          </div>
          <dl className={classes.facts}>
            {facts.map((column) => (
              <div key={column.key} className={classes.fact}>
                <dt>{column.header}</dt>
                <dd>{column.cell(row)}</dd>
              </div>
            ))}
          </dl>
        </Box>
      ))}
    </ul>
  );
}

function CellLink({ href, children }: { href: string | undefined; children: ReactNode }) {
  if (href === undefined) return children;
  return (
    <Link to={href} className={classes.link}>
      {children}
    </Link>
  );
}

/** The link in the first cell is what keyboards use; a click anywhere else on the row does the same. */
function useOpenOnClick() {
  const navigate = useNavigate();
  return (href: string | undefined) => {
    if (href === undefined) return {};
    const onClick = (event: MouseEvent<HTMLElement>): void => {
      if (isOnRowItself(event) && window.getSelection()?.isCollapsed !== false) void navigate(href);
    };
    return { 'data-linked': true, onClick };
  };
}

/** Not on something with a purpose of its own, nor in a menu or dialog that the row has opened elsewhere. */
function isOnRowItself({ target, currentTarget }: MouseEvent<HTMLElement>): boolean {
  if (!(target instanceof Element) || !currentTarget.contains(target)) return false;
  return target.closest('a, button, input, label, select, textarea') === null;
}
