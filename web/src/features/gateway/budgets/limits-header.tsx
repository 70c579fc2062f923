import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { PageHeader } from '@/ui/page-header.tsx';
import { FreezeEverythingButton } from '../freezes/freeze-everything-button.tsx';
import { FreezeNotice } from '../freezes/freeze-notice.tsx';
import classes from './limits-header.module.css';

type LimitsHeaderProps = {
  tab: 'Budgets' | 'Rate limits';
  description: string;
  /** What admins can do beside freezing. */
  action: ReactNode;
};

/** What stops calls stands together: what they may cost, how many there may be, and the switch for all of them. */
export function LimitsHeader({ tab, description, action }: LimitsHeaderProps) {
  const { id, slug, name, canManage } = useOrganization();
  return (
    <>
      <PageHeader
        title="Budgets and limits"
        documentTitle={tab}
        description={description}
        actions={
          canManage && (
            <>
              <FreezeEverythingButton />
              {action}
            </>
          )
        }
      />
      <FreezeNotice id={id} name={name} />
      <nav className={classes.tabs} aria-label="Budgets and limits">
        {(
          [
            ['Budgets', paths.budgets(slug)],
            ['Rate limits', paths.rateLimits(slug)],
          ] as const
        ).map(([label, to]) => (
          <Link
            key={label}
            to={to}
            className={classes.tab ?? ''}
            aria-current={label === tab ? 'page' : undefined}
          >
            {label}
          </Link>
        ))}
      </nav>
    </>
  );
}
