import { Button, Divider, Skeleton, Stack, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { unwrap } from '@/lib/errors.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { supabase } from '@/lib/supabase.ts';
import { AsyncView } from '@/ui/async-view.tsx';
import { type Provider, credentialQueries } from '../credentials/credential-queries.ts';
import classes from './onboarding-page.module.css';
import { ProviderKeyForm } from './provider-key-form.tsx';
import { StepFailure } from './step-failure.tsx';
import { StepHeading } from './step-heading.tsx';

export function ProviderStep({ onDone }: { onDone: () => Promise<void> }) {
  const providers = useQuery(credentialQueries.providers());
  return (
    <>
      <StepHeading title="Choose who answers">
        Add the key of a provider. It is encrypted before it is stored, and nobody can read it again.
      </StepHeading>
      <AsyncView query={providers} skeleton={<Skeleton height={260} aria-label="Loading providers" />}>
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
    mutationFn: async () => unwrap(await supabase().rpc('enable_sandbox', { organization_id: id })),
    onSuccess: onDone,
  });
  return (
    <Stack gap="sm">
      <StepFailure error={enable.error} />
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
