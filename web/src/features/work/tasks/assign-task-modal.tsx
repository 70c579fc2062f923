import { Modal, Stack, Switch, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { AgentSelect } from '@/ui/agent-select.tsx';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { agentQueries } from '../agents/agent-queries.ts';
import { taskQueries } from './task-queries.ts';
import { assignTask, type NewTask } from './task-writes.ts';
import { useTaskFilters } from './use-task-filters.ts';

/** Leads to the new task, whose agent begins while one looks. */
export function AssignTaskModal({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Modal opened={isOpen} onClose={onClose} title="New task">
      <AssignTaskForm onDone={onClose} />
    </Modal>
  );
}

function AssignTaskForm({ onDone }: { onDone: () => void }) {
  const { id, slug } = useOrganization();
  const { filters } = useTaskFilters();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { data: agents = [] } = useQuery(agentQueries.list(id));
  const form = useForm<NewTask>({
    mode: 'controlled',
    initialValues: { title: '', description: '', agentId: filters.agentId, needsApproval: false },
    validate: { title: (title) => (title.trim() === '' ? 'Say what is to be done.' : null) },
  });
  const assign = useMutation({
    mutationFn: (task: NewTask) => assignTask(id, task),
    onSuccess: async (taskId) => {
      onDone();
      await navigate(paths.task(slug, taskId));
    },
    onSettled: () => client.invalidateQueries({ queryKey: taskQueries.all(id) }),
  });
  const present = agents.filter(({ archived_at: archivedAt }) => archivedAt === null);
  return (
    <form onSubmit={form.onSubmit((task) => assign.mutate(task))} noValidate>
      <Stack gap="md">
        <FormFailure error={assign.error} />
        <TextInput
          label="Task"
          placeholder="Compare the three cheapest models"
          maxLength={200}
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('title')}
        />
        <Textarea
          label="Description"
          description="What the agent needs to know. Markdown is fine."
          autosize
          minRows={4}
          maxRows={12}
          maxLength={20_000}
          {...form.getInputProps('description')}
        />
        <AgentSelect agents={present} {...form.getInputProps('agentId')} />
        <Switch
          label="I approve the result"
          description="It counts as done once somebody has approved it."
          {...form.getInputProps('needsApproval', { type: 'checkbox' })}
        />
        <FormButtons
          action={form.values.agentId === null ? 'Create task' : 'Assign task'}
          isPending={assign.isPending}
          onCancel={onDone}
        />
      </Stack>
    </form>
  );
}
