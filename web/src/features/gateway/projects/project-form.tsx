import { Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { projectQueries } from './project-queries.ts';

type Values = { name: string; description: string };

type ProjectFormProps = {
  initial: Values;
  action: string;
  onSave: (values: Values) => Promise<void>;
  onCancel: () => void;
};

/** Name and description, for a new project and for changing one. */
export function ProjectForm({ initial, action, onSave, onCancel }: ProjectFormProps) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const form = useForm<Values>({
    mode: 'uncontrolled',
    initialValues: initial,
    validate: { name: (name) => (name.trim() === '' ? 'Give it a name.' : null) },
  });
  const save = useMutation({
    mutationFn: onSave,
    onSettled: () => client.invalidateQueries({ queryKey: projectQueries.all(id) }),
  });
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack gap="md">
        <FormFailure error={save.error} />
        <TextInput
          label="Project name"
          placeholder="Support assistant"
          required
          withAsterisk={false}
          maxLength={100}
          autoComplete="off"
          data-autofocus
          key={form.key('name')}
          {...form.getInputProps('name')}
        />
        <Textarea
          label="Description"
          placeholder="What it does, and for whom"
          autosize
          minRows={2}
          maxLength={2000}
          key={form.key('description')}
          {...form.getInputProps('description')}
        />
        <FormButtons action={action} isPending={save.isPending} onCancel={onCancel} />
      </Stack>
    </form>
  );
}
