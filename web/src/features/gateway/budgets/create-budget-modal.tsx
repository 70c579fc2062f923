import { Autocomplete, Modal, Select, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { notifyDone } from '@/ui/notify.ts';
import { useKnownValues } from '../reports/use-known-values.ts';
import { budgetQueries, type DryRun } from './budget-queries.ts';
import {
  type BudgetPeriod,
  type BudgetScope,
  budgetPeriods,
  budgetScopes,
  isBudgetScope,
  periodWords,
  scopeWords,
} from './budget-words.ts';
import { createBudget } from './budget-writes.ts';
import { DryRunNote } from './dry-run-note.tsx';
import { LimitFields, type LimitValues, readLimit, validateLimit } from './limit-fields.tsx';
import { ScopeSelect } from './scope-select.tsx';

type CreateBudgetModalProps = { isOpen: boolean; onClose: () => void };

export function CreateBudgetModal({ isOpen, onClose }: CreateBudgetModalProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title="Create a budget">
      <CreateBudgetForm onDone={onClose} />
    </Modal>
  );
}

type Values = LimitValues & { scope: BudgetScope; scopeId: string; period: BudgetPeriod };

function CreateBudgetForm({ onDone }: { onDone: () => void }) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const form = useForm<Values>({
    mode: 'controlled',
    initialValues: {
      scope: 'organization',
      scopeId: '',
      period: 'month',
      limit: '',
      mode: 'hard',
      warnAt: ['50%', '80%', '90%', '100%'],
    },
    validate: {
      ...validateLimit,
      scopeId: (scopeId, { scope }) =>
        scope !== 'organization' && scopeId.trim() === '' ? 'Say which one.' : null,
    },
  });
  const create = useMutation({
    mutationFn: (values: Values) => createBudget(id, { ...values, ...readLimit(values) }),
    onSuccess: () => {
      notifyDone('The budget holds from the next call on.');
      onDone();
    },
    onSettled: () => client.invalidateQueries({ queryKey: budgetQueries.all(id) }),
  });
  return (
    <form onSubmit={form.onSubmit((values) => create.mutate(values))}>
      <Stack gap="md">
        <FormFailure error={create.error} />
        <Select
          label="Budget of"
          description="Of several that bind a call, each must have room."
          data={budgetScopes.map((value) => ({ value, label: scopeWords[value] }))}
          allowDeselect={false}
          data-autofocus
          {...form.getInputProps('scope')}
          onChange={(scope) => isBudgetScope(scope) && form.setValues({ scope, scopeId: '' })}
        />
        <ScopeField scope={form.values.scope} input={form.getInputProps('scopeId')} />
        <Select
          label="Period"
          description="By the calendar, in the organization's time zone."
          data={budgetPeriods.map((value) => ({ value, label: periodWords[value] }))}
          allowDeselect={false}
          {...form.getInputProps('period')}
        />
        <LimitFields form={form} isFirstField={false} />
        <DryRunNote budget={dryRunOf(form.values)} />
        <FormButtons action="Create budget" isPending={create.isPending} onCancel={onDone} />
      </Stack>
    </form>
  );
}

/** As far as it can be tried: what it limits is known, and to what. */
function dryRunOf({ scope, scopeId, period, limit }: Values): DryRun | null {
  if (validateLimit.limit(limit) !== null || (scope !== 'organization' && scopeId.trim() === '')) return null;
  return { scope, scopeId: scopeId.trim(), period, limitUsd: String(limit) };
}

type ScopeFieldProps = { scope: BudgetScope; input: ReturnType<ReturnType<typeof useForm>['getInputProps']> };

/** Projects and keys are chosen; users, agents and tags are what clients say, so anything can be typed. */
function ScopeField({ scope, input }: ScopeFieldProps) {
  const users = useKnownValues('user').filter((value) => value !== '');
  const agents = useKnownValues('agent').filter((value) => value !== '');
  if (scope === 'organization') return null;
  if (scope === 'project' || scope === 'proxy_key') return <ScopeSelect scope={scope} {...input} />;
  return (
    <Autocomplete
      label={scopeWords[scope]}
      description={sources[scope]}
      data={{ user: users, agent: agents, tag: [] }[scope]}
      maxLength={scope === 'tag' ? 64 : 200}
      {...input}
    />
  );
}

const sources = {
  user: 'As calls name it in the header x-khq-user.',
  agent: 'As calls name it in the header x-khq-agent.',
  tag: 'One of those that calls carry in the header x-khq-tags.',
} as const;
