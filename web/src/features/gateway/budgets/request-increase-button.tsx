import { Button, Group, Modal, Stack, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { notifyDone } from '@/ui/notify.ts';
import { UsdInput } from '@/ui/usd-input.tsx';
import { type Budget, budgetQueries } from './budget-queries.ts';
import { requestIncrease } from './budget-writes.ts';

export function RequestIncreaseButton({ budget }: { budget: Budget }) {
  const [isAsking, asking] = useDisclosure(false);
  return (
    <>
      <Group>
        <Button variant="default" onClick={asking.open}>
          Ask for a higher limit
        </Button>
      </Group>
      <Modal opened={isAsking} onClose={asking.close} title="Ask for a higher limit">
        <RequestForm budget={budget} onDone={asking.close} />
      </Modal>
    </>
  );
}

type Values = { limit: number | string; reason: string };

function RequestForm({ budget, onDone }: { budget: Budget; onDone: () => void }) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const form = useForm<Values>({
    mode: 'controlled',
    initialValues: { limit: '', reason: '' },
    validate: {
      limit: (limit) =>
        Number(limit) > Number(budget.limit_usd) ? null : 'Give it an amount above the present limit.',
      reason: (reason) => (reason.trim() === '' ? 'Say what it is for.' : null),
    },
  });
  const ask = useMutation({
    mutationFn: ({ limit, reason }: Values) => requestIncrease(budget.id, String(limit), reason),
    onSuccess: () => {
      notifyDone('The admins see your request on this budget.');
      onDone();
    },
    onSettled: () => client.invalidateQueries({ queryKey: budgetQueries.all(id) }),
  });
  return (
    <form onSubmit={form.onSubmit((values) => ask.mutate(values))}>
      <Stack gap="md">
        <FormFailure error={ask.error} />
        <UsdInput label="New limit" data-autofocus {...form.getInputProps('limit')} />
        <Textarea label="What for" autosize minRows={2} maxLength={500} {...form.getInputProps('reason')} />
        <FormButtons action="Ask" isPending={ask.isPending} onCancel={onDone} />
      </Stack>
    </form>
  );
}
