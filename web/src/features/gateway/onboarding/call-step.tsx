import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { env } from '@/lib/supabase.ts';
import { KeySnippets } from '@/ui/key-snippets.tsx';
import { SecretField } from '@/ui/secret-field.tsx';
import { useLiveUsage } from '../spend/use-live-usage.ts';
import { ArrivedCall } from './arrived-call.tsx';
import classes from './onboarding-page.module.css';
import { type FirstCall, type Progress, onboardingQueries } from './onboarding-queries.ts';
import { StepHeading } from './step-heading.tsx';

type CallStepProps = {
  progress: Progress;
  /** Only right after it was made: it is shown this once. */
  proxyKey: string | undefined;
  onAnotherKey: () => void;
  onDone: () => Promise<void>;
};

export function CallStep({ progress, proxyKey, onAnotherKey, onDone }: CallStepProps) {
  const latestCall = useQuery(onboardingQueries.latestCall(useOrganization().id));
  useLiveUsage(() => latestCall.refetch());
  const latest = latestCall.data ?? null;
  const hasArrived = latest?.status === 'succeeded' || latest?.status === 'aborted';
  return (
    <Stack gap="lg">
      <div>
        <StepHeading title="Make the first call">
          {proxyKey === undefined
            ? 'Put your proxy key where it says so. Only its beginning is kept here; if you do not have it any more, create another.'
            : 'Copy the key now and keep it where you keep secrets: it is not shown again.'}
        </StepHeading>
        {proxyKey === undefined ? (
          <Anchor component="button" type="button" size="sm" onClick={onAnotherKey}>
            Create another key
          </Anchor>
        ) : (
          <SecretField label="Proxy key" value={proxyKey} />
        )}
      </div>
      <KeySnippets
        proxyUrl={env().proxyUrl}
        proxyKey={proxyKey ?? 'YOUR_PROXY_KEY'}
        {...snippetProvider(progress.provider)}
      />
      <output className={classes.waiting} data-arrived={hasArrived || undefined} aria-label="First call">
        {latest && hasArrived ? <ArrivedCall call={latest} /> : <Waiting latest={latest} />}
      </output>
      {hasArrived && (
        <Group justify="flex-end">
          <Button onClick={() => void onDone()}>Go to the overview</Button>
        </Group>
      )}
    </Stack>
  );
}

/** The snippets show a model of whoever will answer. */
function snippetProvider(provider: string | undefined): { provider?: 'anthropic' | 'moonshot' } {
  return provider === 'anthropic' || provider === 'moonshot' ? { provider } : {};
}

function Waiting({ latest }: { latest: FirstCall }) {
  return (
    <Group gap="sm" wrap="nowrap">
      <span className={classes.pulse} aria-hidden />
      <Stack gap={0}>
        <Text>Waiting for your first call…</Text>
        <Text size="sm" c="dimmed">
          {hint(latest)}
        </Text>
      </Stack>
    </Group>
  );
}

function hint(latest: FirstCall): string {
  if (!latest) return 'Run one of the snippets; the call appears here within two seconds.';
  if (latest.status === 'reserved') return `A call to ${latest.model} is on its way.`;
  return `A call to ${latest.model} came but was not answered (${latest.error_code ?? latest.status}). Try again.`;
}
