import { Badge, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { formatDayLong } from '@/lib/dates.ts';
import { formatUsdExact } from '@/lib/money.ts';
import { formatCount } from '@/lib/numbers.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { SideDrawer } from '@/ui/side-drawer.tsx';
import { BlockSkeleton } from '@/ui/skeletons.tsx';
import { credentialQueries } from '../credentials/credential-queries.ts';
import { providerLabel } from '../credentials/provider-label.ts';
import { Fact, FactList, Facts } from '../usage/facts.tsx';
import { explainCause, formatDrift } from './cause-words.ts';
import { Drift } from './drift.tsx';
import {
  type Cause,
  type Reconciliation,
  type ReconciliationLine,
  reconciliationQueries,
} from './reconciliation-queries.ts';

type ReconciliationDrawerProps = {
  provider: string | undefined;
  day: string | undefined;
  days: readonly Reconciliation[];
  onClose: () => void;
};

/** One day of one provider: both sides, model by model, and why they differ. */
export function ReconciliationDrawer({ provider, day, days, onClose }: ReconciliationDrawerProps) {
  const reconciliation = days.find((each) => each.provider === provider && each.day === day);
  return (
    <SideDrawer title="Reconciliation" isOpen={day !== undefined} onClose={onClose}>
      {reconciliation === undefined ? (
        <Text c="dimmed">There is nothing of this day, neither in the ledger nor on the bill.</Text>
      ) : (
        <Stack gap="lg" pb="xl">
          <Head reconciliation={reconciliation} />
          <Lines reconciliation={reconciliation} />
        </Stack>
      )}
    </SideDrawer>
  );
}

function Head({ reconciliation }: { reconciliation: Reconciliation }) {
  const { provider, day, ours_usd, theirs_usd, is_alarming, is_provisional, reconciled_at } = reconciliation;
  return (
    <>
      <div>
        <Group gap="xs">
          <Text fz="lg" fw="var(--mantine-font-weight-bold)">
            {providerLabel(provider)}
          </Text>
          {is_alarming && <Badge color="red">Drift</Badge>}
        </Group>
        <Text size="sm" c="dimmed">
          {formatDayLong(day)}, UTC{is_provisional ? ', so far' : ''}
        </Text>
      </div>
      <Facts title="Both sides">
        <FactList>
          <Fact label="Ledger">{formatUsdExact(ours_usd)}</Fact>
          <Fact label="Provider’s bill">{formatUsdExact(theirs_usd)}</Fact>
          <Fact label="Drift">
            <Drift of={reconciliation} isAlarming={is_alarming} />
          </Fact>
          <Fact label="Compared">
            <RelativeTime at={reconciled_at} />
          </Fact>
        </FactList>
      </Facts>
    </>
  );
}

function Lines({ reconciliation: { provider, day } }: { reconciliation: Reconciliation }) {
  const { id } = useOrganization();
  const lines = useQuery(reconciliationQueries.lines(id, provider, day));
  return (
    <AsyncView query={lines} skeleton={<BlockSkeleton height={160} label="Loading models" />}>
      {(data) => data.map((line) => <Line key={line.item} line={line} provider={provider} />)}
    </AsyncView>
  );
}

function Line({ line, provider }: { line: ReconciliationLine; provider: string }) {
  return (
    <Facts title={line.item === '' ? `${providerLabel(provider)}, one sum` : line.item}>
      <Stack gap="sm">
        <Why causes={line.causes} />
        <FactList>
          <Fact label="Ledger">{formatUsdExact(line.ours_usd)}</Fact>
          <Fact label={line.is_divided ? 'Bill, our share of its one sum' : 'Bill'}>
            {formatUsdExact(line.theirs_usd)}
          </Fact>
          <Fact label="Drift">
            <Drift of={line} />
          </Fact>
          {line.is_model && (
            <>
              <Fact label="Calls, here and there">{pair(line.ours_calls, line.theirs_calls)}</Fact>
              <Fact label="Input tokens">{pair(line.ours_input_tokens, line.theirs_input_tokens)}</Fact>
              <Fact label="Output tokens">{pair(line.ours_output_tokens, line.theirs_output_tokens)}</Fact>
            </>
          )}
        </FactList>
      </Stack>
    </Facts>
  );
}

function Why({ causes }: { causes: readonly Cause[] }) {
  const { id } = useOrganization();
  const { data: credentials = [] } = useQuery(credentialQueries.list(id));
  const nameOf = (credentialId: string | undefined): string =>
    credentials.find((credential) => credential.id === credentialId)?.name ?? 'that was used';
  if (causes.length === 0) return <Text size="sm">The books agree.</Text>;
  return (
    <Stack gap={6} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
      {causes.map((cause) => (
        <Text key={cause.cause} size="sm" component="li">
          <b>{formatDrift(cause.usd)}</b> {explainCause(cause, nameOf(cause.credential_id))}
        </Text>
      ))}
    </Stack>
  );
}

const pair = (ours: number, theirs: number | null): string =>
  `${formatCount(ours)} · ${theirs === null ? 'not told' : formatCount(theirs)}`;
