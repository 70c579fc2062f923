import type { ReactNode } from 'react';
import '@mantine/dates/styles.css';
import { Select, Stack, TagsInput, TextInput } from '@mantine/core';
import { DatePickerInput } from '@mantine/dates';
import { useForm } from '@mantine/form';
import { useMutation, useQuery } from '@tanstack/react-query';
import { calendarLabels } from '@/lib/calendar-labels.ts';
import { addDays } from '@/lib/dates.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { useToday } from '@/lib/use-now.ts';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { providerLabel } from '../credentials/provider-label.ts';
import { modelAliasQueries } from '../model-aliases/model-alias-queries.ts';
import { cacheChoices } from './cache-choices.ts';
import { modelQueries } from './model-queries.ts';
import type { ProxyKeyValues } from './proxy-key-writes.ts';

type ProxyKeyFormProps = {
  initial: ProxyKeyValues;
  action: string;
  /** Fields before its own. */
  children?: ReactNode;
  onSave: (values: ProxyKeyValues) => Promise<void>;
  onCancel: () => void;
};

const presets = [
  { days: 30, label: 'In 30 days' },
  { days: 90, label: 'In 90 days' },
  { days: 365, label: 'In a year' },
] as const;

/** Name, models, expiry and caching, for a new key and for changing one. */
export function ProxyKeyForm({ initial, action, children, onSave, onCancel }: ProxyKeyFormProps) {
  const { timeZone } = useOrganization();
  const models = useModelGroups();
  const today = useToday(timeZone);
  const form = useForm({
    mode: 'controlled',
    initialValues: { ...initial, allowedModels: [...initial.allowedModels] },
    validate: { name: (name) => (name.trim() === '' ? 'Give it a name.' : null) },
  });
  const save = useMutation({ mutationFn: onSave });
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack gap="md">
        <FormFailure error={save.error} />
        {children}
        <TextInput
          label="Key name"
          description="Where it will be used, so that you know it again in a list."
          placeholder="Production"
          required
          withAsterisk={false}
          maxLength={100}
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('name')}
        />
        <TagsInput
          label="Allowed models"
          description="Leave it empty for all. A star stands for anything, as in claude-*."
          placeholder={form.values.allowedModels.length === 0 ? 'All models' : ''}
          data={models}
          maxDropdownHeight={240}
          clearable
          acceptValueOnBlur
          clearButtonProps={{ 'aria-label': 'Allow all models' }}
          {...form.getInputProps('allowedModels')}
        />
        <DatePickerInput
          label="Last day"
          description="It stops working at the end of this day."
          placeholder="Never expires"
          clearable
          minDate={today}
          weekendDays={[]}
          hideOutsideDates
          ariaLabels={calendarLabels}
          presets={presets.map(({ days, label }) => ({ value: addDays(today, days), label }))}
          valueFormat="MMM D, YYYY"
          clearButtonProps={{ 'aria-label': 'Never expires' }}
          {...form.getInputProps('lastDay')}
        />
        <Select
          label="Cache answers for"
          description="A call that is the same, byte for byte and in the same project, gets the answer of before at no cost. Answers are kept for that time, also where the project logs no bodies, but sealed so that only the same call opens them. They are deleted when you choose not to, or revoke the key."
          data={cacheChoices(initial.cacheSeconds)}
          allowDeselect={false}
          value={String(form.values.cacheSeconds ?? '')}
          onChange={(value) => form.setFieldValue('cacheSeconds', value ? Number(value) : null)}
        />
        <FormButtons action={action} isPending={save.isPending} onCancel={onCancel} />
      </Stack>
    </form>
  );
}

function useModelGroups(): { group: string; items: string[] }[] {
  const { id } = useOrganization();
  const { data = [] } = useQuery(modelQueries.list());
  const { data: modelAliases = [] } = useQuery(modelAliasQueries.list(id));
  const known = new Set(data.map(({ model }) => model));
  const aliases = modelAliases.map(({ name }) => name).filter((name) => !known.has(name));
  return [
    ...(aliases.length > 0 ? [{ group: 'Aliases', items: aliases }] : []),
    ...[...Map.groupBy(data, ({ provider }) => provider)].map(([provider, models]) => ({
      group: providerLabel(provider),
      items: models.map(({ model }) => model),
    })),
  ];
}
