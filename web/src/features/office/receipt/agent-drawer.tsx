import { Button, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { formatUsd } from '@/lib/money.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { SideDrawer } from '@/ui/side-drawer.tsx';
import { type AgentTask, officeQueries } from '../office-queries.ts';
import classes from '../office.module.css';
import type { ViewedAgent } from '../use-office-view.ts';
import { TaskReceipt } from './task-receipt.tsx';

type AgentDrawerProps = {
  agentId: string | undefined;
  agents: readonly ViewedAgent[];
  nameOf: (personId: string) => string;
  onAssign: (agentId: string) => void;
  onClose: () => void;
};

/** What an agent is at: its steps as they are done, what they cost so far, and what one can do about it. */
export function AgentDrawer({ agentId, agents, nameOf, onAssign, onClose }: AgentDrawerProps) {
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
          <Group>
            <Button variant="default" onClick={() => onAssign(agent.agent.id)}>
              Assign a task
            </Button>
          </Group>
          <Tasks agentId={agent.agent.id} nameOf={nameOf} />
        </Stack>
      )}
    </SideDrawer>
  );
}

function Tasks({ agentId, nameOf }: { agentId: string; nameOf: (personId: string) => string }) {
  const { id } = useOrganization();
  return (
    <AsyncView
      query={useQuery(officeQueries.tasksOf(id, agentId))}
      skeleton={<Skeleton height={160} aria-label="Loading tasks" />}
    >
      {(tasks) => {
        const open = tasks
          .filter((task) => !isDone(task))
          .toSorted((one, other) => urgency(one) - urgency(other));
        const done = tasks.filter(isDone);
        return (
          <>
            {open.length === 0 && done.length === 0 && (
              <Text c="dimmed">Nothing was asked of this agent yet.</Text>
            )}
            {open.map((task) => (
              <TaskReceipt key={task.id} task={task} nameOf={nameOf} />
            ))}
            {done.length > 0 && <DoneTasks tasks={done} />}
          </>
        );
      }}
    </AsyncView>
  );
}

const isDone = ({ status }: AgentTask): boolean => status === 'completed' || status === 'cancelled';

const order = ['in_progress', 'awaiting_approval', 'failed', 'pending'];
const urgency = ({ status }: AgentTask): number => order.indexOf(status);

function DoneTasks({ tasks }: { tasks: readonly AgentTask[] }) {
  return (
    <section aria-labelledby="office-done">
      <Title order={2} id="office-done">
        Done lately
      </Title>
      <ul className={classes.rows}>
        {tasks.slice(0, 8).map((task) => (
          <li key={task.id} className={classes.row}>
            <div className={classes.rowText}>
              <Text size="sm" className={classes.words}>
                {task.title}
              </Text>
              <Text size="xs" c="dimmed">
                {task.status === 'completed' ? 'Completed' : 'Stopped'} <RelativeTime at={task.updated_at} />
              </Text>
            </div>
            <span className={classes.cost}>{formatUsd(task.cost_usd)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
