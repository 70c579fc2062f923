import { Badge, Code, Skeleton, Text, Tooltip } from '@mantine/core';
import { dayIn, formatDay, formatMomentExact } from '@/lib/dates.ts';
import { formatUsd } from '@/lib/money.ts';
import { formatCount } from '@/lib/numbers.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { useFreeze } from '../freezes/use-freeze.ts';
import { useMonthSpend } from '../spend/use-month-spend.ts';
import { LastUsed } from './last-used.tsx';
import { ProxyKeyMenu } from './proxy-key-menu.tsx';
import { keyPrefix, type ProxyKey, stateOfKey } from './proxy-key-queries.ts';

export function ProxyKeyTable({ proxyKeys }: { proxyKeys: readonly ProxyKey[] }) {
  const monthSpend = useMonthSpend('proxy_key');
  const columns: [Column<ProxyKey>, ...Column<ProxyKey>[]] = [
    { key: 'name', header: 'Key', cell: (key) => <Name proxyKey={key} /> },
    { key: 'models', header: 'Models', cell: (key) => <Models proxyKey={key} /> },
    {
      key: 'spend',
      header: 'Spend this month',
      align: 'right',
      cell: ({ id }) =>
        monthSpend ? formatUsd(monthSpend(id).costUsd) : <Skeleton height={12} width={48} ml="auto" />,
    },
    {
      key: 'used',
      header: 'Last used',
      align: 'right',
      cell: (key) => <LastUsed at={key.last_used_at} hasCalls={(monthSpend?.(key.id).calls ?? 0) > 0} />,
    },
    {
      key: 'expires',
      header: 'Expires',
      align: 'right',
      cell: (key) => <Expires proxyKey={key} />,
    },
    {
      key: 'menu',
      header: 'Actions',
      isHeaderHidden: true,
      align: 'right',
      width: 56,
      cell: (key) => <ProxyKeyMenu proxyKey={key} />,
    },
  ];
  return <DataTable label="Keys" rows={proxyKeys} columns={columns} rowKey={({ id }) => id} />;
}

function Name({ proxyKey }: { proxyKey: ProxyKey }) {
  const state = stateOfKey(proxyKey);
  const freeze = useFreeze(proxyKey.id);
  return (
    <>
      {proxyKey.name} {state === 'revoked' && <Badge color="gray">Revoked</Badge>}
      {freeze !== undefined && state !== 'revoked' && (
        <Tooltip label={freeze.reason} multiline maw={320}>
          <Badge color="red">Frozen</Badge>
        </Tooltip>
      )}
      <br />
      <Code bg="transparent" p={0} c="dimmed">
        {keyPrefix(proxyKey)}
      </Code>
    </>
  );
}

function Models({ proxyKey: { allowed_models: models } }: { proxyKey: ProxyKey }) {
  if (models === null) return <Dimmed>All</Dimmed>;
  const [first, ...others] = models;
  if (others.length === 0) return first;
  return (
    <Tooltip label={models.join(', ')} multiline maw={320}>
      <span>
        {first} <Dimmed>and {formatCount(others.length)} more</Dimmed>
      </span>
    </Tooltip>
  );
}

function Expires({ proxyKey }: { proxyKey: ProxyKey }) {
  const { timeZone } = useOrganization();
  if (proxyKey.expires_at === null) return <Dimmed>Never</Dimmed>;
  if (stateOfKey(proxyKey) === 'expired') return <Badge color="orange">Expired</Badge>;
  const at = new Date(proxyKey.expires_at);
  return (
    <Tooltip label={formatMomentExact(at)}>
      {/* It works until the end of its last day, which is the moment before this one. */}
      <span>{formatDay(dayIn(timeZone, new Date(at.getTime() - 1)))}</span>
    </Tooltip>
  );
}

const Dimmed = ({ children }: { children: React.ReactNode }) => (
  <Text span inherit c="dimmed">
    {children}
  </Text>
);
