import { Menu, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconRefresh, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { RowMenu } from '@/ui/row-menu.tsx';
import { providerLabel } from '../credentials/provider-label.ts';
import { type BillingKey, reconciliationQueries } from './reconciliation-queries.ts';
import { deleteBillingKey, readBills } from './reconciliation-writes.ts';

export function BillingKeyMenu({
  billingKey: { id: billingKeyId, kind, provider },
}: {
  billingKey: BillingKey;
}) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const name = providerLabel(provider);
  const onSettled = () => client.invalidateQueries({ queryKey: reconciliationQueries.all(id) });
  const read = useMutation({
    mutationFn: () => readBills(billingKeyId),
    onSuccess: ({ error }) => {
      if (error === null) notifyDone(`${name}’s reports were read.`);
    },
    onError: notifyError,
    onSettled,
  });
  const remove = useMutation({
    mutationFn: () => deleteBillingKey(billingKeyId),
    onSuccess: () => notifyDone(`${name} was disconnected.`),
    onError: notifyError,
    onSettled,
  });
  return (
    <RowMenu of={`${name}’s bills`} isPending={read.isPending || remove.isPending}>
      {kind === 'admin' && (
        <>
          <Menu.Item leftSection={<IconRefresh size={16} stroke={1.5} />} onClick={() => read.mutate()}>
            Read now
          </Menu.Item>
          <Menu.Divider />
        </>
      )}
      <Menu.Item
        color="red"
        leftSection={<IconTrash size={16} stroke={1.5} />}
        onClick={() => confirmDisconnecting(name, () => remove.mutate())}
      >
        Disconnect
      </Menu.Item>
    </RowMenu>
  );
}

function confirmDisconnecting(name: string, onConfirm: () => void): void {
  modals.openConfirmModal({
    title: `Disconnect ${name}?`,
    children: <Text>The stored key is erased and no new days are compared. Those that were stay.</Text>,
    labels: { confirm: 'Disconnect', cancel: 'Cancel' },
    confirmProps: { color: 'red' },
    onConfirm,
  });
}
