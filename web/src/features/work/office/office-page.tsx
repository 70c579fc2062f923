import { SegmentedControl, Skeleton } from '@mantine/core';
import { useSearchParams } from 'react-router';
import { AsyncView } from '@/ui/async-view.tsx';
import { PageHeader } from '@/ui/page-header.tsx';
import { LiveOfficeView } from './live-office-view.tsx';
import classes from './office.module.css';
import { ReplayOfficeView } from './replay/replay-office-view.tsx';
import { useOffice } from './use-office.ts';

/** The organization as a place: who is here, what the agents do, and yesterday once more. */
export function OfficePage() {
  const [search, setSearch] = useSearchParams();
  const { office, people } = useOffice();
  const isReplay = search.get('show') === 'yesterday';
  const choose = (value: string): void =>
    setSearch(value === 'yesterday' ? { show: 'yesterday' } : {}, {
      replace: true,
      preventScrollReset: true,
    });
  return (
    <>
      <PageHeader
        title="Office"
        actions={
          <SegmentedControl
            size="xs"
            aria-label="What is shown"
            value={isReplay ? 'yesterday' : 'now'}
            onChange={choose}
            data={[
              { value: 'now', label: 'Now' },
              { value: 'yesterday', label: 'Yesterday' },
            ]}
          />
        }
      />
      <AsyncView query={office} skeleton={<OfficeSkeleton />}>
        {(data) =>
          isReplay ? <ReplayOfficeView office={data} /> : <LiveOfficeView office={data} topic={people} />
        }
      </AsyncView>
    </>
  );
}

function OfficeSkeleton() {
  return (
    <div className={classes.layout} role="status" aria-label="Loading the office">
      <Skeleton className={classes.skeleton} />
      <Skeleton height={240} />
    </div>
  );
}
