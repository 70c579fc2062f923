import { Text } from '@mantine/core';
import { IconRepeat } from '@tabler/icons-react';
import { formatUsd } from '@/lib/money.ts';
import { formatCompact, formatLatency } from '@/lib/numbers.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { type LedgerNames, useLedgerNames } from '../reports/use-ledger-names.ts';
import type { Call } from './call-queries.ts';
import { CallStatus } from './call-status.tsx';
import classes from './call-table.module.css';
import { CallTime } from './call-time.tsx';
import { describeSaving } from './describe-saving.ts';
import { Elapsed } from './elapsed.tsx';
import { readAttempts } from './read-attempts.ts';

/** Calls as a list, each leading to its drawer at the same filters. */
export function CallTable({ calls, search }: { calls: readonly Call[]; search: string }) {
  const { slug } = useOrganization();
  const names = useLedgerNames();
  return (
    <div className={classes.calls}>
      <DataTable
        label="Calls"
        rows={calls}
        columns={columnsWith(names)}
        rowKey={({ id }) => id}
        rowHref={({ id }) => `${paths.call(slug, id)}${search}`}
      />
    </div>
  );
}

const columnsWith = (names: LedgerNames): readonly [Column<Call>, ...Column<Call>[]] => [
  {
    key: 'model',
    header: 'Model',
    cell: (call) => (
      <span className={classes.model}>
        <span className={classes.swatch} style={{ background: names.modelColor(call.model) }} aria-hidden />
        <span
          className={classes.name}
          title={call.model_alias === null ? undefined : `Asked for as ${call.model_alias}`}
        >
          {call.model}
        </span>
        <AttemptsMark call={call} />
        {call.is_cached && (
          <span className={classes.cached} title={describeSaving(call)}>
            Cached
          </span>
        )}
        {call.is_sandbox && (
          <span className={classes.sandbox} title="Answered by the built-in sandbox, not by a provider.">
            Sandbox
          </span>
        )}
      </span>
    ),
  },
  { key: 'status', header: 'Status', cell: (call) => <CallStatus call={call} />, width: 112 },
  {
    key: 'key',
    header: 'Project and key',
    cell: (call) => <Pair main={names.project(call.project_id)} side={names.proxyKey(call.proxy_key_id)} />,
  },
  {
    key: 'user',
    header: 'User',
    isHiddenOnCards: true,
    cell: (call) => <Attribution call={call} names={names} />,
  },
  {
    key: 'tokens',
    header: 'Tokens in → out',
    align: 'right',
    isHiddenOnCards: true,
    cell: (call) =>
      call.status === 'reserved' || call.input_tokens + call.output_tokens === 0 ? (
        <Nothing />
      ) : (
        <span className={classes.unbroken}>
          {formatCompact(call.input_tokens)} → {formatCompact(call.output_tokens)}
        </span>
      ),
  },
  { key: 'latency', header: 'Latency', align: 'right', cell: (call) => <Latency call={call} /> },
  { key: 'cost', header: 'Cost', align: 'right', cell: (call) => <Cost call={call} /> },
  {
    key: 'time',
    header: 'Time',
    align: 'right',
    cell: ({ created_at }) => (
      <span className={classes.unbroken}>
        <CallTime at={created_at} />
      </span>
    ),
  },
];

/** Small, since most calls need none. */
function AttemptsMark({ call }: { call: Call }) {
  const attempts = readAttempts(call).length + 1;
  if (attempts === 1) return null;
  return (
    <span
      className={classes.attempts}
      role="img"
      aria-label={`${attempts} attempts`}
      title={`${attempts} attempts`}
    >
      <IconRepeat size={12} stroke={1.75} aria-hidden />
      {attempts}
    </span>
  );
}

function Attribution({ call, names }: { call: Call; names: LedgerNames }) {
  const { user_id: user, agent_id: agent } = call;
  if (user) return <Pair main={names.user(user)} side={agent ? names.agent(agent) : ''} />;
  return agent ? <Pair main={names.agent(agent)} side="agent" /> : <Nothing />;
}

/** Two names on one line, the second in the background; what does not fit is there on hover. */
function Pair({ main, side }: { main: string; side: string }) {
  return (
    <span className={classes.pair} title={`${main} ${side}`.trim()}>
      {main}{' '}
      <Text span inherit c="dimmed">
        {side}
      </Text>
    </span>
  );
}

function Latency({ call }: { call: Call }) {
  if (call.status === 'reserved') return <Elapsed since={call.created_at} />;
  if (call.latency_ms === null) return <Nothing />;
  return <span className={classes.unbroken}>{formatLatency(call.latency_ms)}</span>;
}

function Cost({ call }: { call: Call }) {
  if (call.status === 'reserved') {
    return (
      <span className={classes.held} title="Held until the call ends">
        {formatUsd(call.held_usd)} held
      </span>
    );
  }
  // Generated types know no null behind a cast.
  const cost: string | null = call.cost_usd;
  if (cost === null) return <span title="This model has no price here">No price</span>;
  return call.usage_source === 'estimated' ? (
    <span className={classes.unbroken} title="Estimated: the provider’s own count was not seen">
      ≈ {formatUsd(cost)}
    </span>
  ) : (
    formatUsd(cost)
  );
}

const Nothing = () => (
  <Text span inherit c="dimmed" aria-label="None">
    –
  </Text>
);
