import { Modal, NumberInput, Radio, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { notifyDone } from '@/ui/notify.ts';
import { type Project, projectQueries } from './project-queries.ts';
import { type BodyLogging, changeBodyLogging } from './project-writes.ts';

type BodyLoggingModalProps = { project: Project; isOpen: boolean; onClose: () => void };

/** What is kept of what a project's calls say and are answered. */
export function BodyLoggingModal({ project, isOpen, onClose }: BodyLoggingModalProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title={`Log bodies of ${project.name}`}>
      <BodyLoggingForm project={project} onDone={onClose} />
    </Modal>
  );
}

const choices: readonly { value: BodyLogging; label: string; description: string }[] = [
  { value: 'none', label: 'None', description: 'Requests and answers pass through and are not kept.' },
  {
    value: 'redacted',
    label: 'Redacted',
    description:
      'Without email addresses, phone numbers, keys and card numbers, as far as they are recognized.',
  },
  { value: 'full', label: 'Full', description: 'As they are, with whatever people write into them.' },
];

const loggingOf = (text: string): BodyLogging => choices.find(({ value }) => value === text)?.value ?? 'none';

type Values = { logging: string; days: number | string };

function BodyLoggingForm({ project, onDone }: { project: Project; onDone: () => void }) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const form = useForm<Values>({
    mode: 'controlled',
    initialValues: { logging: project.body_logging, days: project.body_days },
    validate: {
      days: (days) => (Number(days) >= 1 && Number(days) <= 90 ? null : 'Between 1 and 90 days.'),
    },
  });
  const save = useMutation({
    mutationFn: ({ logging, days }: Values) =>
      changeBodyLogging(project, { logging: loggingOf(logging), days: Number(days) }),
    onSuccess: () => {
      notifyDone('The change holds from the next call on.');
      onDone();
    },
    onSettled: () => client.invalidateQueries({ queryKey: projectQueries.all(id) }),
  });
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack gap="md">
        <FormFailure error={save.error} />
        <Text>
          Only owners and admins see them, beside the call on Usage. The first 64 kilobytes of each are kept,
          apart from the ledger.
        </Text>
        <Radio.Group label="What is kept" {...form.getInputProps('logging')}>
          <Stack gap="xs" mt={8}>
            {choices.map(({ value, label, description }) => (
              <Radio
                key={value}
                value={value}
                label={label}
                description={description}
                data-autofocus={value === form.values.logging || undefined}
              />
            ))}
          </Stack>
        </Radio.Group>
        <NumberInput
          label="Days"
          description="Then they are deleted. Fewer days hold for what is kept already."
          min={1}
          max={90}
          allowDecimal={false}
          {...form.getInputProps('days')}
        />
        <FormButtons action="Save" isPending={save.isPending} onCancel={onDone} />
      </Stack>
    </form>
  );
}
