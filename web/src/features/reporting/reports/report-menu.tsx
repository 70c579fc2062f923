import { Menu, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { modals } from '@mantine/modals';
import { IconMail, IconPencil, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { RowMenu } from '@/ui/row-menu.tsx';
import { ReportMailModal } from './report-mail-modal.tsx';
import { reportQueries, type SavedReport } from './report-queries.ts';
import { changeReport, deleteReport } from './report-writes.ts';
import { SaveReportModal } from './save-report-modal.tsx';

export function ReportMenu({ report: { id: reportId, name } }: { report: SavedReport }) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const [isRenaming, renaming] = useDisclosure(false);
  const [isMailing, mailing] = useDisclosure(false);
  const refresh = () => client.invalidateQueries({ queryKey: reportQueries.all(id) });
  const remove = useMutation({
    mutationFn: () => deleteReport(reportId),
    onSuccess: () => notifyDone(`${name} was deleted.`),
    onError: notifyError,
    onSettled: refresh,
  });
  const confirm = (): void => {
    modals.openConfirmModal({
      title: `Delete ${name}?`,
      children: <Text>Its query is gone for everyone, and there is no way back.</Text>,
      labels: { confirm: 'Delete report', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: () => remove.mutate(),
    });
  };
  return (
    <>
      <RowMenu of={name} isPending={remove.isPending} width={180}>
        <Menu.Item leftSection={<IconPencil size={16} stroke={1.5} />} onClick={renaming.open}>
          Rename
        </Menu.Item>
        <Menu.Item leftSection={<IconMail size={16} stroke={1.5} />} onClick={mailing.open}>
          Mail
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item color="red" leftSection={<IconTrash size={16} stroke={1.5} />} onClick={confirm}>
          Delete
        </Menu.Item>
      </RowMenu>
      <ReportMailModal report={{ id: reportId, name }} isOpen={isMailing} onClose={mailing.close} />
      <SaveReportModal
        title="Rename report"
        initialName={name}
        isOpen={isRenaming}
        onClose={renaming.close}
        onSave={async (changed) => {
          await changeReport(reportId, { name: changed });
          await refresh();
          renaming.close();
        }}
      />
    </>
  );
}
