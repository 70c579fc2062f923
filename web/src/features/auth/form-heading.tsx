import type { ReactNode } from 'react';
import { Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';

export function FormHeading({ title, children }: { title: string; children?: ReactNode }) {
  useDocumentTitle(`${title} · Kreative HQ`);
  return (
    <Stack gap={4} mb="lg">
      <Title order={1}>{title}</Title>
      {children !== undefined && <Text c="dimmed">{children}</Text>}
    </Stack>
  );
}
