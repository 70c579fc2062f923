import { Modal } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { notifyDone } from '@/ui/notify.ts';
import { ModelAliasForm } from './model-alias-form.tsx';
import { type ModelAlias, modelAliasQueries } from './model-alias-queries.ts';
import { changeModelAlias, createModelAlias } from './model-alias-writes.ts';

type ModelAliasModalProps = {
  /** None to create one. */
  modelAlias?: ModelAlias;
  isOpen: boolean;
  onClose: () => void;
};

export function ModelAliasModal({ modelAlias, isOpen, onClose }: ModelAliasModalProps) {
  const { id } = useOrganization();
  const client = useQueryClient();
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={modelAlias ? `Edit ${modelAlias.name}` : 'Create a model alias'}
    >
      <ModelAliasForm
        initial={{ name: modelAlias?.name ?? '', targets: modelAlias?.targets ?? [] }}
        action={modelAlias ? 'Save' : 'Create alias'}
        onCancel={onClose}
        onSave={async (values) => {
          await (modelAlias ? changeModelAlias(modelAlias.id, values) : createModelAlias(id, values));
          await client.invalidateQueries({ queryKey: modelAliasQueries.all(id) });
          notifyDone(`${values.name} means this from the next call on.`);
          onClose();
        }}
      />
    </Modal>
  );
}
