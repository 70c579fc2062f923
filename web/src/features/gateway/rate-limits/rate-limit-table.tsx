import { useOrganization } from '@/lib/organization.tsx';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { ScopeName } from '../budgets/scope-name.tsx';
import { RateLimitMenu } from './rate-limit-menu.tsx';
import type { RateLimit } from './rate-limit-queries.ts';
import { RateLimitUse } from './rate-limit-use.tsx';
import { useRateLimitName } from './use-rate-limit-name.ts';

export function RateLimitTable({ limits }: { limits: readonly RateLimit[] }) {
  const organization = useOrganization();
  const nameOf = useRateLimitName();
  const columns: [Column<RateLimit>, ...Column<RateLimit>[]] = [
    {
      key: 'scope',
      header: 'Rate limit of',
      cell: (limit) => <ScopeName {...nameOf(limit)} />,
    },
    {
      key: 'requests',
      header: 'Requests a minute',
      width: '22%',
      cell: ({ requests }) => <RateLimitUse label="Requests in the last minute" allowance={requests} />,
    },
    {
      key: 'tokens',
      header: 'Tokens a minute',
      width: '22%',
      cell: ({ tokens }) => <RateLimitUse label="Tokens in the last minute" allowance={tokens} />,
    },
    {
      key: 'calls',
      header: 'Calls at once',
      width: '22%',
      cell: ({ openCalls }) => <RateLimitUse label="Calls under way" allowance={openCalls} />,
    },
    ...(organization.canManage
      ? [
          {
            key: 'menu',
            header: 'Actions',
            isHeaderHidden: true,
            align: 'right' as const,
            width: 56,
            cell: (limit: RateLimit) => (
              <RateLimitMenu
                of={{
                  scope: limit.scope,
                  id: limit.scopeId,
                  name: limit.scope === 'organization' ? organization.name : nameOf(limit).name,
                }}
              />
            ),
          },
        ]
      : []),
  ];
  return <DataTable label="Rate limits" rows={limits} columns={columns} rowKey={({ id }) => id} />;
}
