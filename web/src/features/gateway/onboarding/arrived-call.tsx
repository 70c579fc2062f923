import { Group, Stack, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { formatUsd } from '@/lib/money.ts';
import { formatCount, formatLatency } from '@/lib/numbers.ts';
import { SandboxBadge } from '@/ui/sandbox-badge.tsx';
import classes from './onboarding-page.module.css';
import type { FirstCall } from './onboarding-queries.ts';

export function ArrivedCall({ call }: { call: NonNullable<FirstCall> }) {
  const facts = [
    { label: 'Model', value: call.model },
    { label: 'Tokens in', value: formatCount(call.input_tokens) },
    { label: 'Tokens out', value: formatCount(call.output_tokens) },
    { label: 'Cost', value: call.cost_usd === null ? 'No price' : formatUsd(call.cost_usd) },
    { label: 'Latency', value: call.latency_ms === null ? '—' : formatLatency(call.latency_ms) },
  ];
  return (
    <Stack gap="md">
      <Group gap="sm">
        <IconCircleCheck size={20} stroke={1.5} color="var(--mantine-color-teal-7)" aria-hidden />
        <Text fw="var(--mantine-font-weight-bold)">There it is</Text>
        {call.is_sandbox && <SandboxBadge />}
      </Group>
      <dl className={classes.facts}>
        {facts.map(({ label, value }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Stack>
  );
}
