import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { memberQueries, nameOf } from '../members/member-queries.ts';
import { auditLogQueries } from './audit-log-queries.ts';

/** Names by id, of people and of what limits and freezes are of. Who has left and what was deleted is not among them. */
export function useNames(): ReadonlyMap<string, string> {
  const { id, name } = useOrganization();
  const members = useQuery(memberQueries.list(id)).data ?? [];
  const things = useQuery(auditLogQueries.names(id)).data ?? [];
  return new Map([
    [id, name],
    ...things.map((thing): [string, string] => [thing.id, thing.name]),
    ...members.map((member): [string, string] => [member.userId, nameOf(member)]),
  ]);
}
