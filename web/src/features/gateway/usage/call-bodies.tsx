import { Code, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { formatCount } from '@/lib/numbers.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { CopyButton } from '@/ui/copy-button.tsx';
import { callBodiesQuery } from './call-bodies-query.ts';
import type { CallDetail } from './call-queries.ts';
import classes from './call-drawer.module.css';
import { Facts } from './facts.tsx';

/** What was said and answered, for admins, where the project kept it. */
export function CallBodies({ call }: { call: Pick<CallDetail, 'id' | 'settled_at'> }) {
  const { id, canManage } = useOrganization();
  const { data: bodies } = useQuery({
    ...callBodiesQuery(id, call.id),
    enabled: canManage,
    // They follow the settlement, a moment later.
    refetchInterval: ({ state }) => (state.data === null && isFresh(call) ? 1_000 : false),
  });
  if (!bodies) return null;
  return (
    <Facts title={bodies.logging === 'redacted' ? 'Bodies, redacted' : 'Bodies'}>
      <Stack gap="md">
        <Body label="Request" text={bodies.request} bytes={bodies.request_bytes} />
        <Body label="Answer" text={bodies.response} bytes={bodies.response_bytes} />
      </Stack>
    </Facts>
  );
}

const isFresh = ({ settled_at }: Pick<CallDetail, 'settled_at'>): boolean =>
  settled_at === null || Date.now() - Date.parse(settled_at) < 10_000;

function Body({ label, text, bytes }: { label: string; text: string | null; bytes: number }) {
  const size = `${formatCount(bytes)} bytes`;
  if (text === null) {
    return (
      <Text size="sm" c="dimmed">
        {label}: {bytes === 0 ? 'there was none.' : `${size}, too long to be redacted, or no text.`}
      </Text>
    );
  }
  const shown = indent(text);
  return (
    <div>
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {label}, {size}
          {text.length === keptCharacters ? ', cut' : ''}
        </Text>
        <CopyButton value={shown} label={`Copy ${label.toLowerCase()}`} />
      </Group>
      {/* Focusable, so that a keyboard can scroll what does not fit. */}
      <Code block mt={4} mah={320} tabIndex={0} aria-label={label} className={classes.body}>
        {shown}
      </Code>
    </div>
  );
}

const keptCharacters = 65_536;

function indent(text: string): string {
  try {
    const parsed: unknown = JSON.parse(text);
    return JSON.stringify(parsed, null, 2);
  } catch {
    return text;
  }
}
