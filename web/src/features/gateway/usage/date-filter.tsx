import '@mantine/dates/styles.css';
import { useState } from 'react';
import { Box, Button, Group, Popover, Text } from '@mantine/core';
import { DatePicker } from '@mantine/dates';
import { calendarLabels } from '@/lib/calendar-labels.ts';
import { addDays, type Day, dayIn, formatDay } from '@/lib/dates.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { useToday } from '@/lib/use-now.ts';
import { HistoryNote } from '../history/history-note.tsx';
import { useHistoryStart } from '../history/use-history-start.ts';
import { FilterButton } from './filter-choice.tsx';
import type { UsageFilters } from './usage-filters.ts';

type Range = Pick<UsageFilters, 'from' | 'to'>;

/** From a day to a day, both included, in the organization's zone. */
export function DateFilter({ from, to, onChange }: Range & { onChange: (range: Range) => void }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-start" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <FilterButton label="Date" value={describeRange(from, to)} onClick={() => setOpen(!isOpen)} />
      </Popover.Target>
      <Popover.Dropdown p="sm" aria-label="Filter by date">
        <Calendar
          from={from}
          to={to}
          onChange={(range) => {
            onChange(range);
            setOpen(false);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function Calendar({ from, to, onChange }: Range & { onChange: (range: Range) => void }) {
  const { timeZone } = useOrganization();
  const today = useToday(timeZone);
  const historyStartsAt = useHistoryStart();
  // Half a range is nobody's filter yet.
  const [picked, pick] = useState<[Day | null, Day | null]>([from, to]);
  return (
    <>
      <Group gap={4} mb="xs" maw={280}>
        {presetsOf(today).map(({ label, range }) => (
          <Button
            key={label}
            size="compact-xs"
            variant="default"
            onClick={() => onChange({ from: range[0], to: range[1] })}
          >
            {label}
          </Button>
        ))}
      </Group>
      <DatePicker
        type="range"
        size="sm"
        allowSingleDateInRange
        firstDayOfWeek={1}
        weekendDays={[]}
        hideOutsideDates
        ariaLabels={calendarLabels}
        defaultDate={to ?? from ?? today}
        maxDate={today}
        {...(historyStartsAt ? { minDate: dayIn(timeZone, historyStartsAt) } : {})}
        value={picked}
        onChange={(value) => {
          pick(value);
          const [first, last] = value;
          if (first !== null && last !== null) onChange({ from: first, to: last });
        }}
      />
      <Text size="xs" c="dimmed" mt="xs" maw={280}>
        Days in {timeZone.replaceAll('_', ' ')}, the organization’s time zone.
      </Text>
      <Box mt="xs" maw={280}>
        <HistoryNote historyStartsAt={historyStartsAt} />
      </Box>
      {(from !== null || to !== null) && (
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          mt="xs"
          fullWidth
          onClick={() => onChange({ from: null, to: null })}
        >
          Clear
        </Button>
      )}
    </>
  );
}

function presetsOf(today: Day): { label: string; range: [Day, Day] }[] {
  const yesterday = addDays(today, -1);
  return [
    { label: 'Today', range: [today, today] },
    { label: 'Yesterday', range: [yesterday, yesterday] },
    { label: 'Last 7 days', range: [addDays(today, -6), today] },
    { label: 'Last 30 days', range: [addDays(today, -29), today] },
    { label: 'This month', range: [`${today.slice(0, 8)}01`, today] },
  ];
}

function describeRange(from: Day | null, to: Day | null): string | undefined {
  if (from !== null && to !== null) {
    return from === to ? formatDay(from) : `${formatDay(from)} – ${formatDay(to)}`;
  }
  if (from !== null) return `since ${formatDay(from)}`;
  return to === null ? undefined : `until ${formatDay(to)}`;
}
