import { Badge } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Organization } from '@/lib/organization.tsx';
import { alertQueries } from './alert-queries.ts';
import classes from './alerts.module.css';

/** How many alerts wait for an admin to look; nothing when none does. */
export function UnseenAlerts({ organization, isRail }: { organization: Organization; isRail: boolean }) {
  const { data: count = 0 } = useQuery({
    ...alertQueries.unseenCount(organization.id),
    enabled: organization.canManage,
  });
  if (!organization.canManage || count === 0) return null;
  return (
    <Badge
      className={classes.unseen ?? ''}
      size="sm"
      circle={isRail}
      variant="filled"
      color="red"
      aria-label={`${count} not seen`}
    >
      {count > 99 ? '99+' : count}
    </Badge>
  );
}
