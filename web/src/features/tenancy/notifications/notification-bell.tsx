import { ActionIcon, Indicator, Popover, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBell } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useUserId } from '@/lib/session.tsx';
import { NotificationPanel } from './notification-panel.tsx';
import { notificationQueries } from './notification-queries.ts';
import classes from './notifications.module.css';

type NotificationBellProps = {
  /** Where the panel opens. */
  position: 'right-end' | 'bottom-end';
  onNavigate?: () => void;
};

/** What the person was told, in whichever organization, and how much of it is new. */
export function NotificationBell({ position, onNavigate }: NotificationBellProps) {
  const [isOpen, panel] = useDisclosure(false);
  const { data: unread = 0 } = useQuery(notificationQueries.unreadCount(useUserId()));
  const label = unread === 0 ? 'Notifications' : `Notifications, ${unread} not read`;
  return (
    <Popover
      opened={isOpen}
      onChange={(opened) => (opened ? panel.open() : panel.close())}
      position={position}
      width="min(380px, calc(100vw - 24px))"
      trapFocus
      returnFocus
      shadow="md"
    >
      <Popover.Target>
        <Tooltip label={label} position="right" disabled={isOpen}>
          <Indicator
            disabled={unread === 0}
            label={unread > 99 ? '99+' : unread}
            size={16}
            offset={6}
            color="red"
            classNames={{ indicator: classes.count ?? '' }}
          >
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={label}
              aria-expanded={isOpen}
              aria-haspopup="dialog"
              onClick={panel.toggle}
            >
              <IconBell size={18} stroke={1.5} />
            </ActionIcon>
          </Indicator>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown className={classes.panel} aria-label="Notifications">
        <NotificationPanel
          unread={unread}
          onNavigate={() => {
            panel.close();
            onNavigate?.();
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
