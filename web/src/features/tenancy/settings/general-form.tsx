import { Button, Group, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Tables } from '@db';
import { RequestError } from '@/lib/errors.ts';
import { explainError } from '@/lib/explain-error.ts';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { useChangeOrganization } from './organization-mutations.ts';
import { timeZones } from './time-zones.ts';

type Values = { name: string; slug: string; timeZone: string };

export function GeneralForm({ row }: { row: Tables<'organizations'> }) {
  const change = useChangeOrganization(row);
  const form = useForm<Values>({
    initialValues: { name: row.name, slug: row.slug, timeZone: row.time_zone },
    validate: { name: (value) => (value.trim() === '' ? 'A name has between 1 and 100 characters.' : null) },
  });
  const save = (values: Values): void =>
    change.mutate(
      { name: values.name.trim(), slug: values.slug, time_zone: values.timeZone },
      {
        onSuccess: () => {
          form.resetDirty();
          notifyDone('The settings are saved.');
        },
        onError: (error) => {
          if (isAboutSlug(error)) form.setFieldError('slug', explainError(error).title);
          else notifyError(error);
        },
      },
    );
  return (
    <form onSubmit={form.onSubmit(save)}>
      <Stack gap="md">
        <TextInput
          label="Organization name"
          required
          withAsterisk={false}
          maxLength={100}
          {...form.getInputProps('name')}
        />
        <TextInput
          label="Address"
          description="Part of every page’s address. Links with the old one stop working."
          required
          withAsterisk={false}
          maxLength={48}
          leftSection="/"
          spellCheck={false}
          {...form.getInputProps('slug')}
        />
        <Select
          label="Time zone"
          description="Days and months of budgets and charts begin at midnight here."
          searchable
          data={timeZones(row.time_zone)}
          {...form.getInputProps('timeZone')}
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

const isAboutSlug = (error: Error): boolean =>
  error instanceof RequestError && String(error.details['constraint']).startsWith('organizations_slug');
