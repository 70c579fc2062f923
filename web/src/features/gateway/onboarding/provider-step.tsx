import { Button, Divider, Stack, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { BlockSkeleton } from '@/ui/skeletons.tsx';
import { type Provider, credentialQueries } from '../credentials/credential-queries.ts';
import { enableSandbox } from '../credentials/credential-writes.ts';
import classes from './onboarding-page.module.css';
import { ProviderKeyForm } from './provider-key-form.tsx';
import { StepHeading } from './step-heading.tsx';

export function ProviderStep({ onDone }: { onDone: () => Promise<void> }) {
  const providers = useQuery(credentialQueries.providers());
  return (
    <>
      <StepHeading title="Choose who answers">
        Add the key of a provider. It is encrypted before it is stored, and nobody can read it again.
      </StepHeading>
      <AsyncView query={providers} skeleton={<BlockSkeleton height={260} label="Loading providers" />}>
        {(list) => <Choices list={list} onDone={onDone} />}
      </AsyncView>
    </>
  );
}

function Choices({
  list,
  onDone,
}: {
  list: { sandboxIsAvailable: boolean; providers: Provider[] };
  onDone: () => Promise<void>;
}) {
  return (
    <Stack gap="lg">
      <ProviderKeyForm providers={list.providers} onDone={onDone} />
      {list.sandboxIsAvailable && (
        <>
          <Divider label="or" />
          <SandboxChoice onDone={onDone} />
        </>
      )}
    </Stack>
  );
}

function SandboxChoice({ onDone }: { onDone: () => Promise<void> }) {
  const { id } = useOrganization();
  const enable = useMutation({
    mutationFn: () => enableSandbox(id),
    onSuccess: onDone,
  });
  return (
    <Stack gap="sm">
      <FormFailure error={enable.error} />
      <div className={classes.sandbox}>
        <Stack gap={0} flex="1 1 16rem">
          <Text fw="var(--mantine-font-weight-bold)">Try it without a key</Text>
          <Text size="sm" c="dimmed">
            The sandbox answers every model offline, with real token counts and prices. Add a provider any
            time.
          </Text>
        </Stack>
        <Button variant="default" loading={enable.isPending} onClick={() => enable.mutate()}>
          Use the sandbox
        </Button>
      </div>
    </Stack>
  );
}
