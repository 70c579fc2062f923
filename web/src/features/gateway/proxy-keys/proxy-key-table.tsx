import { useState } from 'react';
import { Badge, Code, Skeleton, Text, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { dayIn, formatDay, formatMoment, formatMomentExact } from '@/lib/dates.ts';
import { formatUsd } from '@/lib/money.ts';
import { formatCount } from '@/lib/numbers.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { useGlance } from '@/lib/use-now.ts';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { useFreeze } from '../freezes/use-freeze.ts';
import { useLedgerNames } from '../reports/use-ledger-names.ts';
import { useMonthSpend } from '../spend/use-month-spend.ts';
import { describeCaching } from './cache-choices.ts';
import { LastUsed } from './last-used.tsx';
import { ProxyKeyMenu } from './proxy-key-menu.tsx';
import { keyPrefix, type ProxyKey, stateOfKey } from './proxy-key-queries.ts';
import { RotateKeyModal } from './rotate-key-modal.tsx';

type ProxyKeyTableProps = {
  proxyKeys: readonly ProxyKey[];
  /** Where they are of several. */
  showsProject?: boolean;
};

export function ProxyKeyTable({ proxyKeys, showsProject = false }: ProxyKeyTableProps) {
  const monthSpend = useMonthSpend('proxy_key');
  const names = useLedgerNames();
  // Not in the row: the secret must stay in sight when a phone is turned and the table becomes cards.
  const [rotated, setRotated] = useState<ProxyKey | undefined>();
  const [isRotating, rotating] = useDisclosure(false);
  const rotate = (key: ProxyKey): void => {
    setRotated(key);
    rotating.open();
  };
  const columns: [Column<ProxyKey>, ...Column<ProxyKey>[]] = [
    { key: 'name', header: 'Key', cell: (key) => <Name proxyKey={key} /> },
    ...(showsProject
      ? [{ key: 'project', header: 'Project', cell: (key: ProxyKey) => names.project(key.project_id) }]
      : []),
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
      cell: (key) => <ProxyKeyMenu proxyKey={key} onRotate={() => rotate(key)} />,
    },
  ];
  return (
    <>
      <DataTable label="Keys" rows={proxyKeys} columns={columns} rowKey={({ id }) => id} />
      {rotated && <RotateKeyModal proxyKey={rotated} isOpen={isRotating} onClose={rotating.close} />}
    </>
  );
}

function Name({ proxyKey }: { proxyKey: ProxyKey }) {
  const state = stateOfKey(proxyKey);
  const freeze = useFreeze(proxyKey.id);
  const names = useLedgerNames();
  const { member_id: member } = proxyKey;
  return (
    <>
      {proxyKey.name}{' '}
      {member !== null && (
        <Tooltip label={`For the calls of ${names.user(member)} alone`}>
          <Badge color="gray">Personal</Badge>
        </Tooltip>
      )}{' '}
      {state === 'revoked' && <Badge color="gray">Revoked</Badge>}
      {freeze !== undefined && state !== 'revoked' && (
        <Tooltip label={freeze.reason} multiline maw={320}>
          <Badge color="red">Frozen</Badge>
        </Tooltip>
      )}
      <br />
      <Code bg="transparent" p={0} c="dimmed">
        {keyPrefix(proxyKey)}
      </Code>
      {state !== 'revoked' && proxyKey.cache_seconds !== null && (
        <Text size="xs" c="dimmed">
          Caches answers for {describeCaching(proxyKey.cache_seconds)}
        </Text>
      )}
      {state === 'active' && <Previous until={proxyKey.previous_until} />}
    </>
  );
}

/** Where a key was rotated: how long there still is to switch over. */
function Previous({ until }: { until: string | null }) {
  const now = useGlance();
  if (until === null || Date.parse(until) <= now.getTime()) return null;
  return (
    <Tooltip label={`Its secret before the rotation works until ${formatMomentExact(new Date(until))}`}>
      <Text size="xs" c="dimmed" w="fit-content">
        Old secret works until {formatMoment(new Date(until))}
      </Text>
    </Tooltip>
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
