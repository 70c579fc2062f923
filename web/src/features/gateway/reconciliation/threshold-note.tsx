import { Button, Group, Modal, NumberInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { formatUsd } from '@/lib/money.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { notifyDone } from '@/ui/notify.ts';
import { UsdInput } from '@/ui/usd-input.tsx';
import { reconciliationQueries } from './reconciliation-queries.ts';
import { changeThreshold } from './reconciliation-writes.ts';

type Threshold = { drift_alarm_percent: string; drift_alarm_usd: string };

/** From when on drift is worth an alarm, which admins change. */
export function ThresholdNote() {
  const { id, canManage } = useOrganization();
  const [isOpen, opening] = useDisclosure(false);
  const { data: threshold } = useQuery(reconciliationQueries.threshold(id));
  if (!threshold) return null;
  const words = `${Number(threshold.drift_alarm_percent)}% and ${formatUsd(threshold.drift_alarm_usd)} a day`;
  return (
    <Group gap="xs" mt="md">
      <Text size="sm" c="dimmed">
        Drift above {words} is marked and alarms.
      </Text>
      {canManage && (
        <Button variant="subtle" size="compact-sm" onClick={opening.open}>
          Change threshold
        </Button>
      )}
      <Modal opened={isOpen} onClose={opening.close} title="When drift alarms">
        <ThresholdForm threshold={threshold} onClose={opening.close} />
      </Modal>
    </Group>
  );
}

function ThresholdForm({ threshold, onClose }: { threshold: Threshold; onClose: () => void }) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const isNumber = (value: number | string): string | null =>
    value === '' || Number.isNaN(Number(value)) ? 'Give it a number; zero is any drift.' : null;
  const form = useForm<{ percent: number | string; usd: number | string }>({
    initialValues: {
      percent: Number(threshold.drift_alarm_percent),
      usd: Number(threshold.drift_alarm_usd),
    },
    validate: { percent: isNumber, usd: isNumber },
  });
  const change = useMutation({
    mutationFn: ({ percent, usd }: { percent: number | string; usd: number | string }) =>
      changeThreshold(id, { percent: Number(percent), usd: String(usd) }),
    onSuccess: () => {
      notifyDone('Days are marked by the new threshold.');
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: reconciliationQueries.all(id) }),
  });
  return (
    <form onSubmit={form.onSubmit((values) => change.mutate(values))}>
      <Stack gap="md">
        <FormFailure error={change.error} />
        <NumberInput
          label="Percent of the day"
          suffix="%"
          min={0}
          max={100}
          decimalScale={2}
          hideControls
          data-autofocus
          {...form.getInputProps('percent')}
        />
        <UsdInput
          label="Dollars a day"
          description="Both have to be passed."
          {...form.getInputProps('usd')}
        />
        <FormButtons action="Save" isPending={change.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}
