import { Modal, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { notifyDone } from '@/ui/notify.ts';
import { assignTask } from '../tasks/task-writes.ts';
import type { Staff } from './life/staff.ts';

export type Assigning = { agentId: string; approverId: string | null };

type AssignModalProps = {
  /** Null while it is closed. */
  assigning: Assigning | null;
  staff: Staff;
  onClose: () => void;
};

export function AssignModal({ assigning, staff, onClose }: AssignModalProps) {
  return (
    <Modal opened={assigning !== null} onClose={onClose} title="Assign a task">
      {assigning && <AssignForm assigning={assigning} staff={staff} onDone={onClose} />}
    </Modal>
  );
}

const nobody = 'nobody';

function AssignForm({
  assigning,
  staff,
  onDone,
}: {
  assigning: Assigning;
  staff: Staff;
  onDone: () => void;
}) {
  const { id } = useOrganization();
  const form = useForm({
    mode: 'controlled',
    initialValues: {
      agentId: assigning.agentId,
      title: '',
      description: '',
      approver: assigning.approverId ?? nobody,
    },
    validate: {
      title: (title) => (title.trim() === '' ? 'Say in a few words what is to be done.' : null),
    },
  });
  const agentName = staff.agents.find((agent) => agent.id === form.values.agentId)?.name ?? 'The agent';
  const assign = useMutation({
    mutationFn: ({ approver, ...task }: typeof form.values) => {
      const approverId = approver === nobody ? null : approver;
      return assignTask(id, { ...task, needsApproval: approverId !== null, approverId });
    },
    onSuccess: () => {
      notifyDone(`${agentName} has it.`);
      onDone();
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => assign.mutate(values))}>
      <Stack gap="md">
        <FormFailure error={assign.error} />
        <TextInput
          label="What is to be done"
          maxLength={200}
          data-autofocus
          {...form.getInputProps('title')}
        />
        <Textarea
          label="Description"
          description="What the agent should know: sources, length, tone."
          autosize
          minRows={3}
          maxRows={10}
          maxLength={20_000}
          {...form.getInputProps('description')}
        />
        <Select
          label="Agent"
          data={staff.agents.map(({ id: value, name }) => ({ value, label: name }))}
          {...form.getInputProps('agentId')}
        />
        <Select
          label="Who approves the result"
          data={[
            { value: nobody, label: 'Nobody: it is done when the agent is' },
            ...staff.people.map(({ userId: value, name }) => ({ value, label: name })),
          ]}
          {...form.getInputProps('approver')}
        />
        <FormButtons action="Assign" isPending={assign.isPending} onCancel={onDone} />
      </Stack>
    </form>
  );
}
