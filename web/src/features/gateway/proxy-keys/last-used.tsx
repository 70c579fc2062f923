import { Text } from '@mantine/core';
import { RelativeTime } from '@/ui/relative-time.tsx';

/** When a key was last used. Keys learn of their calls some seconds later than the reports do. */
export function LastUsed({ at, hasCalls }: { at: string | null; hasCalls: boolean }) {
  if (at !== null) return <RelativeTime at={at} />;
  if (hasCalls) return 'just now';
  return (
    <Text span inherit c="dimmed">
      Never
    </Text>
  );
}
