import { useState } from 'react';
import { Button, SegmentedControl, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconArchive, IconFolderPlus, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { EmptyState } from '@/ui/empty-state.tsx';
import { PageHeader } from '@/ui/page-header.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { PersonalKeys } from '../proxy-keys/personal-keys.tsx';
import { CreateProjectModal } from './project-modals.tsx';
import { type Project, projectQueries } from './project-queries.ts';
import { ProjectTable } from './project-table.tsx';

export function ProjectsPage() {
  const { id, canManage } = useOrganization();
  const [isCreating, creating] = useDisclosure(false);
  const projects = useQuery(projectQueries.list(id));
  return (
    <>
      <PageHeader
        title="Projects and keys"
        description="A project is an application that uses AI. Its keys call the proxy, and its calls are counted together."
        actions={
          canManage &&
          projects.data?.length !== 0 && (
            <Button leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />} onClick={creating.open}>
              Create project
            </Button>
          )
        }
      />
      <AsyncView query={projects} skeleton={<TableSkeleton rows={5} label="Loading projects" />}>
        {(data) =>
          data.length === 0 ? <NoProjects onCreate={creating.open} /> : <Projects projects={data} />
        }
      </AsyncView>
      <CreateProjectModal isOpen={isCreating} onClose={creating.close} />
    </>
  );
}

function Projects({ projects }: { projects: readonly Project[] }) {
  const { canManage } = useOrganization();
  const [shown, show] = useState('active');
  const archived = projects.filter(({ archived_at }) => archived_at !== null);
  const active = projects.filter(({ archived_at }) => archived_at === null);
  const rows = shown === 'archived' ? archived : active;
  return (
    <>
      {archived.length > 0 && (
        <SegmentedControl
          size="xs"
          mb="md"
          aria-label="Which projects"
          value={shown}
          onChange={show}
          data={[
            { value: 'active', label: `Active ${active.length}` },
            { value: 'archived', label: `Archived ${archived.length}` },
          ]}
        />
      )}
      {rows.length === 0 ? (
        <EmptyState icon={IconArchive} title={`No project is ${shown}.`} />
      ) : (
        <ProjectTable projects={rows} />
      )}
      {!canManage && (
        <Text size="sm" c="dimmed" mt="md">
          Owners and admins create projects and keys.
        </Text>
      )}
      <PersonalKeys />
    </>
  );
}

function NoProjects({ onCreate }: { onCreate: () => void }) {
  const { canManage } = useOrganization();
  return (
    <EmptyState
      icon={IconFolderPlus}
      title="Projects and their keys will be here."
      description={
        canManage
          ? 'Create one for each application, so that you see what each of them spends.'
          : 'An owner or admin creates them. With a key of a project you can make calls.'
      }
      action={canManage && <Button onClick={onCreate}>Create project</Button>}
    />
  );
}
