import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { memberQueries, nameOf } from '../members/member-queries.ts';

/** Names by user id; who has left is not among them. */
export function usePeople(): ReadonlyMap<string, string> {
  const members = useQuery(memberQueries.list(useOrganization().id)).data ?? [];
  return new Map(members.map((member) => [member.userId, nameOf(member)]));
}
