import { Select, TagsInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { UsdInput } from '@/ui/usd-input.tsx';
import { type BudgetMode, modeWords } from './budget-words.ts';
import type { BudgetLimit } from './budget-writes.ts';

/** What can be changed of a budget, as its fields hold it. */
export type LimitValues = { limit: number | string; mode: BudgetMode; warnAt: string[] };

export const readLimit = ({ limit, mode, warnAt }: LimitValues): BudgetLimit => ({
  limitUsd: String(limit),
  mode,
  warnAt: warnAt.map(readPercent),
});

const readPercent = (text: string): number => Number(text.replace('%', '').trim());

export const validateLimit = {
  limit: (limit: number | string): string | null =>
    limit === '' || Number.isNaN(Number(limit)) ? 'Give it an amount; zero allows nothing.' : null,
  warnAt: (warnAt: string[]): string | null =>
    warnAt.every(
      (text) => Number.isInteger(readPercent(text)) && readPercent(text) >= 1 && readPercent(text) <= 1000,
    )
      ? null
      : 'Percentages are whole numbers between 1 and 1000.',
};

type LimitFieldsProps<Values extends LimitValues> = {
  form: UseFormReturnType<Values>;
  isFirstField: boolean;
};

/** Amount, what happens when it is used up, and when to warn. */
export function LimitFields<Values extends LimitValues>({ form, isFirstField }: LimitFieldsProps<Values>) {
  return (
    <>
      <UsdInput
        label="Limit"
        description="In dollars. With zero, nothing may be spent."
        data-autofocus={isFirstField || undefined}
        {...form.getInputProps('limit')}
      />
      <Select
        label="When it is used up"
        data={Object.entries(modeWords).map(([value, label]) => ({ value, label }))}
        allowDeselect={false}
        {...form.getInputProps('mode')}
      />
      <TagsInput
        label="Warn at"
        description="Percent of the limit, once per period each."
        data={['50%', '80%', '90%', '100%']}
        acceptValueOnBlur
        clearable
        clearButtonProps={{ 'aria-label': 'Never warn' }}
        {...form.getInputProps('warnAt')}
      />
    </>
  );
}
