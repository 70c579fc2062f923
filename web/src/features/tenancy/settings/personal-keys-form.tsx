import { Button, Group, Stack, Switch } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Tables } from '@db';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { UsdInput } from '@/ui/usd-input.tsx';
import { useChangeOrganization } from './organization-mutations.ts';

type Values = { isAllowed: boolean; limit: number | string };

/** Whether members mint keys for themselves, and what each may spend with them. */
export function PersonalKeysForm({ row }: { row: Tables<'organizations'> }) {
  const change = useChangeOrganization(row);
  const form = useForm<Values>({
    mode: 'controlled',
    initialValues: {
      isAllowed: row.personal_key_limit_usd !== null,
      limit: row.personal_key_limit_usd ?? 20,
    },
    validate: {
      limit: (limit, { isAllowed }) => (isAllowed && limit === '' ? 'Give it an amount.' : null),
    },
  });
  const save = ({ isAllowed, limit }: Values): void =>
    change.mutate(
      { personal_key_limit_usd: isAllowed ? Number(limit) : null },
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
      <Stack gap="md">
        <Switch
          label="Members create keys for themselves"
          description="Calls with them are counted in the member's name. Switched off, there are no new ones; those that exist keep working until someone revokes them."
          {...form.getInputProps('isAllowed', { type: 'checkbox' })}
        />
        {form.values.isAllowed && (
          <UsdInput
            label="Limit of each member a month"
            description="A hard budget for all personal keys of a member together. On Budgets it can be changed for one of them."
            {...form.getInputProps('limit')}
          />
        )}
        <Group>
          <Button type="submit" disabled={!form.isDirty()} loading={change.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
