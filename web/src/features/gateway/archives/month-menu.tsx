import { Menu, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconDownload, IconRestore } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { requireSuccess } from '@/lib/errors.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { saveFile } from '@/lib/save-file.ts';
import { supabase } from '@/lib/supabase.ts';
import { notifyError } from '@/ui/notify.ts';
import { RowMenu } from '@/ui/row-menu.tsx';
import { type ArchivedMonth, archiveQueries, isRestoring } from './archive-queries.ts';
import { downloadMonth } from './download-month.ts';

export function MonthMenu({ archive, name }: { archive: ArchivedMonth; name: string }) {
  const { id, slug } = useOrganization();
  const client = useQueryClient();
  const { month } = archive;
  const download = useMutation({
    mutationFn: () => downloadMonth(id, month),
    onSuccess: (file) => saveFile(file, `${slug}-usage-${month.slice(0, 7)}.ndjson.gz`),
    onError: notifyError,
  });
  const restore = useMutation({
    mutationFn: async () =>
      requireSuccess(await supabase().rpc('restore_usage_archive', { organization_id: id, month })),
    onError: notifyError,
    onSettled: () => client.invalidateQueries({ queryKey: archiveQueries.all(id) }),
  });
  return (
    <RowMenu of={name} isPending={download.isPending || restore.isPending}>
      <Menu.Item leftSection={<IconDownload size={16} stroke={1.5} />} onClick={() => download.mutate()}>
        Download
      </Menu.Item>
      <Menu.Item
        leftSection={<IconRestore size={16} stroke={1.5} />}
        disabled={isRestoring(archive)}
        onClick={() => confirmRestoring(name, () => restore.mutate())}
      >
        Restore
      </Menu.Item>
    </RowMenu>
  );
}

function confirmRestoring(name: string, onConfirm: () => void): void {
  modals.openConfirmModal({
    title: `Restore ${name}?`,
    children: (
      <Text>
        Its calls are listed on Usage again for 14 days. Charts and totals count them already and do not
        change.
      </Text>
    ),
    labels: { confirm: 'Restore', cancel: 'Cancel' },
    onConfirm,
  });
}
