import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { notifyDone } from '@/ui/notify.ts';
import { FormSkeleton } from '@/ui/skeletons.tsx';
import { AgentForm } from './agent-form.tsx';
import { type Agent, agentQueries } from './agent-queries.ts';
import { changeAgent, createAgent } from './agent-writes.ts';

export function CreateAgentModal({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { id } = useOrganization();
  const { data: projects } = useQuery(agentQueries.projects(id));
  return (
    <Modal opened={isOpen} onClose={onClose} title="Create an agent" size="lg">
      {projects === undefined ? (
        <FormSkeleton fields={5} />
      ) : (
        <AgentForm
          initial={{
            name: '',
            role: '',
            avatar: 'robot',
            projectId: projects[0]?.id ?? '',
            model: '',
            systemPrompt: '',
            usesTools: true,
            budgetUsd: '10',
            maxSteps: 25,
            maxTaskUsd: '1',
            maxMinutes: 30,
          }}
          action="Create agent"
          onCancel={onClose}
          onSave={async (values) => {
            await createAgent(values);
            notifyDone(`${values.name.trim()} is ready for its first task.`);
            onClose();
          }}
        />
      )}
    </Modal>
  );
}

type EditAgentModalProps = { agent: Agent; isOpen: boolean; onClose: () => void };

export function EditAgentModal({ agent, isOpen, onClose }: EditAgentModalProps) {
  const { id } = useOrganization();
  const { data: budgets } = useQuery(agentQueries.budgets(id));
  const budget = budgets?.get(agent.id);
  return (
    <Modal opened={isOpen} onClose={onClose} title={`Edit ${agent.name}`} size="lg">
      {budgets === undefined ? (
        <FormSkeleton fields={5} />
      ) : (
        <AgentForm
          initial={{
            name: agent.name,
            role: agent.role,
            avatar: agent.avatar,
            projectId: agent.project_id,
            model: agent.model,
            systemPrompt: agent.system_prompt,
            usesTools: agent.uses_tools,
            budgetUsd: budget?.limit_usd ?? '0',
            maxSteps: agent.max_steps,
            maxTaskUsd: agent.max_task_usd,
            maxMinutes: agent.max_minutes,
          }}
          action="Save"
          onCancel={onClose}
          onSave={async (values) => {
            await changeAgent(agent, id, budget?.id, values);
            notifyDone(`${values.name.trim()} was changed.`);
            onClose();
          }}
        />
      )}
    </Modal>
  );
}
