import { Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery } from '@tanstack/react-query';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { modelQueries } from '../proxy-keys/model-queries.ts';
import { explainName } from './explain-name.ts';
import type { ModelAliasValues } from './model-alias-writes.ts';
import { TargetsField } from './targets-field.tsx';

type ModelAliasFormProps = {
  initial: ModelAliasValues;
  action: string;
  onSave: (values: ModelAliasValues) => Promise<void>;
  onCancel: () => void;
};

/** Name and models, for a new alias and for changing one. */
export function ModelAliasForm({ initial, action, onSave, onCancel }: ModelAliasFormProps) {
  const form = useForm<ModelAliasValues>({
    mode: 'controlled',
    initialValues: initial,
    validate: {
      name: explainName,
      targets: (targets) => (targets.length === 0 ? 'Choose at least one model.' : null),
    },
  });
  const save = useMutation({
    mutationFn: ({ name, targets }: ModelAliasValues) => onSave({ name: name.trim(), targets }),
  });
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack gap="md">
        <FormFailure error={save.error} />
        <TextInput
          label="Alias"
          description="What applications write where a model’s name stands."
          placeholder="smart"
          maxLength={100}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <NameNote name={form.values.name.trim()} former={initial.name} />
        <TargetsField
          targets={form.values.targets}
          onChange={(targets) => form.setFieldValue('targets', targets)}
          error={form.errors['targets']}
        />
        <FormButtons action={action} isPending={save.isPending} onCancel={onCancel} />
      </Stack>
    </form>
  );
}

/** What a name does to applications that run already. */
function NameNote({ name, former }: { name: string; former: string }) {
  const { data: models } = useQuery(modelQueries.list());
  const model = models?.find((each) => each.model === name);
  if (name === '') return null;
  if (model) {
    return (
      <Text size="sm" c="dimmed">
        {name} is a model’s own name: calls of it then go to the models below.
      </Text>
    );
  }
  if (former === '' || name === former) return null;
  return (
    <Text size="sm" c="dimmed">
      Applications that ask for {former} have to be changed: the alias has no other name.
    </Text>
  );
}
