import { Anchor, Group, Pill } from '@mantine/core';
import { Link } from 'react-router';
import { isUuid } from '@/lib/is-uuid.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { useLedgerNames } from '../reports/use-ledger-names.ts';
import type { CallDetail } from './call-queries.ts';
import { Fact, FactList, Facts } from './facts.tsx';
import { usagePath } from './usage-filters.ts';

/** Whose call it was; each leads to that one's calls. */
export function CallAttribution({ call }: { call: CallDetail }) {
  const { slug } = useOrganization();
  const names = useLedgerNames();
  return (
    <Facts title="Attribution">
      <FactList>
        <Fact label="Project">
          <Anchor component={Link} to={paths.project(slug, call.project_id)} inherit>
            {names.project(call.project_id)}
          </Anchor>
        </Fact>
        <Fact label="Key">
          <Anchor component={Link} to={usagePath(slug, { keys: [call.proxy_key_id] })} inherit>
            {names.proxyKey(call.proxy_key_id)}
          </Anchor>
        </Fact>
        <Fact label="User">
          {call.user_id ? (
            <Anchor component={Link} to={usagePath(slug, { users: [call.user_id] })} inherit>
              {names.user(call.user_id)}
            </Anchor>
          ) : (
            'Not given'
          )}
        </Fact>
        <Fact label="Agent">
          {call.agent_id ? (
            <Anchor component={Link} to={usagePath(slug, { agents: [call.agent_id] })} inherit>
              {names.agent(call.agent_id)}
            </Anchor>
          ) : (
            'Not given'
          )}
        </Fact>
        <Fact label="Task">
          {call.task_id !== null && isUuid(call.task_id) ? (
            <Anchor component={Link} to={paths.task(slug, call.task_id)} inherit>
              {call.task_id}
            </Anchor>
          ) : (
            (call.task_id ?? 'Not given')
          )}
        </Fact>
        {call.tags.length > 0 && (
          <Fact label="Tags">
            <Group gap={4} justify="flex-end">
              {call.tags.map((tag) => (
                <Pill key={tag} size="sm">
                  {tag}
                </Pill>
              ))}
            </Group>
          </Fact>
        )}
      </FactList>
    </Facts>
  );
}
