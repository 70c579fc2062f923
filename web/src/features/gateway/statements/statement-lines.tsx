import { Table, Text, Title } from '@mantine/core';
import { formatMonth } from '@/lib/dates.ts';
import { formatUsd, sumUsd } from '@/lib/money.ts';
import { formatCompact, formatCount } from '@/lib/numbers.ts';
import type { StatementLine } from './statement-queries.ts';
import classes from './statements.module.css';

const parts = [
  { dimension: 'project', title: 'Projects', note: undefined },
  { dimension: 'user', title: 'People', note: 'As calls name them, and the owners of personal keys.' },
  {
    dimension: 'tag',
    title: 'Tags',
    note: 'A call with several tags counts with each of them, so these may add up to more than the total.',
  },
] as const;

type StatementLinesProps = { month: string; lines: readonly StatementLine[] };

/** The month broken down, and below each part what is corrected of earlier months. */
export function StatementLines({ month, lines }: StatementLinesProps) {
  return parts.map(({ dimension, title, note }) => {
    const own = lines.filter((line) => line.dimension === dimension);
    const usage = own.filter((line) => line.usage_month === month);
    const adjustments = own.filter((line) => line.usage_month !== month);
    if (own.length === 0) return null;
    return (
      <section key={dimension} aria-label={title} className={classes.part}>
        <Title order={2}>{title}</Title>
        {note !== undefined && (
          <Text size="sm" c="dimmed">
            {note}
          </Text>
        )}
        {usage.length > 0 && <Lines label={title} lines={usage} />}
        {adjustments.length > 0 && (
          <>
            <Title order={3} mt="sm" mb={4} fz="sm">
              Adjustments of earlier months
            </Title>
            <Lines label={`${title}: adjustments`} lines={adjustments} showsMonth />
          </>
        )}
      </section>
    );
  });
}

type LinesProps = { label: string; lines: readonly StatementLine[]; showsMonth?: boolean };

/** A table on phones and on paper too, where it must not turn into cards. */
function Lines({ label, lines, showsMonth = false }: LinesProps) {
  return (
    <Table aria-label={label} className={classes.lines} verticalSpacing={6}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          {showsMonth && <Table.Th className={classes.month}>Month</Table.Th>}
          <Table.Th ta="right">Calls</Table.Th>
          <Table.Th ta="right" className={classes.tokens}>
            Tokens in
          </Table.Th>
          <Table.Th ta="right" className={classes.tokens}>
            Tokens out
          </Table.Th>
          <Table.Th ta="right">Cost</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {lines.map((line) => (
          <Table.Tr key={line.position}>
            <Table.Td className={classes.name}>{line.label}</Table.Td>
            {showsMonth && <Table.Td>{formatMonth(line.usage_month)}</Table.Td>}
            <Table.Td ta="right">{formatCount(line.calls)}</Table.Td>
            <Table.Td ta="right" className={classes.tokens}>
              {formatCompact(line.input_tokens)}
            </Table.Td>
            <Table.Td ta="right" className={classes.tokens}>
              {formatCompact(line.output_tokens)}
            </Table.Td>
            <Table.Td ta="right">{formatUsd(line.cost_usd)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** The sums of a month's lines, and of the adjustments beside them. */
export function totalsOf({ month, lines }: StatementLinesProps) {
  const whole = lines.filter(({ dimension }) => dimension === 'organization');
  const usage = whole.filter((line) => line.usage_month === month);
  return {
    calls: usage.reduce((sum, { calls }) => sum + calls, 0),
    usage_usd: sumUsd(usage.map(({ cost_usd }) => cost_usd)),
    adjustments_usd: sumUsd(
      whole.filter((line) => line.usage_month !== month).map(({ cost_usd }) => cost_usd),
    ),
    total_usd: sumUsd(whole.map(({ cost_usd }) => cost_usd)),
  };
}
