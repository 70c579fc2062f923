import { Button, Group, NumberInput, Radio, Stack, Switch } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Tables } from '@db';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { useChangeOrganization } from './organization-mutations.ts';

type Values = { onClientAbort: string; allowsUnpricedModels: boolean; maxAttempts: number | string };

export function PreferencesForm({ row }: { row: Tables<'organizations'> }) {
  const change = useChangeOrganization(row);
  const form = useForm<Values>({
    initialValues: {
      onClientAbort: row.on_client_abort,
      allowsUnpricedModels: row.allows_unpriced_models,
      maxAttempts: row.max_attempts,
    },
    validate: {
      maxAttempts: (value) =>
        [1, 2, 3, 4, 5].includes(Number(value)) ? null : 'A whole number between 1 and 5.',
    },
  });
  const save = (values: Values): void =>
    change.mutate(
      {
        on_client_abort: values.onClientAbort,
        allows_unpriced_models: values.allowsUnpricedModels,
        max_attempts: Number(values.maxAttempts),
      },
      {
        onSuccess: () => {
          form.resetDirty();
          notifyDone('The settings are saved.');
        },
        onError: notifyError,
      },
    );
  return (
    <form onSubmit={form.onSubmit(save)}>
      <Stack gap="lg">
        <Radio.Group label="When a client hangs up" {...form.getInputProps('onClientAbort')}>
          <Stack gap="xs" mt={8}>
            <Radio
              value="drain"
              label="Read the answer to its end"
              description="Usage and cost stay exact; the provider bills the whole answer."
            />
            <Radio
              value="cancel"
              label="Cancel the call"
              description="Saves tokens that are not made yet; the cost is then an estimate."
            />
          </Stack>
        </Radio.Group>
        <NumberInput
          label="Attempts at most"
          description="A call that fails before its answer begins is tried again: with another credential or model, or with the same a moment later. With 1 it is never tried again."
          min={1}
          max={5}
          clampBehavior="none"
          allowDecimal={false}
          {...form.getInputProps('maxAttempts')}
        />
        <Switch
          label="Allow models without a known price"
          description="Their calls are marked and cannot count against a budget. Otherwise they are refused."
          {...form.getInputProps('allowsUnpricedModels', { type: 'checkbox' })}
        />
        <Group>
          <Button type="submit" disabled={!form.isDirty()} loading={change.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
