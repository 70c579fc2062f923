import { useState } from 'react';
import { Button, Group, List, Modal, Radio, ScrollArea, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { madeKeysQuery } from './made-keys-query.ts';
import { type Member, nameOf } from './member-queries.ts';

type RemoveMemberModalProps = {
  member: Member;
  isOpen: boolean;
  onClose: () => void;
  onRemove: (revokesKeys: boolean) => void;
};

/** Who goes may have made keys that run in production: the admin says what becomes of them. */
export function RemoveMemberModal({ member, isOpen, onClose, onRemove }: RemoveMemberModalProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title={`Remove ${nameOf(member)}?`}>
      <RemovalForm member={member} onClose={onClose} onRemove={onRemove} />
    </Modal>
  );
}

function RemovalForm({ member, onClose, onRemove }: Omit<RemoveMemberModalProps, 'isOpen'>) {
  const { id, name } = useOrganization();
  const keys = useQuery({ ...madeKeysQuery(id, member.userId), staleTime: 0 });
  const [fate, setFate] = useState('keep');
  return (
    <Stack gap="md">
      <Text>
        {nameOf(member)} loses access to {name} at once. Their personal keys and the SQL logins that they made
        end with that; what else they made stays.
      </Text>
      <AsyncView query={keys} skeleton={<TableSkeleton rows={2} label="Loading their keys" />}>
        {(made) =>
          made.length > 0 && (
            <>
              <div>
                <Text size="sm">Keys that they made, and may know:</Text>
                <ScrollArea.Autosize mah={180}>
                  <List size="sm" mt={4}>
                    {made.map((key) => (
                      <List.Item key={key.id}>
                        {key.name}{' '}
                        <Text span inherit c="dimmed">
                          {key.projects.name}
                        </Text>
                      </List.Item>
                    ))}
                  </List>
                </ScrollArea.Autosize>
              </div>
              <Radio.Group label="What becomes of these keys" value={fate} onChange={setFate}>
                <Stack gap="xs" mt={8}>
                  <Radio value="keep" label="They keep working" description="Each can be revoked later." />
                  <Radio
                    value="revoke"
                    label="Revoke them now"
                    description="Whatever uses them is refused from its next call on. There is no way back."
                  />
                </Stack>
              </Radio.Group>
            </>
          )
        }
      </AsyncView>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          color="red"
          disabled={keys.isPending}
          onClick={() => {
            onClose();
            onRemove(fate === 'revoke');
          }}
        >
          Remove
        </Button>
      </Group>
    </Stack>
  );
}
