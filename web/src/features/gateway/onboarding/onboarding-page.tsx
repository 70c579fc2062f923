import { useState } from 'react';
import { Anchor, Button, Group, Text } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { AsyncView } from '@/ui/async-view.tsx';
import { BlockSkeleton } from '@/ui/skeletons.tsx';
import { CallStep } from './call-step.tsx';
import { KeyStep } from './key-step.tsx';
import classes from './onboarding-page.module.css';
import { type Progress, onboardingQueries } from './onboarding-queries.ts';
import { ProjectStep } from './project-step.tsx';
import { ProviderStep } from './provider-step.tsx';
import { StepList } from './step-list.tsx';
import { stepOf } from './step-of.ts';

type OnboardingPageProps = { onFinish: (outcome: 'done' | 'skipped') => Promise<void> };

/** From nothing to the first call. Where one is follows from what is there, so it can be left and resumed. */
export function OnboardingPage({ onFinish }: OnboardingPageProps) {
  useDocumentTitle('Set up · Kreative HQ');
  const organization = useOrganization();
  const progress = useQuery(onboardingQueries.progress(organization.id));
  return (
    <div className={classes.root}>
      <header className={classes.header}>
        <Group gap={10} wrap="nowrap" miw={0}>
          <img src="/favicon.svg" alt="" width={28} height={28} />
          <Text fw="var(--mantine-font-weight-bold)" truncate>
            {organization.name}
          </Text>
        </Group>
        <Group gap="md" wrap="nowrap" flex="none">
          <Anchor component={Link} to={paths.overview(organization.slug)} size="sm" c="dimmed">
            Finish later
          </Anchor>
          <Button variant="default" size="xs" onClick={() => void onFinish('skipped')}>
            Skip setup
          </Button>
        </Group>
      </header>
      <main className={classes.main}>
        <AsyncView query={progress} skeleton={<BlockSkeleton height={360} />}>
          {(facts) => <Steps progress={facts} onDone={() => onFinish('done')} />}
        </AsyncView>
      </main>
    </div>
  );
}

function Steps({ progress, onDone }: { progress: Progress; onDone: () => Promise<void> }) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const [proxyKey, setProxyKey] = useState<string>();
  // Asking for a further key leads back from the last step.
  const [wantsKey, setWantsKey] = useState(false);
  const advance = () => client.invalidateQueries({ queryKey: ['gateway', id] });
  const step = wantsKey && progress.project ? 'key' : stepOf(progress);
  const keepKey = async (key: string): Promise<void> => {
    setProxyKey(key);
    setWantsKey(false);
    await advance();
  };
  return (
    <div className={classes.columns}>
      <StepList current={step} />
      <div className={classes.step}>
        {step === 'provider' && <ProviderStep onDone={advance} />}
        {step === 'project' && <ProjectStep onDone={advance} />}
        {step === 'key' && progress.project && <KeyStep project={progress.project} onDone={keepKey} />}
        {step === 'call' && (
          <CallStep
            progress={progress}
            proxyKey={proxyKey}
            onAnotherKey={() => setWantsKey(true)}
            onDone={onDone}
          />
        )}
      </div>
    </div>
  );
}
