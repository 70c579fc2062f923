import type { ReactNode } from 'react';
import { Stack, Text } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';
import classes from './empty-state.module.css';

type EmptyStateProps = {
  icon: Icon;
  /** One sentence on what will be here. */
  title: string;
  description?: ReactNode;
  /** The one button that makes it so. */
  action?: ReactNode;
};

export function EmptyState({ icon: StateIcon, title, description, action }: EmptyStateProps) {
  return (
    <Stack className={classes.root} align="center" gap="sm">
      <span className={classes.icon} aria-hidden>
        <StateIcon size={20} stroke={1.5} />
      </span>
      <Stack gap={4} align="center">
        <Text fw="var(--mantine-font-weight-bold)">{title}</Text>
        {description !== undefined && (
          <Text c="dimmed" ta="center" maw="26rem">
            {description}
          </Text>
        )}
      </Stack>
      {action}
    </Stack>
  );
}
