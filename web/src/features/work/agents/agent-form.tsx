import {
  Autocomplete,
  Group,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { UsdInput } from '@/ui/usd-input.tsx';
import { AgentAvatar } from './agent-avatar.tsx';
import { agentAvatars } from './agent-avatars.ts';
import { agentQueries } from './agent-queries.ts';
import type { AgentValues } from './agent-writes.ts';

/** As the fields have it: numbers are empty texts while nothing stands there. */
type Values = Omit<AgentValues, 'budgetUsd' | 'maxTaskUsd' | 'maxSteps' | 'maxMinutes'> &
  Record<'budgetUsd' | 'maxTaskUsd' | 'maxSteps' | 'maxMinutes', string | number>;
type Form = UseFormReturnType<Values>;

type AgentFormProps = {
  initial: AgentValues;
  action: string;
  onSave: (values: AgentValues) => Promise<void>;
  onCancel: () => void;
};

/** Who an agent is, what it may spend, and how far it may go with one task. */
export function AgentForm({ initial, action, onSave, onCancel }: AgentFormProps) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const form = useForm<Values>({ mode: 'controlled', initialValues: initial, validate });
  const save = useMutation({
    mutationFn: (values: Values) => onSave(read(values)),
    onSettled: () => client.invalidateQueries({ queryKey: agentQueries.all(id) }),
  });
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
      <Stack gap="md">
        <FormFailure error={save.error} />
        <WhoItIs form={form} />
        <HowItWorks form={form} />
        <HowFar form={form} />
        <FormButtons action={action} isPending={save.isPending} onCancel={onCancel} />
      </Stack>
    </form>
  );
}

const isAmount = (value: string | number): boolean => value !== '' && Number.isFinite(Number(value));
const between = (value: string | number, least: number, most: number): string | null =>
  isAmount(value) && Number(value) >= least && Number(value) <= most ? null : `Between ${least} and ${most}.`;

const validate = {
  name: (name: string) => (name.trim() === '' ? 'Give it a name.' : null),
  model: (model: string) => (model.trim() === '' ? 'Choose a model or an alias.' : null),
  projectId: (projectId: string) => (projectId === '' ? 'Choose the project that pays.' : null),
  budgetUsd: (value: string | number) => (isAmount(value) ? null : 'Give it an amount; zero allows nothing.'),
  maxTaskUsd: (value: string | number) => (isAmount(value) && Number(value) > 0 ? null : 'More than zero.'),
  maxSteps: (value: string | number) => between(value, 1, 200),
  maxMinutes: (value: string | number) => between(value, 1, 1440),
};

const read = (values: Values): AgentValues => ({
  ...values,
  budgetUsd: String(values.budgetUsd),
  maxTaskUsd: String(values.maxTaskUsd),
  maxSteps: Number(values.maxSteps),
  maxMinutes: Number(values.maxMinutes),
});

function WhoItIs({ form }: { form: Form }) {
  const avatars = Object.entries(agentAvatars).map(([value, { label }]) => ({ value, label }));
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <TextInput
          label="Name"
          placeholder="Ada"
          maxLength={60}
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('name')}
        />
        <TextInput
          label="Role"
          placeholder="Researcher"
          maxLength={100}
          autoComplete="off"
          {...form.getInputProps('role')}
        />
      </SimpleGrid>
      <Select
        label="Avatar"
        data={avatars}
        allowDeselect={false}
        leftSection={<AgentAvatar avatar={form.values.avatar} size={22} />}
        renderOption={({ option }) => (
          <Group gap="xs">
            <AgentAvatar avatar={String(option.value)} size={22} />
            {option.label}
          </Group>
        )}
        {...form.getInputProps('avatar')}
      />
    </>
  );
}

function HowItWorks({ form }: { form: Form }) {
  const { id } = useOrganization();
  const { data: projects = [] } = useQuery(agentQueries.projects(id));
  const { data: models = [] } = useQuery(agentQueries.models(id));
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <Autocomplete
          label="Model"
          description="A model, or an alias of yours."
          data={models}
          limit={50}
          maxLength={200}
          {...form.getInputProps('model')}
        />
        <Select
          label="Project"
          description="Whose money it spends."
          data={projects.map(({ id: value, name }) => ({ value, label: name }))}
          allowDeselect={false}
          {...form.getInputProps('projectId')}
        />
      </SimpleGrid>
      <Textarea
        label="Instructions"
        description="What it is to know and heed in every task."
        autosize
        minRows={3}
        maxRows={10}
        maxLength={20_000}
        {...form.getInputProps('systemPrompt')}
      />
      <Switch
        label="Uses tools"
        description="It may read tasks, agents, spending and notes on whiteboards of this organization, and hand tasks on to other agents."
        {...form.getInputProps('usesTools', { type: 'checkbox' })}
      />
    </>
  );
}

function HowFar({ form }: { form: Form }) {
  return (
    <section aria-label="Limits">
      <Text fw="var(--mantine-font-weight-bold)">Limits</Text>
      <Text size="sm" c="dimmed" mb="xs">
        The budget holds before every call. The rest ends a single task that does not come to a result.
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <UsdInput label="Budget a month" {...form.getInputProps('budgetUsd')} />
        <UsdInput label="For one task" {...form.getInputProps('maxTaskUsd')} />
        <NumberInput
          label="Steps of one task"
          hideControls
          allowDecimal={false}
          {...form.getInputProps('maxSteps')}
        />
        <NumberInput
          label="Minutes for one task"
          hideControls
          allowDecimal={false}
          {...form.getInputProps('maxMinutes')}
        />
      </SimpleGrid>
    </section>
  );
}
