import { Button, Code, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { explainError } from '@/lib/explain-error.ts';
import { RequestError } from '@/lib/errors.ts';
import { CopyButton } from './copy-button.tsx';
import classes from './error-state.module.css';

/** In place of what could not be loaded: what happened, what to do, and the request id for whoever looks into it. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { title, advice } = explainError(error);
  const requestId = error instanceof RequestError ? error.requestId : undefined;
  return (
    <Stack className={classes.root} gap="sm" role="alert" align="flex-start">
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <IconAlertTriangle size={20} stroke={1.5} className={classes.icon} aria-hidden />
        <Stack gap={4}>
          <Text fw="var(--mantine-font-weight-bold)">{title}</Text>
          <Text c="dimmed">{advice}</Text>
        </Stack>
      </Group>
      <Group gap="sm">
        {onRetry && (
          <Button variant="default" size="xs" onClick={onRetry}>
            Try again
          </Button>
        )}
        {requestId !== undefined && (
          <Group gap={4}>
            <Text size="xs" c="dimmed">
              Request
            </Text>
            <Code>{requestId}</Code>
            <CopyButton value={requestId} label="Copy request id" />
          </Group>
        )}
      </Group>
    </Stack>
  );
}
