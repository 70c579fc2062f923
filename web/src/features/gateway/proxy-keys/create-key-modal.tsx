import { useOrganization } from '@/lib/organization.tsx';
import type { Project } from '../projects/project-queries.ts';
import { NewKeyModal } from './new-key-modal.tsx';
import { ProxyKeyForm } from './proxy-key-form.tsx';
import { mintProxyKey, newProxyKey } from './proxy-key-writes.ts';

type CreateKeyModalProps = {
  project: Pick<Project, 'id' | 'name'>;
  isOpen: boolean;
  onClose: () => void;
};

export function CreateKeyModal({ project, isOpen, onClose }: CreateKeyModalProps) {
  const { timeZone } = useOrganization();
  return (
    <NewKeyModal title={`Create a key for ${project.name}`} isOpen={isOpen} onClose={onClose}>
      {(show) => (
        <ProxyKeyForm
          initial={newProxyKey}
          action="Create key"
          onCancel={onClose}
          onSave={async (values) => show({ proxyKey: await mintProxyKey(project.id, values, timeZone) })}
        />
      )}
    </NewKeyModal>
  );
}
