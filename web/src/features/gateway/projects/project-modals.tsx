import { Modal, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useNavigate } from 'react-router';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { ProjectForm } from './project-form.tsx';
import type { Project } from './project-queries.ts';
import { changeProject, createProject } from './project-writes.ts';

type CreateProjectModalProps = { isOpen: boolean; onClose: () => void };

/** Leads to the new project, where its first key is made. */
export function CreateProjectModal({ isOpen, onClose }: CreateProjectModalProps) {
  const { id, slug } = useOrganization();
  const navigate = useNavigate();
  return (
    <Modal opened={isOpen} onClose={onClose} title="Create a project">
      <ProjectForm
        initial={{ name: '', description: '' }}
        action="Create project"
        onCancel={onClose}
        onSave={async (values) => {
          const projectId = await createProject(id, values);
          await navigate(paths.project(slug, projectId));
        }}
      />
    </Modal>
  );
}

type EditProjectModalProps = { project: Project; isOpen: boolean; onClose: () => void };

export function EditProjectModal({ project, isOpen, onClose }: EditProjectModalProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title="Edit project">
      <ProjectForm
        initial={{ name: project.name, description: project.description }}
        action="Save"
        onCancel={onClose}
        onSave={async (values) => {
          await changeProject(project, values);
          onClose();
        }}
      />
    </Modal>
  );
}

/** @param activeKeys undefined where it is not known how many there are */
export function confirmArchiving(
  project: Project,
  activeKeys: number | undefined,
  onConfirm: () => void,
): void {
  const keys = activeKeys === 1 ? 'key' : activeKeys === undefined ? 'keys' : `${activeKeys} keys`;
  modals.openConfirmModal({
    title: `Archive ${project.name}?`,
    children: (
      <Text>
        {activeKeys === 0
          ? 'No new keys can be made for it.'
          : `Calls with its ${keys} are refused from now on.`}{' '}
        Its calls stay in Usage and in every report, and it can be restored.
      </Text>
    ),
    labels: { confirm: 'Archive project', cancel: 'Cancel' },
    confirmProps: { color: 'red' },
    onConfirm,
  });
}
