import { useState } from 'react';
import { Button, Group, Select, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { useUserId } from '@/lib/session.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { ConfirmByTyping } from '@/ui/confirm-by-typing.tsx';
import { notifyDone } from '@/ui/notify.ts';
import { BlockSkeleton } from '@/ui/skeletons.tsx';
import { type Member, memberQueries, nameOf } from '../members/member-queries.ts';
import { organizationQueries } from '../organizations/organization-queries.ts';
import { transferOrganization } from './organization-mutations.ts';

export function TransferOrganization() {
  const userId = useUserId();
  return (
    <AsyncView
      query={useQuery(memberQueries.list(useOrganization().id))}
      skeleton={<BlockSkeleton height={58} label="Loading members" />}
    >
      {(members) => {
        const others = members.filter((member) => member.userId !== userId);
        return others.length === 0 ? (
          <Text c="dimmed">There is nobody else in this organization yet.</Text>
        ) : (
          <TransferForm others={others} />
        );
      }}
    </AsyncView>
  );
}

function TransferForm({ others }: { others: readonly Member[] }) {
  const organization = useOrganization();
  const client = useQueryClient();
  const [chosenId, choose] = useState<string | null>(null);
  const [isAsking, ask] = useDisclosure(false);
  const chosen = others.find((member) => member.userId === chosenId);
  const transfer = async (): Promise<void> => {
    if (!chosen) return;
    await transferOrganization(organization.id, chosen.userId);
    notifyDone(`${nameOf(chosen)} now owns ${organization.name}.`);
    await client.invalidateQueries({ queryKey: memberQueries.all(organization.id) });
    await client.invalidateQueries({ queryKey: organizationQueries.all });
  };
  return (
    <>
      <Group align="flex-end" gap="sm">
        <Select
          label="New owner"
          placeholder="Choose a member"
          flex="1 1 14rem"
          data={others.map((member) => ({ value: member.userId, label: nameOf(member) }))}
          value={chosenId}
          onChange={choose}
        />
        <Button variant="default" disabled={!chosen} onClick={ask.open}>
          Transfer ownership
        </Button>
      </Group>
      <ConfirmByTyping
        isOpen={isAsking}
        onClose={ask.close}
        title={`Transfer ${organization.name}?`}
        phrase={organization.slug}
        action="Transfer ownership"
        onConfirm={transfer}
      >
        {chosen && nameOf(chosen)} becomes owner and you become admin. Only they can give it back.
      </ConfirmByTyping>
    </>
  );
}
