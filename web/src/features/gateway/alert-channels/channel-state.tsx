import { Text } from '@mantine/core';
import { RelativeTime } from '@/ui/relative-time.tsx';
import type { AlertChannel } from './alert-channel-queries.ts';
import classes from '../alerts/alerts.module.css';

/** Whether what is told arrives, and if not, why. */
export function ChannelState({ channel }: { channel: AlertChannel }) {
  const { label, color } = stateOf(channel);
  return (
    <div>
      <span className={classes.severity}>
        <span className={classes.dot} style={{ background: `var(--mantine-color-${color}-6)` }} aria-hidden />
        {label}
      </span>
      {channel.last_error !== null && (
        <Text size="xs" c="dimmed" maw={320}>
          {channel.last_error}
        </Text>
      )}
      {channel.paused_at !== null && (
        <Text size="xs" c="dimmed">
          After a day of failures, <RelativeTime at={channel.paused_at} />
        </Text>
      )}
    </div>
  );
}

function stateOf(channel: AlertChannel): { label: string; color: string } {
  if (!channel.is_active) return { label: 'Off', color: 'gray' };
  if (channel.paused_at !== null) return { label: 'Paused', color: 'red' };
  if (channel.failing_since !== null) return { label: 'Failing', color: 'orange' };
  if (channel.last_delivered_at === null) return { label: 'Not used yet', color: 'gray' };
  return { label: 'Working', color: 'teal' };
}
