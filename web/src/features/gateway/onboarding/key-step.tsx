import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { mintProxyKey, newProxyKey } from '../proxy-keys/proxy-key-writes.ts';
import { StepHeading } from './step-heading.tsx';

type KeyStepProps = { project: { id: string; name: string }; onDone: (proxyKey: string) => Promise<void> };

export function KeyStep({ project, onDone }: KeyStepProps) {
  const { timeZone } = useOrganization();
  const form = useForm({ mode: 'uncontrolled', initialValues: { name: 'Development' } });
  const mint = useMutation({
    mutationFn: ({ name }: { name: string }) => mintProxyKey(project.id, { ...newProxyKey, name }, timeZone),
    onSuccess: onDone,
  });
  return (
    <form onSubmit={form.onSubmit((values) => mint.mutate(values))}>
      <StepHeading title="Create a proxy key">
        Your application calls with this key instead of the provider’s. Its calls are counted for{' '}
        {project.name}.
      </StepHeading>
      <Stack gap="md">
        <FormFailure error={mint.error} />
        <TextInput
          label="Key name"
          description="Where it will be used, so that you know it again in a list."
          required
          withAsterisk={false}
          maxLength={100}
          autoComplete="off"
          key={form.key('name')}
          {...form.getInputProps('name')}
        />
        <Group>
          <Button type="submit" loading={mint.isPending}>
            Create key
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
