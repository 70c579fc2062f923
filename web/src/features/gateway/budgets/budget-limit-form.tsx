import { Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import type { Budget } from './budget-queries.ts';
import type { BudgetLimit } from './budget-writes.ts';
import { LimitFields, type LimitValues, readLimit, validateLimit } from './limit-fields.tsx';

type BudgetLimitFormProps = {
  budget: Budget;
  onSave: (limit: BudgetLimit) => Promise<void>;
  onCancel: () => void;
};

/** What a budget binds stays; its limit may move. */
export function BudgetLimitForm({ budget, onSave, onCancel }: BudgetLimitFormProps) {
  const form = useForm<LimitValues>({
    mode: 'controlled',
    initialValues: {
      limit: Number(budget.limit_usd),
      mode: budget.mode === 'soft' ? 'soft' : 'hard',
      warnAt: budget.warn_at.map((percent) => `${percent}%`),
    },
    validate: validateLimit,
  });
  const save = useMutation({ mutationFn: onSave });
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(readLimit(values)))}>
      <Stack gap="md">
        <FormFailure error={save.error} />
        <LimitFields form={form} isFirstField />
        <FormButtons action="Save" isPending={save.isPending} onCancel={onCancel} />
      </Stack>
    </form>
  );
}
