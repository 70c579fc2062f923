import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useNavigate, useParams } from 'react-router';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { PageHeader } from '@/ui/page-header.tsx';
import { AssignTaskModal } from './assign-task-modal.tsx';
import { TaskDrawer } from './task-drawer.tsx';
import { TaskFilterBar } from './task-filter-bar.tsx';
import { TaskList } from './task-list.tsx';
import { useLiveTasks } from './use-live-tasks.ts';
import { useTaskFilters } from './use-task-filters.ts';

/** What agents are to do, do and have done; the task in the address stands open in a drawer. */
export function TasksPage() {
  const { slug } = useOrganization();
  const { taskId } = useParams();
  const { query } = useTaskFilters();
  const navigate = useNavigate();
  const [isAssigning, assigning] = useDisclosure(false);
  const progress = useLiveTasks(taskId);
  return (
    <>
      <PageHeader
        title="Tasks"
        description="Assigned to an agent, a task is begun at once. Each step and what it costs shows while it happens."
        actions={
          <Button leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />} onClick={assigning.open}>
            New task
          </Button>
        }
      />
      <TaskFilterBar />
      <TaskList onAssign={assigning.open} />
      <TaskDrawer
        taskId={taskId}
        progress={progress}
        onClose={() => void navigate(`${paths.tasks(slug)}${query}`, { preventScrollReset: true })}
      />
      <AssignTaskModal isOpen={isAssigning} onClose={assigning.close} />
    </>
  );
}
