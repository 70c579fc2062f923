import { ActionIcon, Menu } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconArchive, IconArchiveOff, IconDots, IconFileText, IconPencil } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { FreezeMenuItem } from '../freezes/freeze-menu-item.tsx';
import { FreezeModal } from '../freezes/freeze-modal.tsx';
import { BodyLoggingModal } from './body-logging-modal.tsx';
import { EmptyCacheItem } from './empty-cache-item.tsx';
import { RateLimitMenuItem } from '../rate-limits/rate-limit-menu-item.tsx';
import { RateLimitModal } from '../rate-limits/rate-limit-modal.tsx';
import { confirmArchiving, EditProjectModal } from './project-modals.tsx';
import { type Project, projectQueries } from './project-queries.ts';
import { archiveProject, restoreProject } from './project-writes.ts';

type ProjectMenuProps = {
  project: Project;
  /** Undefined until they are loaded. */
  activeKeys: number | undefined;
};

/** What else can be done with a project. */
export function ProjectMenu({ project, activeKeys }: ProjectMenuProps) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const [isEditing, editing] = useDisclosure(false);
  const [isLimiting, limiting] = useDisclosure(false);
  const [isLogging, logging] = useDisclosure(false);
  const [isFreezing, freezing] = useDisclosure(false);
  const freezable = { scope: 'project', id: project.id, name: project.name } as const;
  const isArchived = project.archived_at !== null;
  const toggle = useMutation({
    mutationFn: () => (isArchived ? restoreProject(project) : archiveProject(project)),
    onSuccess: () => notifyDone(`${project.name} was ${isArchived ? 'restored' : 'archived'}.`),
    onError: notifyError,
    onSettled: () => client.invalidateQueries({ queryKey: projectQueries.all(id) }),
  });
  return (
    <>
      <Menu position="bottom-end" width={200}>
        <Menu.Target>
          <ActionIcon
            variant="default"
            size={36}
            loading={toggle.isPending}
            aria-label={`Actions for ${project.name}`}
          >
            <IconDots size={18} stroke={1.5} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={16} stroke={1.5} />} onClick={editing.open}>
            Edit
          </Menu.Item>
          {!isArchived && <RateLimitMenuItem onClick={limiting.open} />}
          <Menu.Item leftSection={<IconFileText size={16} stroke={1.5} />} onClick={logging.open}>
            Log bodies
          </Menu.Item>
          <EmptyCacheItem project={project} />
          {!isArchived && <FreezeMenuItem of={freezable} onFreeze={freezing.open} />}
          {isArchived ? (
            <Menu.Item
              leftSection={<IconArchiveOff size={16} stroke={1.5} />}
              onClick={() => toggle.mutate()}
            >
              Restore
            </Menu.Item>
          ) : (
            <Menu.Item
              color="red"
              leftSection={<IconArchive size={16} stroke={1.5} />}
              onClick={() => confirmArchiving(project, activeKeys, toggle.mutate)}
            >
              Archive
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <EditProjectModal project={project} isOpen={isEditing} onClose={editing.close} />
      <RateLimitModal of={freezable} isOpen={isLimiting} onClose={limiting.close} />
      <BodyLoggingModal project={project} isOpen={isLogging} onClose={logging.close} />
      <FreezeModal of={freezable} isOpen={isFreezing} onClose={freezing.close} />
    </>
  );
}
