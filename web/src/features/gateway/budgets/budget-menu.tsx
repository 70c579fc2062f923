import { Menu, Modal, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { modals } from '@mantine/modals';
import { IconPencil, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { RowMenu } from '@/ui/row-menu.tsx';
import { BudgetLimitForm } from './budget-limit-form.tsx';
import { type Budget, budgetQueries } from './budget-queries.ts';
import { changeBudget, deleteBudget } from './budget-writes.ts';

type BudgetMenuProps = { budget: Budget; name: string };

export function BudgetMenu({ budget, name }: BudgetMenuProps) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const [isEditing, editing] = useDisclosure(false);
  const refresh = () => client.invalidateQueries({ queryKey: budgetQueries.all(id) });
  const remove = useMutation({
    mutationFn: () => deleteBudget(budget.id),
    onSuccess: () => notifyDone(`The budget of ${name} was deleted.`),
    onError: notifyError,
    onSettled: refresh,
  });
  return (
    <>
      <RowMenu of={`the budget of ${name}`} isPending={remove.isPending}>
        <Menu.Item leftSection={<IconPencil size={16} stroke={1.5} />} onClick={editing.open}>
          Change limit
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          color="red"
          leftSection={<IconTrash size={16} stroke={1.5} />}
          onClick={() => confirmDeleting(name, () => remove.mutate())}
        >
          Delete
        </Menu.Item>
      </RowMenu>
      <Modal opened={isEditing} onClose={editing.close} title={`Change the budget of ${name}`}>
        <BudgetLimitForm
          budget={budget}
          onCancel={editing.close}
          onSave={async (limit) => {
            await changeBudget(budget.id, limit);
            await refresh();
            editing.close();
          }}
        />
      </Modal>
    </>
  );
}

function confirmDeleting(name: string, onConfirm: () => void): void {
  modals.openConfirmModal({
    title: `Delete the budget of ${name}?`,
    children: <Text>It limits no call any more, from the next one on. What was spent stays in Usage.</Text>,
    labels: { confirm: 'Delete budget', cancel: 'Cancel' },
    confirmProps: { color: 'red' },
    onConfirm,
  });
}
