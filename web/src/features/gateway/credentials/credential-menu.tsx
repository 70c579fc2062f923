import { Menu } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import {
  IconArrowBarToUp,
  IconArrowsSort,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconTestPipe,
  IconTrash,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { ConfirmByTyping } from '@/ui/confirm-by-typing.tsx';
import { RowMenu } from '@/ui/row-menu.tsx';
import { RateLimitMenuItem } from '../rate-limits/rate-limit-menu-item.tsx';
import { RateLimitModal } from '../rate-limits/rate-limit-modal.tsx';
import { type Credential, credentialQueries } from './credential-queries.ts';
import { changeCredential, deleteCredential, testCredential } from './credential-writes.ts';
import { RenameCredentialModal } from './rename-credential-modal.tsx';
import { RotateCredentialModal } from './rotate-credential-modal.tsx';
import type { Turn } from './turns-of.ts';
import { useCredentialMutation } from './use-credential-mutation.ts';

type CredentialMenuProps = {
  credential: Credential;
  turn: Turn | undefined;
  onOrder: () => void;
};

export function CredentialMenu({ credential, turn, onOrder }: CredentialMenuProps) {
  const [isRenaming, renaming] = useDisclosure(false);
  const [isRotating, rotating] = useDisclosure(false);
  const [isLimiting, limiting] = useDisclosure(false);
  const [isDeleting, deleting] = useDisclosure(false);
  const isFirst = turn?.rank === 1 && turn.share === 1;
  const { test, toggle, useFirst } = useCredentialActions(credential);
  const icon = { size: 16, stroke: 1.5 };
  return (
    <>
      <RowMenu of={credential.name} isPending={test.isPending || toggle.isPending || useFirst.isPending}>
        <Menu.Item leftSection={<IconTestPipe {...icon} />} onClick={() => test.mutate()}>
          Test
        </Menu.Item>
        <Menu.Item leftSection={<IconRefresh {...icon} />} onClick={rotating.open}>
          Rotate
        </Menu.Item>
        <Menu.Item leftSection={<IconPencil {...icon} />} onClick={renaming.open}>
          Rename
        </Menu.Item>
        <RateLimitMenuItem onClick={limiting.open} />
        <Menu.Item leftSection={<IconArrowsSort {...icon} />} onClick={onOrder}>
          Order
        </Menu.Item>
        {credential.is_active && !isFirst && (
          <Menu.Item leftSection={<IconArrowBarToUp {...icon} />} onClick={() => useFirst.mutate()}>
            Use first
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={credential.is_active ? <IconPlayerPause {...icon} /> : <IconPlayerPlay {...icon} />}
          onClick={() => toggle.mutate()}
        >
          {credential.is_active ? 'Disable' : 'Enable'}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item color="red" leftSection={<IconTrash {...icon} />} onClick={deleting.open}>
          Delete
        </Menu.Item>
      </RowMenu>
      <RenameCredentialModal credential={credential} isOpen={isRenaming} onClose={renaming.close} />
      <RotateCredentialModal credential={credential} isOpen={isRotating} onClose={rotating.close} />
      <RateLimitModal
        of={{ scope: 'credential', id: credential.id, name: credential.name }}
        isOpen={isLimiting}
        onClose={limiting.close}
      />
      <DeleteCredential credential={credential} isOpen={isDeleting} onClose={deleting.close} />
    </>
  );
}

function useCredentialActions(credential: Credential) {
  const { id } = useOrganization();
  const client = useQueryClient();
  return {
    test: useCredentialMutation({
      run: async () => {
        const { ok, error } = await testCredential(credential);
        if (!ok) {
          notifications.show({
            title: `The test of ${credential.name} failed`,
            message: error ?? 'The provider did not say why.',
            color: 'orange',
            withBorder: true,
            autoClose: 10_000,
          });
        }
        return ok;
      },
      done: (ok) => (ok ? `${credential.name} works.` : undefined),
    }),
    toggle: useCredentialMutation({
      run: () => changeCredential(credential, { is_active: !credential.is_active }),
      done: () => `${credential.name} was ${credential.is_active ? 'disabled' : 'enabled'}.`,
    }),
    useFirst: useCredentialMutation({
      run: () => {
        const all = client.getQueryData(credentialQueries.list(id).queryKey) ?? [];
        const highest = Math.max(0, ...all.map(({ priority }) => priority));
        return changeCredential(credential, { priority: highest + 1 });
      },
      done: () => `${credential.name} is used first.`,
    }),
  };
}

function DeleteCredential({
  credential,
  isOpen,
  onClose,
}: {
  credential: Credential;
  isOpen: boolean;
  onClose: () => void;
}) {
  const remove = useCredentialMutation({
    run: () => deleteCredential(credential),
    done: () => `${credential.name} was deleted.`,
  });
  return (
    <ConfirmByTyping
      isOpen={isOpen}
      onClose={onClose}
      title={`Delete ${credential.name}?`}
      phrase={credential.name}
      action="Delete credential"
      onConfirm={() => remove.mutateAsync()}
    >
      The stored key is erased. Calls that need it are refused, unless the provider has another active
      credential or the sandbox is on. To pause it, disable it instead.
    </ConfirmByTyping>
  );
}
