import type { ReactNode } from 'react';
import { Text, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { describeRateLimit } from '../rate-limits/describe-rate-limit.ts';
import { rateLimitQueries } from '../rate-limits/rate-limit-queries.ts';
import { CredentialMenu } from './credential-menu.tsx';
import type { Credential } from './credential-queries.ts';
import classes from './credentials.module.css';
import { providerLabel } from './provider-label.ts';

export function CredentialTable({ credentials }: { credentials: readonly Credential[] }) {
  const { canManage } = useOrganization();
  const columns: [Column<Credential>, ...Column<Credential>[]] = [
    { key: 'name', header: 'Credential', cell: ({ name }) => name },
    {
      key: 'provider',
      header: 'Provider',
      cell: (credential) => (
        <>
          {providerLabel(credential.provider)}
          <Order credential={credential} credentials={credentials} />
        </>
      ),
    },
    {
      key: 'key',
      header: 'Key',
      cell: ({ last_four }) => <span className={classes.lastFour}>···· {last_four}</span>,
    },
    { key: 'state', header: 'State', cell: (credential) => <State credential={credential} /> },
    { key: 'limit', header: 'Rate limit', cell: (credential) => <RateLimitOf credential={credential} /> },
    {
      key: 'tested',
      header: 'Tested',
      align: 'right',
      cell: ({ tested_at }) => <Tested at={tested_at} />,
    },
    ...(canManage
      ? [
          {
            key: 'menu',
            header: 'Actions',
            isHeaderHidden: true,
            align: 'right' as const,
            width: 56,
            cell: (credential: Credential) => (
              <CredentialMenu credential={credential} isFirst={isFirst(credential, credentials)} />
            ),
          },
        ]
      : []),
  ];
  return <DataTable label="Credentials" rows={credentials} columns={columns} rowKey={({ id }) => id} />;
}

function State({ credential }: { credential: Credential }) {
  if (!credential.is_active) return <Labelled color="gray" label="Disabled" meaning="It is not used." />;
  if (credential.tested_at === null) {
    return <Labelled color="gray" label="Not tested" meaning="The provider was not asked about it yet." />;
  }
  return credential.test_error === null ? (
    <Labelled color="teal" label="Working" meaning="The provider accepted it when it was last tested." />
  ) : (
    <>
      <Labelled color="red" label="Test failed" meaning={credential.test_error} />
      <Text size="xs" c="dimmed" maw={320}>
        {credential.test_error}
      </Text>
    </>
  );
}

function Labelled({ color, label, meaning }: { color: string; label: string; meaning: string }) {
  return (
    <Tooltip label={meaning} multiline maw={320}>
      <span className={classes.state}>
        <span className={classes.dot} style={{ background: `var(--mantine-color-${color}-6)` }} aria-hidden />
        {label}
      </span>
    </Tooltip>
  );
}

function RateLimitOf({ credential }: { credential: Credential }) {
  const { id } = useOrganization();
  const isOwn = ({ scopeId }: { scopeId: string }): boolean => scopeId === credential.id;
  const { data } = useQuery({
    ...rateLimitQueries.list(id),
    // What was known before this credential was added does not name it.
    refetchInterval: ({ state }) => (state.data?.some(isOwn) === false ? 1_000 : false),
  });
  const limit = data?.find(isOwn);
  if (limit === undefined) return <Dimmed>…</Dimmed>;
  const words = describeRateLimit(limit);
  return words === '' ? <Dimmed>None</Dimmed> : words;
}

/** Worth saying only where a provider has several. */
function Order({ credential, credentials }: { credential: Credential; credentials: readonly Credential[] }) {
  const rivals = activeOf(credential.provider, credentials);
  if (!credential.is_active || rivals.length < 2) return null;
  return <Dimmed>{rivals[0]?.id === credential.id ? ', used' : ', in reserve'}</Dimmed>;
}

const isFirst = (credential: Credential, credentials: readonly Credential[]): boolean =>
  activeOf(credential.provider, credentials)[0]?.id === credential.id;

/** In the order of the list, which is the order in which they are chosen. */
const activeOf = (provider: string, credentials: readonly Credential[]): Credential[] =>
  credentials.filter((each) => each.provider === provider && each.is_active);

function Tested({ at }: { at: string | null }) {
  return at === null ? <Dimmed>Never</Dimmed> : <RelativeTime at={at} />;
}

const Dimmed = ({ children }: { children: ReactNode }) => (
  <Text span inherit c="dimmed">
    {children}
  </Text>
);
