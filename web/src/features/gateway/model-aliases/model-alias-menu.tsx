import { Menu, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconPencil, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { RowMenu } from '@/ui/row-menu.tsx';
import { type ModelAlias, modelAliasQueries } from './model-alias-queries.ts';
import { deleteModelAlias } from './model-alias-writes.ts';

type ModelAliasMenuProps = { modelAlias: ModelAlias; onEdit: () => void };

export function ModelAliasMenu({ modelAlias, onEdit }: ModelAliasMenuProps) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteModelAlias(modelAlias.id),
    onSuccess: () => notifyDone(`${modelAlias.name} was deleted.`),
    onError: notifyError,
    onSettled: () => client.invalidateQueries({ queryKey: modelAliasQueries.all(id) }),
  });
  return (
    <RowMenu of={modelAlias.name} isPending={remove.isPending}>
      <Menu.Item leftSection={<IconPencil size={16} stroke={1.5} />} onClick={onEdit}>
        Edit
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item
        color="red"
        leftSection={<IconTrash size={16} stroke={1.5} />}
        onClick={() => confirmDeleting(modelAlias.name, () => remove.mutate())}
      >
        Delete
      </Menu.Item>
    </RowMenu>
  );
}

function confirmDeleting(name: string, onConfirm: () => void): void {
  modals.openConfirmModal({
    title: `Delete ${name}?`,
    children: (
      <Text>
        From the next call on, {name} means nothing any more, or the model that is called so. Calls made until
        then keep it in Usage.
      </Text>
    ),
    labels: { confirm: 'Delete alias', cancel: 'Cancel' },
    confirmProps: { color: 'red' },
    onConfirm,
  });
}
