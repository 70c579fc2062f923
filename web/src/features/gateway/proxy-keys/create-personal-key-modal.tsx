import { useState } from 'react';
import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { projectQueries } from '../projects/project-queries.ts';
import { NewKeyModal } from './new-key-modal.tsx';
import { ProxyKeyForm } from './proxy-key-form.tsx';
import { mintPersonalKey, newProxyKey } from './proxy-key-writes.ts';

type CreatePersonalKeyModalProps = { isOpen: boolean; onClose: () => void };

/** A key for one's own calls, in a project that they are counted with. */
export function CreatePersonalKeyModal({ isOpen, onClose }: CreatePersonalKeyModalProps) {
  const { id, timeZone } = useOrganization();
  const { data = [] } = useQuery(projectQueries.list(id));
  const projects = data.filter(({ archived_at }) => archived_at === null);
  const [chosen, choose] = useState<string | null>(null);
  const projectId = chosen ?? projects[0]?.id ?? null;
  return (
    <NewKeyModal title="Create a personal key" isOpen={isOpen} onClose={onClose}>
      {(show) => (
        <ProxyKeyForm
          initial={newProxyKey}
          action="Create key"
          onCancel={onClose}
          onSave={async (values) => {
            if (projectId !== null)
              await show({ proxyKey: await mintPersonalKey(projectId, values, timeZone) });
          }}
        >
          <Select
            label="Project"
            description="Its calls are counted with this project, in your name."
            data={projects.map((project) => ({ value: project.id, label: project.name }))}
            value={projectId}
            onChange={choose}
            allowDeselect={false}
            searchable
          />
        </ProxyKeyForm>
      )}
    </NewKeyModal>
  );
}
