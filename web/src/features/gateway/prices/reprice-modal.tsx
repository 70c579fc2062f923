import '@mantine/dates/styles.css';
import { Button, Group, Modal, Progress, Stack, Text } from '@mantine/core';
import { DatePickerInput } from '@mantine/dates';
import { useState } from 'react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { calendarLabels } from '@/lib/calendar-labels.ts';
import { addDays, type Day, daysBetween } from '@/lib/dates.ts';
import { formatUsd, subtractUsd, sumUsd } from '@/lib/money.ts';
import { formatCount, formatPlural } from '@/lib/numbers.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { useToday } from '@/lib/use-now.ts';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { FormFailure } from '@/ui/form-failure.tsx';
import { notifyDone } from '@/ui/notify.ts';
import type { Repriced } from './price-queries.ts';
import { previewRepricing, reprice } from './price-writes.ts';

type RepriceModalProps = { isOpen: boolean; onClose: () => void };

export function RepriceModal({ isOpen, onClose }: RepriceModalProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title="Price again" size="lg">
      <Reprice onClose={onClose} />
    </Modal>
  );
}

const mostDays = 92;

function Reprice({ onClose }: { onClose: () => void }) {
  const { id, timeZone } = useOrganization();
  const client = useQueryClient();
  const today = useToday(timeZone);
  const [[from, to], pick] = useState<[Day | null, Day | null]>([`${today.slice(0, 8)}01`, today]);
  const [done, setDone] = useState(0);
  const span = from !== null && to !== null ? { from, to, timeZone } : undefined;
  const preview = useMutation({
    mutationFn: async (days: { from: Day; to: Day; timeZone: string }) => previewRepricing(id, days, setDone),
  });
  const apply = useMutation({
    mutationFn: async (days: { from: Day; to: Day; timeZone: string }) => reprice(id, days, setDone),
    onSuccess: (calls) => {
      notifyDone(`${formatPlural(calls, 'call')} ${calls === 1 ? 'was' : 'were'} priced again.`);
      onClose();
    },
    // Whatever shows money has changed.
    onSettled: () => client.invalidateQueries({ queryKey: ['gateway', id] }),
  });
  const isBusy = preview.isPending || apply.isPending;
  const days = span ? daysBetween(span.from, span.to).length : 0;
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        The ledger keeps what every call used. Here its cost is found anew, at the price that is known today
        for the day of the call. You see the difference before anything changes.
      </Text>
      <FormFailure error={preview.error ?? apply.error} />
      <DatePickerInput
        type="range"
        label="Days"
        description={`In ${timeZone.replaceAll('_', ' ')}, the organization’s time zone.`}
        allowSingleDateInRange
        valueFormat="MMM D, YYYY"
        firstDayOfWeek={1}
        weekendDays={[]}
        hideOutsideDates
        ariaLabels={calendarLabels}
        minDate={addDays(today, -mostDays)}
        maxDate={today}
        disabled={isBusy}
        value={[from, to]}
        onChange={(value) => {
          pick(value);
          preview.reset();
        }}
      />
      {isBusy && <Progress value={(done / Math.max(days, 1)) * 100} aria-label="Days done" />}
      {preview.data && <Difference models={preview.data} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        {preview.data && preview.data.length > 0 && span ? (
          <Button
            loading={apply.isPending}
            onClick={() => {
              setDone(0);
              apply.mutate(span);
            }}
          >
            Apply the difference
          </Button>
        ) : (
          <Button
            loading={preview.isPending}
            disabled={!span}
            onClick={() => {
              if (!span) return;
              setDone(0);
              preview.mutate(span);
            }}
          >
            Show the difference
          </Button>
        )}
      </Group>
    </Stack>
  );
}

const columns: [Column<Repriced>, ...Column<Repriced>[]] = [
  { key: 'model', header: 'Model', cell: ({ model }) => model },
  { key: 'calls', header: 'Calls', align: 'right', cell: ({ calls }) => formatCount(calls) },
  { key: 'before', header: 'Before', align: 'right', cell: ({ beforeUsd }) => formatUsd(beforeUsd) },
  { key: 'after', header: 'After', align: 'right', cell: ({ afterUsd }) => formatUsd(afterUsd) },
];

function Difference({ models }: { models: readonly Repriced[] }) {
  if (models.length === 0) return <Text>Nothing would change: every call has the price of its day.</Text>;
  const difference = subtractUsd(
    sumUsd(models.map(({ afterUsd }) => afterUsd)),
    sumUsd(models.map(({ beforeUsd }) => beforeUsd)),
  );
  return (
    <>
      <DataTable
        label="Difference"
        rows={models}
        columns={columns}
        rowKey={({ provider, model }) => `${provider}/${model}`}
      />
      <Text>
        Together <b>{difference.startsWith('-') ? formatUsd(difference) : `+${formatUsd(difference)}`}</b>.
        Applying it moves the calls, the charts and the budgets, and is written to the audit log.
      </Text>
    </>
  );
}
