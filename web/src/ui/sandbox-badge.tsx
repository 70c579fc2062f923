import { Badge, Tooltip } from '@mantine/core';

/** Wherever the sandbox answers instead of a provider. */
export function SandboxBadge() {
  return (
    <Tooltip label="Answered by the built-in sandbox, not by a provider. Nothing is billed.">
      <Badge color="orange" variant="light">
        Sandbox
      </Badge>
    </Tooltip>
  );
}
