import { Button, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { formatUsd } from '@/lib/money.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { AsyncView } from '@/ui/async-view.tsx';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { SideDrawer } from '@/ui/side-drawer.tsx';
import { TaskStatusBadge } from '@/ui/task-status.tsx';
import { BlockSkeleton } from '@/ui/skeletons.tsx';
import { TaskReceipt } from '../../tasks/task-drawer.tsx';
import { useLiveTasks } from '../../tasks/use-live-tasks.ts';
import { type AgentTask, officeQueries } from '../office-queries.ts';
import classes from '../office.module.css';
import type { ViewedAgent } from '../use-office-view.ts';

type AgentDrawerProps = {
  agentId: string | undefined;
  agents: readonly ViewedAgent[];
  onAssign: (agentId: string) => void;
  onClose: () => void;
};

/** What an agent is at: the receipt of its task as it is worked on, and what else it has to do and did lately. */
export function AgentDrawer({ agentId, agents, onAssign, onClose }: AgentDrawerProps) {
  const agent = agents.find((each) => each.agent.id === agentId);
  return (
    <SideDrawer title={agent?.agent.name ?? 'Agent'} isOpen={agentId !== undefined} onClose={onClose}>
      {agent === undefined ? (
        <Text c="dimmed">This agent does not work here any more.</Text>
      ) : (
        <Stack gap="lg" pb="xl">
          <Stack gap={4}>
            <Text>{agent.words}</Text>
            <Text size="sm" c="dimmed">
              {[agent.agent.role, agent.agent.model].filter(Boolean).join(' · ')}
            </Text>
          </Stack>
          <Button variant="default" w="fit-content" onClick={() => onAssign(agent.agent.id)}>
            Assign a task
          </Button>
          <Tasks
            agentId={agent.agent.id}
            taskId={agent.standing.task?.id ?? agent.standing.trouble?.task.id}
          />
        </Stack>
      )}
    </SideDrawer>
  );
}

function Tasks({ agentId, taskId }: { agentId: string; taskId: string | undefined }) {
  const { id } = useOrganization();
  const progress = useLiveTasks(taskId);
  return (
    <>
      {taskId !== undefined && <TaskReceipt key={taskId} taskId={taskId} progress={progress} />}
      <AsyncView
        query={useQuery(officeQueries.tasksOf(id, agentId))}
        skeleton={<BlockSkeleton height={120} label="Loading tasks" />}
      >
        {(tasks) => {
          const others = tasks.filter((task) => task.id !== taskId);
          if (others.length === 0 && taskId === undefined)
            return <Text c="dimmed">Nothing was asked of this agent yet.</Text>;
          return others.length > 0 && <OtherTasks tasks={others} />;
        }}
      </AsyncView>
    </>
  );
}

function OtherTasks({ tasks }: { tasks: readonly AgentTask[] }) {
  const { slug } = useOrganization();
  return (
    <section aria-labelledby="office-other-tasks">
      <Title order={3} id="office-other-tasks">
        Other tasks
      </Title>
      <ul className={classes.rows}>
        {tasks.map((task) => (
          <li key={task.id} className={classes.row}>
            <div className={classes.rowText}>
              <Link to={paths.task(slug, task.id)} className={classes.rowName}>
                {task.title}
              </Link>
              <Text size="xs" c="dimmed">
                <RelativeTime at={task.updated_at} />
              </Text>
            </div>
            <TaskStatusBadge task={task} />
            <span className={classes.cost}>{formatUsd(task.cost_usd)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
