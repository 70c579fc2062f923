import '@mantine/dates/styles.css';
import { Modal, NumberInput, SegmentedControl, Select, SimpleGrid, Stack } from '@mantine/core';
import { DatePickerInput } from '@mantine/dates';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Provider } from '@contracts/gateway.ts';
import { calendarLabels } from '@/lib/calendar-labels.ts';
import { type Day, startOfDay } from '@/lib/dates.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { FormButtons } from '@/ui/form-buttons.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { notifyDone } from '@/ui/notify.ts';
import { UsdInput } from '@/ui/usd-input.tsx';
import { providerLabel } from '../credentials/provider-label.ts';
import { type Price, priceQueries } from './price-queries.ts';
import { type NewPrice, setPrice } from './price-writes.ts';

type SetPriceModalProps = { isOpen: boolean; prices: readonly Price[]; onClose: () => void };

export function SetPriceModal({ isOpen, prices, onClose }: SetPriceModalProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title="Set a price of your own">
      <SetPriceForm prices={prices} onClose={onClose} />
    </Modal>
  );
}

type Amount = number | string;
type Values = {
  provider: Provider;
  model: string | null;
  kind: 'discount' | 'rates';
  percent: Amount;
  input: Amount;
  cacheRead: Amount;
  output: Amount;
  /** Null: from now on. */
  from: Day | null;
};

const isMissing = (amount: Amount): boolean => amount === '' || Number.isNaN(Number(amount));

function SetPriceForm({ prices, onClose }: Omit<SetPriceModalProps, 'isOpen'>) {
  const { id, timeZone } = useOrganization();
  const client = useQueryClient();
  const form = useForm<Values>({
    initialValues: {
      provider: 'openai',
      model: null,
      kind: 'discount',
      percent: '',
      input: '',
      cacheRead: '',
      output: '',
      from: null,
    },
    validate: {
      model: (model, { kind }) => (kind === 'rates' && model === null ? 'Say of which model.' : null),
      percent: (percent, { kind }) =>
        kind === 'discount' && isMissing(percent) ? 'Give it a percentage; zero is the list’s price.' : null,
      input: (input, { kind }) => (kind === 'rates' && isMissing(input) ? 'Give it a rate.' : null),
      output: (output, { kind }) => (kind === 'rates' && isMissing(output) ? 'Give it a rate.' : null),
    },
  });
  const save = useMutation({
    mutationFn: (values: Values) => setPrice(id, toPrice(values, timeZone)),
    onSuccess: () => {
      notifyDone('The price is set.');
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: priceQueries.all(id) }),
  });
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack gap="md">
        <FormFailure error={save.error} />
        <Select
          label="Provider"
          data={Provider.options.map((value) => ({ value, label: providerLabel(value) }))}
          allowDeselect={false}
          data-autofocus
          {...form.getInputProps('provider')}
          onChange={(value) => {
            form.setFieldValue('provider', Provider.parse(value));
            form.setFieldValue('model', null);
          }}
        />
        <Select
          label="Model"
          placeholder="Every model"
          data={prices.flatMap(({ provider, model }) => (provider === form.values.provider ? [model] : []))}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': 'Every model' }}
          {...form.getInputProps('model')}
        />
        <SegmentedControl
          aria-label="Kind of price"
          data={[
            { value: 'discount', label: 'Discount' },
            { value: 'rates', label: 'Own rates' },
          ]}
          {...form.getInputProps('kind')}
        />
        <PriceFields form={form} />
        <DatePickerInput
          label="From"
          description="A day in the past does not change what calls cost, until you price them again."
          placeholder="Now"
          valueFormat="MMM D, YYYY"
          firstDayOfWeek={1}
          weekendDays={[]}
          hideOutsideDates
          ariaLabels={calendarLabels}
          clearable
          clearButtonProps={{ 'aria-label': 'From now on' }}
          {...form.getInputProps('from')}
        />
        <FormButtons action="Set price" isPending={save.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}

function PriceFields({ form }: { form: UseFormReturnType<Values> }) {
  if (form.values.kind === 'discount') {
    return (
      <NumberInput
        label="Off the list’s price"
        suffix="%"
        min={0}
        max={100}
        decimalScale={4}
        hideControls
        {...form.getInputProps('percent')}
      />
    );
  }
  return (
    <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="md">
      <UsdInput label="Input" description="Per million" {...form.getInputProps('input')} />
      <UsdInput label="Cached" description="Else as input" {...form.getInputProps('cacheRead')} />
      <UsdInput label="Output" description="Per million" {...form.getInputProps('output')} />
    </SimpleGrid>
  );
}

function toPrice(values: Values, timeZone: string): NewPrice {
  const { provider, model, kind, percent, input, cacheRead, output, from } = values;
  const validFrom = from === null ? new Date() : startOfDay(from, timeZone);
  const of = { provider, model, validFrom };
  return kind === 'discount'
    ? { ...of, discountPercent: Number(percent) }
    : {
        ...of,
        input: Number(input),
        cacheRead: isMissing(cacheRead) ? null : Number(cacheRead),
        output: Number(output),
      };
}
