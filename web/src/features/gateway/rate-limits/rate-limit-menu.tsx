import { Menu, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { modals } from '@mantine/modals';
import { IconPencil, IconTrash } from '@tabler/icons-react';
import { notifyError } from '@/ui/notify.ts';
import { RowMenu } from '@/ui/row-menu.tsx';
import { RateLimitModal } from './rate-limit-modal.tsx';
import { isOptionalScope } from './rate-limit-words.ts';
import { type RateLimited, unlimited } from './rate-limit-writes.ts';
import { useSetRateLimit } from './use-set-rate-limit.ts';

export function RateLimitMenu({ of }: { of: RateLimited }) {
  const [isEditing, editing] = useDisclosure(false);
  const remove = useSetRateLimit({ done: `The rate limit of ${of.name} was removed.` });
  return (
    <>
      <RowMenu of={`the rate limit of ${of.name}`} isPending={remove.isPending}>
        <Menu.Item leftSection={<IconPencil size={16} stroke={1.5} />} onClick={editing.open}>
          Change limit
        </Menu.Item>
        {isOptionalScope(of.scope) && (
          <>
            <Menu.Divider />
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} stroke={1.5} />}
              onClick={() =>
                confirmRemoving(of.name, () =>
                  remove.mutate({ of, values: unlimited }, { onError: notifyError }),
                )
              }
            >
              Remove
            </Menu.Item>
          </>
        )}
      </RowMenu>
      <RateLimitModal of={of} isOpen={isEditing} onClose={editing.close} />
    </>
  );
}

function confirmRemoving(name: string, onConfirm: () => void): void {
  modals.openConfirmModal({
    title: `Remove the rate limit of ${name}?`,
    children: (
      <Text>
        From the next call on only the other limits that bind its calls hold, the organization's among them.
      </Text>
    ),
    labels: { confirm: 'Remove rate limit', cancel: 'Cancel' },
    confirmProps: { color: 'red' },
    onConfirm,
  });
}
