import { Stack, Text, Title } from '@mantine/core';
import { Link } from 'react-router';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { SideDrawer } from '@/ui/side-drawer.tsx';
import classes from '../office.module.css';
import type { OfficeView } from '../use-office-view.ts';

type PersonDrawerProps = { userId: string | undefined; view: OfficeView; onClose: () => void };

/** Who a person is, where in the app they are, and who waits at their door. */
export function PersonDrawer({ userId, view, onClose }: PersonDrawerProps) {
  const { slug } = useOrganization();
  const person = view.staff.people.find((each) => each.userId === userId);
  const shown = view.people.find((each) => each.person.userId === userId);
  const waiting = view.agents.filter(
    ({ standing }) => standing.task?.status === 'awaiting_approval' && standing.task.approverId === userId,
  );
  return (
    <SideDrawer title={person?.name ?? 'Person'} isOpen={userId !== undefined} onClose={onClose}>
      {person === undefined ? (
        <Text c="dimmed">This person is not a member any more.</Text>
      ) : (
        <Stack gap="lg">
          <Text>
            {shown
              ? `${shown.look.isAway ? 'Away' : 'Active'}, on ${shown.look.caption ?? 'the office'}`
              : 'Not here now'}
          </Text>
          <section aria-labelledby="office-waiting">
            <Title order={2} id="office-waiting">
              At the door
            </Title>
            {waiting.length === 0 ? (
              <Text c="dimmed">Nobody waits for an approval.</Text>
            ) : (
              <ul className={classes.rows}>
                {waiting.map(({ agent, standing }) => (
                  <li key={agent.id} className={classes.row}>
                    <div className={classes.rowText}>
                      <Link to={paths.officeAgent(slug, agent.id)} className={classes.rowName}>
                        {agent.name}
                      </Link>
                      <Text size="xs" c="dimmed">
                        {standing.task?.title}
                      </Text>
                    </div>
                  </li>
                ))}
              </ul>
            )}
          </section>
        </Stack>
      )}
    </SideDrawer>
  );
}
