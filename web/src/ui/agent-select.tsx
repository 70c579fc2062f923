import { Select, type SelectProps } from '@mantine/core';

type AgentSelectProps = Omit<SelectProps, 'data' | 'label' | 'placeholder' | 'description' | 'clearable'> & {
  agents: readonly { id: string; name: string; role: string; is_active: boolean }[];
};

/** To whom a new task goes, or to nobody yet. */
export function AgentSelect({ agents, ...field }: AgentSelectProps) {
  return (
    <Select
      label="Agent"
      description="It begins at once; without one the task waits for somebody to take it."
      placeholder={agents.length === 0 ? 'There is no agent yet' : 'Nobody yet'}
      data={agents.map(({ id: value, name, role, is_active: isActive }) => ({
        value,
        label: `${name}${role === '' ? '' : `, ${role}`}${isActive ? '' : ' (paused)'}`,
      }))}
      clearable
      {...field}
    />
  );
}
