import { Stack, Text, Title } from '@mantine/core';

export function StepHeading({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Stack gap={4} mb="lg">
      <Title order={1}>{title}</Title>
      <Text c="dimmed">{children}</Text>
    </Stack>
  );
}
