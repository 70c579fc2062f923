import { ActionIcon, Anchor, Badge, Text, Title, Tooltip } from '@mantine/core';
import { IconClipboardPlus } from '@tabler/icons-react';
import { Link } from 'react-router';
import { formatUsd, isZeroUsd } from '@/lib/money.ts';
import { formatPlural } from '@/lib/numbers.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import type { ShownPerson } from './drawing/office-map.tsx';
import classes from './office.module.css';
import type { OfficeView, ViewedAgent } from './use-office-view.ts';

type OfficeListProps = {
  view: OfficeView;
  /** How many older tasks are open that nothing here tells of. */
  leftOut?: number;
  /** Absent in a replay, which knows nothing of people either. */
  onAssign?: ((agentId: string) => void) | undefined;
};

/** All that the floor plan shows, as text and in reading order; and all that can be done on it, by keyboard. */
export function OfficeList({ view, leftOut = 0, onAssign }: OfficeListProps) {
  return (
    <div className={classes.list}>
      <section aria-labelledby="office-agents">
        <Title order={2} id="office-agents" className={classes.listTitle}>
          Agents
        </Title>
        {view.agents.length === 0 && (
          <Text size="sm" c="dimmed">
            None yet.
          </Text>
        )}
        <ul className={classes.rows} aria-label="Agents">
          {view.agents.map((agent) => (
            <AgentRow key={agent.agent.id} agent={agent} onAssign={onAssign} />
          ))}
        </ul>
        {leftOut > 0 && <LeftOut count={leftOut} />}
      </section>
      {onAssign && <People view={view} />}
    </div>
  );
}

function LeftOut({ count }: { count: number }) {
  const { slug } = useOrganization();
  return (
    <Text size="xs" c="dimmed" mt={6}>
      {formatPlural(count, 'older task, open or failed, is', 'older tasks, open or failed, are')} not followed
      here.{' '}
      <Anchor component={Link} to={paths.tasks(slug)} inherit underline="always">
        See all tasks
      </Anchor>
    </Text>
  );
}

function People({ view }: { view: OfficeView }) {
  const absent = view.staff.people.length - view.people.length;
  return (
    <section aria-labelledby="office-people">
      <Title order={2} id="office-people" className={classes.listTitle}>
        People
      </Title>
      <ul className={classes.rows} aria-label="People">
        {view.people.map((person) => (
          <PersonRow key={person.person.userId} person={person} />
        ))}
      </ul>
      {absent > 0 && (
        <Text size="xs" c="dimmed" mt={6}>
          {absent === 1 ? 'One more is not here now.' : `${absent} more are not here now.`}
        </Text>
      )}
    </section>
  );
}

function AgentRow({
  agent: viewed,
  onAssign,
}: {
  agent: ViewedAgent;
  onAssign: OfficeListProps['onAssign'];
}) {
  const { slug } = useOrganization();
  const { agent, look, standing, words } = viewed;
  return (
    <li className={classes.row}>
      <span className={classes.swatch} style={{ background: look.color }} data-kind="agent" aria-hidden />
      <div className={classes.rowText}>
        <Link to={paths.officeAgent(slug, agent.id)} preventScrollReset className={classes.rowName}>
          {agent.name}
        </Link>
        <Text size="xs" c="dimmed" className={classes.words}>
          {words}
        </Text>
      </div>
      {standing.trouble && (
        <Badge size="sm" color={standing.trouble.kind === 'failed' ? 'red' : 'orange'}>
          {standing.trouble.kind === 'failed' ? 'Failed' : 'Blocked'}
        </Badge>
      )}
      {standing.task && !isZeroUsd(standing.task.costUsd) && (
        <span className={classes.cost}>{formatUsd(standing.task.costUsd)}</span>
      )}
      {onAssign && (
        <Tooltip label="Assign a task">
          <ActionIcon
            variant="subtle"
            color="gray"
            onClick={() => onAssign(agent.id)}
            aria-label={`Assign a task to ${agent.name}`}
          >
            <IconClipboardPlus size={18} stroke={1.5} />
          </ActionIcon>
        </Tooltip>
      )}
    </li>
  );
}

function PersonRow({ person: { person, look } }: { person: ShownPerson }) {
  const { slug } = useOrganization();
  return (
    <li className={classes.row}>
      <span className={classes.swatch} style={{ background: look.color }} aria-hidden />
      <div className={classes.rowText}>
        <Link to={paths.officePerson(slug, person.userId)} preventScrollReset className={classes.rowName}>
          {person.name}
          {look.isSelf && ' (you)'}
        </Link>
        <Text size="xs" c="dimmed">
          {look.isAway ? 'Away' : 'Active'} · {look.caption ?? 'Office'}
        </Text>
      </div>
    </li>
  );
}
