import { Code, Group, Text } from '@mantine/core';
import { CopyButton } from './copy-button.tsx';
import classes from './secret-field.module.css';

/** A secret that is shown this once, whole, with a button to copy it. */
export function SecretField({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <Text size="sm" fw="var(--mantine-font-weight-bold)" mb={4}>
        {label}
      </Text>
      <Group className={classes.field} wrap="nowrap" justify="space-between" gap="xs">
        <Code className={classes.value} aria-label={label}>
          {value}
        </Code>
        <CopyButton value={value} label={`Copy ${label.toLowerCase()}`} />
      </Group>
    </div>
  );
}
