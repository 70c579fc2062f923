import { Anchor, Group } from '@mantine/core';
import { Link } from 'react-router';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { TaskStatusBadge } from '@/ui/task-status.tsx';
import type { NoteTask } from './note-task-queries.ts';

/** Tasks that were made of one note, and how far they are. */
export function NoteTasks({ tasks }: { tasks: readonly NoteTask[] }) {
  const { slug } = useOrganization();
  return tasks.map((task) => (
    <Group key={task.id} gap={6} wrap="nowrap">
      <Anchor component={Link} to={paths.task(slug, task.id)} size="sm" maw={240} truncate underline="always">
        Task: {task.title}
      </Anchor>
      <TaskStatusBadge task={task} />
    </Group>
  ));
}
