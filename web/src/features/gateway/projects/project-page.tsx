import { useState } from 'react';
import { Alert, Anchor, Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconArrowLeft, IconKey, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { formatUsd } from '@/lib/money.ts';
import { formatCount } from '@/lib/numbers.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { AsyncView } from '@/ui/async-view.tsx';
import { EmptyState } from '@/ui/empty-state.tsx';
import { PageHeader } from '@/ui/page-header.tsx';
import { PageSkeleton, TableSkeleton } from '@/ui/skeletons.tsx';
import { FreezeNotice } from '../freezes/freeze-notice.tsx';
import { CreateKeyModal } from '../proxy-keys/create-key-modal.tsx';
import { ProxyKeyTable } from '../proxy-keys/proxy-key-table.tsx';
import { proxyKeyQueries, stateOfKey } from '../proxy-keys/proxy-key-queries.ts';
import { usagePath } from '../usage/usage-filters.ts';
import { ProjectMenu } from './project-menu.tsx';
import { type Project, projectQueries } from './project-queries.ts';
import classes from './projects.module.css';
import { useMonthSpend } from '../spend/use-month-spend.ts';

export function ProjectPage() {
  const { id, slug } = useOrganization();
  const { projectId } = useParams();
  return (
    <>
      <Link to={paths.projects(slug)} className={classes.back ?? ''}>
        <IconArrowLeft size={16} stroke={1.5} aria-hidden />
        Projects and keys
      </Link>
      <AsyncView query={useQuery(projectQueries.list(id))} skeleton={<PageSkeleton />}>
        {(projects) => {
          const project = projects.find((each) => each.id === projectId);
          return project ? <Loaded key={project.id} project={project} /> : <Missing />;
        }}
      </AsyncView>
    </>
  );
}

function Loaded({ project }: { project: Project }) {
  const { id, canManage } = useOrganization();
  const [isCreating, creating] = useDisclosure(false);
  const proxyKeys = useQuery(proxyKeyQueries.watched(id));
  const own = proxyKeys.data?.filter(({ project_id }) => project_id === project.id);
  const isArchived = project.archived_at !== null;
  return (
    <>
      <PageHeader
        title={project.name}
        description={project.description === '' ? undefined : project.description}
        actions={
          canManage && (
            <>
              <ProjectMenu
                project={project}
                activeKeys={own?.filter((key) => stateOfKey(key) === 'active').length}
              />
              {!isArchived && (
                <Button leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />} onClick={creating.open}>
                  Create key
                </Button>
              )}
            </>
          )
        }
      />
      {isArchived && (
        <Alert color="gray" mb="lg" title="This project is archived">
          Calls with its keys are refused. Everything that was counted stays.
        </Alert>
      )}
      <FreezeNotice id={project.id} name={project.name} />
      <Figures project={project} />
      <AsyncView query={proxyKeys} skeleton={<TableSkeleton rows={3} label="Loading keys" />}>
        {() =>
          own === undefined || own.length === 0 ? (
            <NoKeys canCreate={canManage && !isArchived} onCreate={creating.open} />
          ) : (
            <Keys proxyKeys={own} isArchived={isArchived} />
          )
        }
      </AsyncView>
      <CreateKeyModal project={project} isOpen={isCreating} onClose={creating.close} />
    </>
  );
}

function Keys({
  proxyKeys,
  isArchived,
}: {
  proxyKeys: Parameters<typeof ProxyKeyTable>[0]['proxyKeys'];
  isArchived: boolean;
}) {
  const [showsRevoked, showRevoked] = useState(isArchived);
  const revoked = proxyKeys.filter((key) => stateOfKey(key) === 'revoked');
  const current = proxyKeys.filter((key) => stateOfKey(key) !== 'revoked');
  return (
    <>
      <ProxyKeyTable proxyKeys={showsRevoked ? [...current, ...revoked] : current} />
      {revoked.length > 0 && (
        <Button size="xs" variant="subtle" color="gray" mt="sm" onClick={() => showRevoked(!showsRevoked)}>
          {showsRevoked ? 'Hide revoked keys' : `Show ${formatCount(revoked.length)} revoked`}
        </Button>
      )}
    </>
  );
}

function Figures({ project }: { project: Project }) {
  const { slug } = useOrganization();
  const month = useMonthSpend('project')?.(project.id);
  return (
    <dl className={classes.figures}>
      <div>
        <dt>Spend this month</dt>
        <dd>{month ? formatUsd(month.costUsd) : '…'}</dd>
      </div>
      <div>
        <dt>Calls this month</dt>
        <dd>{month ? formatCount(month.calls) : '…'}</dd>
      </div>
      <div>
        <dt>All calls</dt>
        <dd>
          <Anchor component={Link} to={usagePath(slug, { projects: [project.id] })} fz="sm">
            See them in Usage
          </Anchor>
        </dd>
      </div>
    </dl>
  );
}

function NoKeys({ canCreate, onCreate }: { canCreate: boolean; onCreate: () => void }) {
  return (
    <EmptyState
      icon={IconKey}
      title="This project has no key yet."
      description={
        canCreate
          ? 'A key lets an application call AI through this project. It is shown once, when it is made.'
          : 'An owner or admin creates keys.'
      }
      action={canCreate && <Button onClick={onCreate}>Create key</Button>}
    />
  );
}

function Missing() {
  const { slug } = useOrganization();
  return (
    <EmptyState
      icon={IconKey}
      title="This project is not there."
      description="The address may be mistyped, or belong to another organization."
      action={
        <Button component={Link} to={paths.projects(slug)} variant="default">
          All projects
        </Button>
      }
    />
  );
}
