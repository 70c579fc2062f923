import { Skeleton, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { dayIn, formatDay } from '@/lib/dates.ts';
import { compareUsd, formatUsd, formatUsdExact, isZeroUsd, shareOf, sumUsd, type Usd } from '@/lib/money.ts';
import { formatCount, formatPercent } from '@/lib/numbers.ts';
import { AsyncView } from '@/ui/async-view.tsx';
import classes from './call-drawer.module.css';
import { type CallDetail, callQueries, type ModelPrice } from './call-queries.ts';
import { describeSaving } from './describe-saving.ts';
import { Fact, FactList, Facts } from './facts.tsx';
import { priceCall } from './price-call.ts';
import { costOfAttempts, readAttempts } from './read-attempts.ts';

/** What a call cost, by which arithmetic, and what was held for it. */
export function CallCost({ call }: { call: CallDetail }) {
  const attempts = readAttempts(call);
  return (
    <Facts title="Cost">
      <div className={classes.cost}>{costText(call)}</div>
      {call.usage_source === 'estimated' && (
        <Text size="sm" c="dimmed">
          {attempts.some(({ usage_source }) => usage_source === 'estimated')
            ? 'Estimated: for an attempt that brought no answer, the provider’s own count was not seen.'
            : 'Estimated: the provider’s own count was not seen.'}
        </Text>
      )}
      {call.is_cached && (
        <Text size="sm" c="dimmed">
          {describeSaving(call)}
        </Text>
      )}
      {hasArithmetic(call) && <Arithmetic call={call} />}
      <FactList>
        <Fact label="Held before the call">{heldText(call)}</Fact>
        {call.reasoning_tokens > 0 && (
          <Fact label="Reasoning, part of output">{formatCount(call.reasoning_tokens)} tokens</Fact>
        )}
      </FactList>
    </Facts>
  );
}

const hasArithmetic = ({ status, is_cached }: CallDetail): boolean =>
  status !== 'reserved' && status !== 'refused' && !is_cached;

function Arithmetic({ call }: { call: CallDetail }) {
  if (call.model_price_id === null) {
    return (
      <Text size="sm" c="dimmed">
        This model has no price here, so the call has no cost. Its tokens are kept and can be priced later.
      </Text>
    );
  }
  return <PricedBy call={call} modelPriceId={call.model_price_id} />;
}

function PricedBy({ call, modelPriceId }: { call: CallDetail; modelPriceId: number }) {
  const price = useQuery(callQueries.price(modelPriceId));
  return (
    <AsyncView query={price} skeleton={<Skeleton height={96} />}>
      {(data) => <PriceTable call={call} price={data} />}
    </AsyncView>
  );
}

function PriceTable({ call, price }: { call: CallDetail; price: ModelPrice }) {
  const { lines, totalUsd: answerUsd, aboveInputTokens } = priceCall(call, price);
  const earlierUsd = costOfAttempts(readAttempts(call));
  const totalUsd = sumUsd([answerUsd, earlierUsd]);
  const cost: Usd | null = call.cost_usd;
  return (
    <>
      {(lines.length > 0 || !isZeroUsd(earlierUsd)) && (
        <Table className={classes.arithmetic} aria-label="How the cost is computed">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Class</Table.Th>
              <Table.Th ta="right">Tokens</Table.Th>
              <Table.Th ta="right">Per million</Table.Th>
              <Table.Th ta="right">Cost</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {lines.map((line) => (
              <Table.Tr key={line.label}>
                <Table.Td>{line.label}</Table.Td>
                <Table.Td ta="right">{formatCount(line.tokens)}</Table.Td>
                <Table.Td ta="right">{formatUsdExact(line.usdPerMtok)}</Table.Td>
                <Table.Td ta="right">{formatUsdExact(line.costUsd)}</Table.Td>
              </Table.Tr>
            ))}
            {!isZeroUsd(earlierUsd) && (
              <Table.Tr>
                <Table.Td colSpan={3}>Earlier attempts</Table.Td>
                <Table.Td ta="right">{formatUsdExact(earlierUsd)}</Table.Td>
              </Table.Tr>
            )}
          </Table.Tbody>
          <Table.Tfoot>
            <Table.Tr>
              <Table.Td colSpan={3}>Together</Table.Td>
              <Table.Td ta="right">{formatUsdExact(totalUsd)}</Table.Td>
            </Table.Tr>
          </Table.Tfoot>
        </Table>
      )}
      {cost !== null && compareUsd(cost, totalUsd) !== 0 && (
        <Text size="sm" c="dimmed">
          {explainDifference(call, price)}
        </Text>
      )}
      <Text size="xs" c="dimmed">
        {describePrice(price, aboveInputTokens)}
      </Text>
    </>
  );
}

function explainDifference(call: CallDetail, price: ModelPrice): string {
  if (call.status === 'expired') return 'Its tokens were not seen: what was held for it counts instead.';
  return JSON.stringify(price.media_rates) === '{}'
    ? 'The ledger’s cost was computed by the price in force then and differs from this arithmetic.'
    : 'The ledger’s cost is by the rates that images and audio have of their own; this is what text would cost.';
}

function describePrice(price: ModelPrice, aboveInputTokens: number | undefined): string {
  const from = new Date(price.valid_from);
  // The first known price of a model is dated long before there were any.
  const since = from.getUTCFullYear() < 2000 ? '' : `, in force since ${formatDay(dayIn('UTC', from))}`;
  const tier = price.service_tier === 'standard' ? '' : `, ${price.service_tier} tier`;
  const context =
    aboveInputTokens === undefined ? '' : `, rates above ${formatCount(aboveInputTokens)} input tokens`;
  return `Price ${price.id} of ${price.model}${tier}${context}${since}, from ${price.source}.`;
}

function costText(call: CallDetail): string {
  if (call.status === 'reserved') return 'Not known yet';
  const cost: Usd | null = call.cost_usd;
  return cost === null ? 'No price' : formatUsdExact(cost);
}

function heldText(call: CallDetail): string {
  if (isZeroUsd(call.held_usd)) return 'Nothing';
  const held = formatUsd(call.held_usd);
  const cost: Usd | null = call.cost_usd;
  if (call.status === 'reserved' || cost === null) return held;
  return `${held}, of which ${formatPercent(shareOf(cost, call.held_usd))} was needed`;
}
