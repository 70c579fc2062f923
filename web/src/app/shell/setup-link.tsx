import { Text, Tooltip } from '@mantine/core';
import { IconChecklist } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { onboardingQueries } from '@/features/gateway/onboarding/onboarding-queries.ts';
import { countSteps } from '@/features/gateway/onboarding/step-of.ts';
import type { Organization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import classes from './menus.module.css';

type SetupLinkProps = { organization: Organization; isRail: boolean };

/** The way back into the first steps, until they are done or skipped. */
export function SetupLink({ organization, isRail }: SetupLinkProps) {
  const isOpen = organization.onboarding === 'open' && organization.canManage;
  const progress = useQuery({
    ...onboardingQueries.progress(organization.id),
    enabled: isOpen,
    refetchInterval: 10_000,
  }).data;
  if (!isOpen || !progress) return null;
  const { done, all } = countSteps(progress);
  if (done === all) return null;
  return (
    <Tooltip label="Finish setting up" position="right" disabled={!isRail}>
      <Link
        to={paths.onboarding}
        className={classes.setup}
        aria-label={isRail ? 'Finish setting up' : undefined}
      >
        <IconChecklist size={18} stroke={1.5} aria-hidden />
        {!isRail && (
          <>
            <span>Finish setting up</span>
            <Text span size="xs" c="dimmed" ml="auto">
              {done} of {all}
            </Text>
          </>
        )}
      </Link>
    </Tooltip>
  );
}
