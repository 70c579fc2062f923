import { Menu, Modal, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { modals } from '@mantine/modals';
import { IconActivity, IconBan, IconPencil, IconRefresh } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { dayIn } from '@/lib/dates.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { useUserId } from '@/lib/session.tsx';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { RowMenu } from '@/ui/row-menu.tsx';
import { FreezeMenuItem } from '../freezes/freeze-menu-item.tsx';
import { FreezeModal } from '../freezes/freeze-modal.tsx';
import { RateLimitMenuItem } from '../rate-limits/rate-limit-menu-item.tsx';
import { RateLimitModal } from '../rate-limits/rate-limit-modal.tsx';
import { usagePath } from '../usage/usage-filters.ts';
import { ProxyKeyForm } from './proxy-key-form.tsx';
import { type ProxyKey, proxyKeyQueries, stateOfKey } from './proxy-key-queries.ts';
import { changeProxyKey, revokeProxyKey } from './proxy-key-writes.ts';

type ProxyKeyMenuProps = { proxyKey: ProxyKey; onRotate: () => void };

export function ProxyKeyMenu({ proxyKey, onRotate }: ProxyKeyMenuProps) {
  const { id, slug, canManage } = useOrganization();
  const client = useQueryClient();
  const [isEditing, editing] = useDisclosure(false);
  const [isLimiting, limiting] = useDisclosure(false);
  const [isFreezing, freezing] = useDisclosure(false);
  const freezable = { scope: 'proxy_key', id: proxyKey.id, name: proxyKey.name } as const;
  const revoke = useMutation({
    mutationFn: () => revokeProxyKey(proxyKey),
    onSuccess: () => notifyDone(`${proxyKey.name} was revoked.`),
    onError: notifyError,
    onSettled: () => client.invalidateQueries({ queryKey: proxyKeyQueries.all(id) }),
  });
  const state = stateOfKey(proxyKey);
  const isMine = useUserId() === proxyKey.member_id;
  // The agents' own key is made and renewed by itself.
  const canChange = (canManage || isMine) && state !== 'revoked' && !proxyKey.is_internal;
  // The secret of a personal key is its member's alone.
  const canRotate = canChange && state === 'active' && (isMine || (canManage && proxyKey.member_id === null));
  return (
    <>
      <RowMenu of={proxyKey.name} isPending={revoke.isPending}>
        <Menu.Item
          component={Link}
          to={usagePath(slug, { keys: [proxyKey.id] })}
          leftSection={<IconActivity size={16} stroke={1.5} />}
        >
          See its calls
        </Menu.Item>
        {canChange && (
          <>
            <Menu.Item leftSection={<IconPencil size={16} stroke={1.5} />} onClick={editing.open}>
              Edit
            </Menu.Item>
            {canRotate && (
              <Menu.Item leftSection={<IconRefresh size={16} stroke={1.5} />} onClick={onRotate}>
                Rotate
              </Menu.Item>
            )}
            {canManage && <RateLimitMenuItem onClick={limiting.open} />}
            {canManage && <FreezeMenuItem of={freezable} onFreeze={freezing.open} />}
            <Menu.Divider />
            <Menu.Item
              color="red"
              leftSection={<IconBan size={16} stroke={1.5} />}
              onClick={() => confirmRevoking(proxyKey, revoke.mutate)}
            >
              Revoke
            </Menu.Item>
          </>
        )}
      </RowMenu>
      <EditKeyModal proxyKey={proxyKey} isOpen={isEditing} onClose={editing.close} />
      <RateLimitModal of={freezable} isOpen={isLimiting} onClose={limiting.close} />
      <FreezeModal of={freezable} isOpen={isFreezing} onClose={freezing.close} />
    </>
  );
}

type EditKeyModalProps = { proxyKey: ProxyKey; isOpen: boolean; onClose: () => void };

function EditKeyModal({ proxyKey, isOpen, onClose }: EditKeyModalProps) {
  const { id, timeZone } = useOrganization();
  const client = useQueryClient();
  const endsAt = proxyKey.expires_at === null ? null : Date.parse(proxyKey.expires_at);
  return (
    <Modal opened={isOpen} onClose={onClose} title="Edit key">
      <ProxyKeyForm
        initial={{
          name: proxyKey.name,
          allowedModels: proxyKey.allowed_models ?? [],
          // It ends with the first moment of the day after its last.
          lastDay: endsAt === null ? null : dayIn(timeZone, new Date(endsAt - 1)),
          cacheSeconds: proxyKey.cache_seconds,
        }}
        action="Save"
        onCancel={onClose}
        onSave={async (values) => {
          await changeProxyKey(proxyKey, values, timeZone);
          await client.invalidateQueries({ queryKey: proxyKeyQueries.all(id) });
          onClose();
        }}
      />
    </Modal>
  );
}

function confirmRevoking(proxyKey: ProxyKey, onConfirm: () => void): void {
  modals.openConfirmModal({
    title: `Revoke ${proxyKey.name}?`,
    children: (
      <Text>
        Its next call is refused, and there is no way back: whoever uses it needs a new key. Calls that are
        running end as usual.
      </Text>
    ),
    labels: { confirm: 'Revoke key', cancel: 'Cancel' },
    confirmProps: { color: 'red' },
    onConfirm,
  });
}
