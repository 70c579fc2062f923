import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { createProject } from '../projects/project-writes.ts';
import { StepHeading } from './step-heading.tsx';

export function ProjectStep({ onDone }: { onDone: () => Promise<void> }) {
  const { id } = useOrganization();
  const form = useForm({ mode: 'uncontrolled', initialValues: { name: '' } });
  const create = useMutation({
    mutationFn: ({ name }: { name: string }) => createProject(id, { name, description: '' }),
    onSuccess: onDone,
  });
  return (
    <form onSubmit={form.onSubmit((values) => create.mutate(values))}>
      <StepHeading title="Create a project">
        An application or service that uses AI. Spend is counted per project, and keys belong to one.
      </StepHeading>
      <Stack gap="md">
        <FormFailure error={create.error} />
        <TextInput
          label="Project name"
          placeholder="Support chat"
          required
          withAsterisk={false}
          maxLength={100}
          autoComplete="off"
          data-autofocus
          key={form.key('name')}
          {...form.getInputProps('name')}
        />
        <Group>
          <Button type="submit" loading={create.isPending}>
            Create project
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
