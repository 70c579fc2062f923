import { useEffect, useRef, useState } from 'react';
import { Button, Center, Text } from '@mantine/core';
import { IconActivity, IconArrowUp, IconFilterOff } from '@tabler/icons-react';
import { Link } from 'react-router';
import { formatCount, formatPlural } from '@/lib/numbers.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { EmptyState } from '@/ui/empty-state.tsx';
import { ErrorState } from '@/ui/error-state.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { HistoryNote } from '../history/history-note.tsx';
import { useHistoryStart } from '../history/use-history-start.ts';
import classes from './call-list.module.css';
import type { CallScope } from './call-queries.ts';
import { CallTable } from './call-table.tsx';
import { isFiltered, toSearch } from './usage-filters.ts';
import { useLiveCalls } from './use-live-calls.ts';

/** The ledger under the filters, newest first. New calls come in on top, unless the reader is further down. */
export function CallList({ scope }: { scope: CallScope }) {
  const top = useRef<HTMLDivElement>(null);
  const isAtTop = useIsVisible(top);
  const historyStartsAt = useHistoryStart();
  const { pages, calls, waiting, hasGap, showNewest } = useLiveCalls(scope, !isAtTop);
  const goToTop = async (): Promise<void> => {
    await showNewest();
    top.current?.scrollIntoView({ block: 'end' });
  };
  return (
    <>
      <div ref={top} />
      {(waiting > 0 || hasGap) && (
        <div className={classes.waiting}>
          <Button
            size="xs"
            radius="xl"
            leftSection={<IconArrowUp size={14} stroke={1.5} aria-hidden />}
            onClick={() => void goToTop()}
          >
            {hasGap ? 'Many new calls' : `${formatPlural(waiting, 'new call')}`}
          </Button>
        </div>
      )}
      {pages.isPending && <TableSkeleton rows={12} label="Loading calls" />}
      {pages.isError && calls.length === 0 && (
        <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />
      )}
      {pages.isSuccess && calls.length === 0 && <NoCalls scope={scope} />}
      {calls.length > 0 && <CallTable calls={calls} search={toSearch(scope.filters)} />}
      {calls.length > 0 && (
        <Center mt="md">
          {pages.isFetchNextPageError ? (
            <ErrorState error={pages.error} onRetry={() => void pages.fetchNextPage()} />
          ) : pages.hasNextPage ? (
            <Button
              variant="default"
              onClick={() => void pages.fetchNextPage()}
              loading={pages.isFetchingNextPage}
            >
              Load more
            </Button>
          ) : (
            <Text size="sm" c="dimmed">
              {calls.length === 1
                ? 'This is the only call.'
                : `All ${formatCount(calls.length)} calls are shown.`}
            </Text>
          )}
        </Center>
      )}
      {pages.isSuccess && !pages.hasNextPage && (
        <Center mt="xs">
          <HistoryNote historyStartsAt={historyStartsAt} />
        </Center>
      )}
    </>
  );
}

function NoCalls({ scope }: { scope: CallScope }) {
  const { slug } = useOrganization();
  if (isFiltered(scope.filters)) {
    return (
      <EmptyState
        icon={IconFilterOff}
        title="No call matches these filters."
        action={
          <Button component={Link} to={paths.usage(slug)} variant="default">
            Clear filters
          </Button>
        }
      />
    );
  }
  return (
    <EmptyState
      icon={IconActivity}
      title="Calls will be listed here as they are made."
      description="Use one of your keys with any OpenAI or Anthropic client: its first call appears within two seconds."
      action={
        <Button component={Link} to={paths.projects(slug)}>
          Open projects and keys
        </Button>
      }
    />
  );
}

function useIsVisible(target: { current: Element | null }): boolean {
  const [isVisible, setVisible] = useState(true);
  useEffect(() => {
    if (!target.current) return undefined;
    const observer = new IntersectionObserver(([entry]) => setVisible(entry?.isIntersecting ?? true));
    observer.observe(target.current);
    return () => observer.disconnect();
  }, [target]);
  return isVisible;
}
