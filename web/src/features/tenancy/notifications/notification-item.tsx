import { Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { Link } from 'react-router';
import { describeNotification, pathOfNotification } from '@contracts/describe-notification.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { RelativeTime } from '@/ui/relative-time.tsx';
import type { NotificationRow } from './notification-queries.ts';
import classes from './notifications.module.css';

type NotificationItemProps = {
  notification: NotificationRow;
  onNavigate: () => void;
  onRead: (id: number) => void;
};

/** One notification: opening it is reading it. What leads nowhere is read by a click. */
export function NotificationItem({ notification, onNavigate, onRead }: NotificationItemProps) {
  const { id, organizations: organization, read_at: readAt } = notification;
  const path = organization && pathOfNotification(notification, organization.slug);
  const isUnread = readAt === null;
  const read = (): void => {
    if (isUnread) onRead(id);
  };
  const content = <Content notification={notification} />;
  if (path === null) {
    return (
      <UnstyledButton className={classes.item} data-unread={isUnread || undefined} onClick={read}>
        {content}
      </UnstyledButton>
    );
  }
  const open = (): void => {
    read();
    onNavigate();
  };
  return (
    <Link to={path} className={classes.item} data-unread={isUnread || undefined} onClick={open}>
      {content}
    </Link>
  );
}

function Content({ notification }: { notification: NotificationRow }) {
  const here = useOrganization();
  const { title, detail } = describeNotification(notification);
  const { organizations: organization } = notification;
  return (
    <>
      <span className={classes.dot} aria-hidden />
      <span className={classes.words}>
        {notification.read_at === null && <VisuallyHidden>Not read: </VisuallyHidden>}
        <span className={classes.title}>{title}</span>
        {detail !== '' && (
          <Text span size="xs" c="dimmed">
            {detail}
          </Text>
        )}
        <Text span size="xs" c="dimmed">
          {organization && organization.slug !== here.slug && `${organization.name} · `}
          <RelativeTime at={notification.created_at} />
        </Text>
      </span>
    </>
  );
}
