import { Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { SandboxBadge } from '@/ui/sandbox-badge.tsx';
import { type Credential, credentialQueries } from './credential-queries.ts';
import classes from './credentials.module.css';
import { changeCredential, enableSandbox } from './credential-writes.ts';
import { providerLabel } from './provider-label.ts';
import { useCredentialMutation } from './use-credential-mutation.ts';

type SandboxPanelProps = {
  sandbox: Credential | undefined;
  /** The providers that have no active credential of their own. */
  covers: readonly string[];
};

/** Turning the sandbox on and off, and what it is doing. */
export function SandboxPanel({ sandbox, covers }: SandboxPanelProps) {
  const { id, canManage } = useOrganization();
  const { data: installation } = useQuery(credentialQueries.providers());
  const enable = useCredentialMutation({
    run: () => enableSandbox(id),
    done: () => 'The sandbox is on.',
  });
  const disable = useCredentialMutation({
    run: (credential: Credential) => changeCredential(credential, { is_active: false }),
    done: () => 'The sandbox is off.',
  });
  const isOn = sandbox?.is_active ?? false;
  const isUnavailable = installation?.sandboxIsAvailable === false;
  return (
    <Group className={classes.sandbox} justify="space-between" gap="md">
      <Stack gap={4} flex="1 1 20rem" miw={0}>
        <Group gap="xs">
          <Text fw="var(--mantine-font-weight-bold)">{isOn ? 'On' : 'Off'}</Text>
          {isOn && <SandboxBadge />}
        </Group>
        <Text size="sm" c="dimmed" maw="44rem">
          {describe(isOn, isUnavailable, covers)}
        </Text>
      </Stack>
      {canManage && isOn && sandbox && (
        <Button variant="default" loading={disable.isPending} onClick={() => disable.mutate(sandbox)}>
          Turn off
        </Button>
      )}
      {canManage && !isOn && !isUnavailable && (
        <Button variant="default" loading={enable.isPending} onClick={() => enable.mutate()}>
          Use the sandbox
        </Button>
      )}
    </Group>
  );
}

function describe(isOn: boolean, isUnavailable: boolean, covers: readonly string[]): string {
  if (isUnavailable) return 'This installation runs no sandbox.';
  const nature =
    'It answers offline with made-up text, at realistic pace and with token counts. Nothing is billed.';
  if (covers.length === 0) {
    return isOn
      ? `Every provider has an active credential, so the sandbox is not asked. ${nature}`
      : `A stand-in for providers without a credential. ${nature}`;
  }
  const names = new Intl.ListFormat('en').format(covers.map(providerLabel));
  return isOn
    ? `Answers calls to ${names}, which have no active credential. ${nature}`
    : `Would answer calls to ${names}. ${nature}`;
}
