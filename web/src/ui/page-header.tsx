import type { ReactNode } from 'react';
import { Group, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';

type PageHeaderProps = {
  /** The noun, as in the menu and the address; also the browser tab's title unless `documentTitle` says more. */
  title: ReactNode;
  documentTitle?: string;
  description?: ReactNode;
  /** Buttons on the right; at most one of them filled. */
  actions?: ReactNode;
};

export function PageHeader({ title, documentTitle, description, actions }: PageHeaderProps) {
  const tabTitle = documentTitle ?? (typeof title === 'string' ? title : undefined);
  useDocumentTitle(tabTitle === undefined ? 'Kreative HQ' : `${tabTitle} · Kreative HQ`);
  return (
    <Group component="header" justify="space-between" align="flex-start" gap="md" mb="lg">
      <Stack gap={4} miw={0} flex="1 1 16rem">
        <Title order={1}>{title}</Title>
        {description !== undefined && (
          <Text c="dimmed" maw="42rem">
            {description}
          </Text>
        )}
      </Stack>
      {actions !== undefined && <Group gap="xs">{actions}</Group>}
    </Group>
  );
}
