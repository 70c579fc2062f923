import { type ReactNode, useState } from 'react';
import { Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { describeRateLimit } from '../rate-limits/describe-rate-limit.ts';
import { rateLimitQueries } from '../rate-limits/rate-limit-queries.ts';
import { CredentialMenu } from './credential-menu.tsx';
import { CredentialOrderModal } from './credential-order-modal.tsx';
import { type Credential, credentialQueries } from './credential-queries.ts';
import { CredentialState } from './credential-state.tsx';
import { CredentialTurn } from './credential-turn.tsx';
import classes from './credentials.module.css';
import { providerLabel } from './provider-label.ts';
import { turnsOf } from './turns-of.ts';

/** Each provider's credentials together, in the order in which they are asked. */
export function CredentialTable({ credentials }: { credentials: readonly Credential[] }) {
  const { id: organizationId, canManage } = useOrganization();
  const { data: health } = useQuery(credentialQueries.health(organizationId));
  const turns = turnsOf(credentials);
  // Not in the row, which becomes a card where the window gets narrow.
  const [ordered, setOrdered] = useState<Credential>();
  const [isOrdering, ordering] = useDisclosure(false);
  const columns: [Column<Credential>, ...Column<Credential>[]] = [
    { key: 'name', header: 'Credential', cell: ({ name }) => name },
    { key: 'provider', header: 'Provider', cell: ({ provider }) => providerLabel(provider) },
    { key: 'turn', header: 'Asked', cell: ({ id }) => <CredentialTurn turn={turns.get(id)} /> },
    {
      key: 'key',
      header: 'Key',
      cell: ({ last_four }) => <span className={classes.lastFour}>···· {last_four}</span>,
    },
    {
      key: 'state',
      header: 'State',
      cell: (credential) => (
        <CredentialState
          credential={credential}
          health={health?.find(({ credential_id }) => credential_id === credential.id)}
        />
      ),
    },
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
              <CredentialMenu
                credential={credential}
                turn={turns.get(credential.id)}
                onOrder={() => {
                  setOrdered(credential);
                  ordering.open();
                }}
              />
            ),
          },
        ]
      : []),
  ];
  return (
    <>
      <DataTable
        label="Credentials"
        rows={byProvider(credentials)}
        columns={columns}
        rowKey={({ id }) => id}
      />
      {ordered && (
        <CredentialOrderModal
          credential={ordered}
          credentials={credentials}
          isOpen={isOrdering}
          onClose={ordering.close}
        />
      )}
    </>
  );
}

/** Within a provider they stay in the order of the list; what is disabled comes last. */
const byProvider = (credentials: readonly Credential[]): Credential[] =>
  credentials.toSorted(
    (left, right) =>
      providerLabel(left.provider).localeCompare(providerLabel(right.provider)) ||
      Number(right.is_active) - Number(left.is_active),
  );

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

function Tested({ at }: { at: string | null }) {
  return at === null ? <Dimmed>Never</Dimmed> : <RelativeTime at={at} />;
}

const Dimmed = ({ children }: { children: ReactNode }) => (
  <Text span inherit c="dimmed">
    {children}
  </Text>
);
