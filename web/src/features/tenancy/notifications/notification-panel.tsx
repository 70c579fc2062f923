import { Anchor, Box, Button, Center, Group, ScrollArea, Title } from '@mantine/core';
import { IconBell, IconChecks } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { paths } from '@/lib/paths.ts';
import { useUserId } from '@/lib/session.tsx';
import { EmptyState } from '@/ui/empty-state.tsx';
import { ErrorState } from '@/ui/error-state.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { NotificationItem } from './notification-item.tsx';
import { notificationQueries } from './notification-queries.ts';
import classes from './notifications.module.css';
import { useMarkRead } from './use-mark-read.ts';

type NotificationPanelProps = { unread: number; onNavigate: () => void };

/** The list in the bell, and what can be done with all of it. */
export function NotificationPanel({ unread, onNavigate }: NotificationPanelProps) {
  const markRead = useMarkRead();
  return (
    <>
      <Group justify="space-between" className={classes.head} wrap="nowrap">
        <Title order={2} size="h5">
          Notifications
        </Title>
        {unread > 0 && (
          <Button
            size="compact-xs"
            variant="subtle"
            leftSection={<IconChecks size={14} stroke={1.5} aria-hidden />}
            loading={markRead.isPending}
            onClick={() => markRead.mutate(undefined)}
          >
            Mark all as read
          </Button>
        )}
      </Group>
      <ScrollArea.Autosize mah="min(460px, 60vh)" type="auto">
        <List onNavigate={onNavigate} onRead={(id) => markRead.mutate([id])} />
      </ScrollArea.Autosize>
      <div className={classes.foot}>
        <Anchor component={Link} to={`${paths.profile}#mail`} size="xs" onClick={onNavigate}>
          Choose what is mailed to you
        </Anchor>
      </div>
    </>
  );
}

type ListProps = { onNavigate: () => void; onRead: (id: number) => void };

function List({ onNavigate, onRead }: ListProps) {
  const list = useInfiniteQuery(notificationQueries.list(useUserId()));
  const notifications = list.data?.pages.flat();
  if (notifications === undefined) {
    return list.isError ? (
      <ErrorState error={list.error} onRetry={() => void list.refetch()} />
    ) : (
      <Box px="md">
        <TableSkeleton rows={3} label="Loading notifications" />
      </Box>
    );
  }
  if (notifications.length === 0) {
    return (
      <EmptyState
        icon={IconBell}
        title="Nothing to tell you yet."
        description="Budgets near their limit, invitations, and what your agents finish or ask will be here."
      />
    );
  }
  return (
    <>
      <ul className={classes.list} aria-label="Notifications">
        {notifications.map((notification) => (
          <li key={notification.id}>
            <NotificationItem notification={notification} onNavigate={onNavigate} onRead={onRead} />
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <Center py="xs">
          <Button
            size="compact-sm"
            variant="subtle"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            Show older ones
          </Button>
        </Center>
      )}
    </>
  );
}
