import { Menu } from '@mantine/core';
import { IconEraser } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { formatPlural } from '@/lib/numbers.ts';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import type { Project } from './project-queries.ts';
import { forgetCachedAnswers } from './project-writes.ts';

/** Loses nothing but savings: the next call of each kind is made again. */
export function EmptyCacheItem({ project }: { project: Project }) {
  const forget = useMutation({
    mutationFn: () => forgetCachedAnswers(project),
    onSuccess: (count) =>
      notifyDone(
        count === 0 ? 'No answers were cached.' : `${formatPlural(count, 'cached answer')} forgotten.`,
      ),
    onError: notifyError,
  });
  return (
    <Menu.Item
      leftSection={<IconEraser size={16} stroke={1.5} />}
      disabled={forget.isPending}
      onClick={() => forget.mutate()}
    >
      Empty the cache
    </Menu.Item>
  );
}
