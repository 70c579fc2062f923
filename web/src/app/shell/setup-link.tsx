import { Tooltip } from '@mantine/core';
import { IconChecklist } from '@tabler/icons-react';
import { Link } from 'react-router';
import type { Organization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import classes from './menus.module.css';

/** The way back into the first steps, until they are done or skipped. */
export function SetupLink({ organization, isRail }: { organization: Organization; isRail: boolean }) {
  if (organization.onboarding !== 'open' || !organization.canManage) return null;
  return (
    <Tooltip label="Finish setting up" position="right" disabled={!isRail}>
      <Link to={paths.onboarding} className={classes.setup} aria-label="Finish setting up">
        <IconChecklist size={18} stroke={1.5} aria-hidden />
        {!isRail && <span>Finish setting up</span>}
      </Link>
    </Tooltip>
  );
}
