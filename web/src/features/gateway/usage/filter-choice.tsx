import { type ReactNode, useState } from 'react';
import { Button, Checkbox, Popover, ScrollArea, Stack, Text, TextInput } from '@mantine/core';
import { IconChevronDown, IconSearch } from '@tabler/icons-react';
import classes from './filters.module.css';

export type Option = { value: string; label: string; note?: string | undefined; icon?: ReactNode };

type FilterChoiceProps = {
  /** The noun, e.g. `Project`. */
  label: string;
  options: readonly Option[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
};

const searchableFrom = 8;

/** A filter that takes any number of values; none means all. */
export function FilterChoice({ label, options, chosen, onChange }: FilterChoiceProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-start" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <FilterButton label={label} value={valueOf(options, chosen)} onClick={() => setOpen(!isOpen)} />
      </Popover.Target>
      <Popover.Dropdown p="xs" w={280} aria-label={`Filter by ${label.toLowerCase()}`}>
        <Choices label={label} options={withUnknown(options, chosen)} chosen={chosen} onChange={onChange} />
      </Popover.Dropdown>
    </Popover>
  );
}

type FilterButtonProps = { label: string; value: string | undefined; onClick: () => void };

export function FilterButton({ label, value, ...rest }: FilterButtonProps) {
  return (
    <Button
      variant="default"
      size="xs"
      className={classes.button}
      data-active={value !== undefined || undefined}
      rightSection={<IconChevronDown size={14} stroke={1.5} aria-hidden />}
      {...rest}
    >
      {label}
      {value !== undefined && <span className={classes.value}>{value}</span>}
    </Button>
  );
}

function Choices({ label, options, chosen, onChange }: FilterChoiceProps) {
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const found = options.filter((option) =>
    `${option.label} ${option.note ?? ''}`.toLowerCase().includes(wanted),
  );
  return (
    <Stack gap="xs">
      {options.length >= searchableFrom && (
        <TextInput
          size="xs"
          aria-label={`Search ${label.toLowerCase()}`}
          placeholder="Search"
          leftSection={<IconSearch size={14} stroke={1.5} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          data-autofocus
        />
      )}
      {found.length === 0 && (
        <Text size="sm" c="dimmed" p={4}>
          {options.length === 0 ? 'No calls carry one yet.' : 'Nothing matches.'}
        </Text>
      )}
      <ScrollArea.Autosize mah={280} type="auto">
        <Checkbox.Group value={[...chosen]} onChange={onChange} aria-label={label}>
          <Stack gap={0}>
            {found.map((option) => (
              <Checkbox
                key={option.value}
                value={option.value}
                size="xs"
                className={classes.option}
                classNames={{ body: classes.optionBody, labelWrapper: classes.optionLabel }}
                label={
                  <span className={classes.optionText}>
                    {option.icon}
                    <span className={classes.optionName}>{option.label}</span>
                    {option.note !== undefined && <span className={classes.optionNote}>{option.note}</span>}
                  </span>
                }
              />
            ))}
          </Stack>
        </Checkbox.Group>
      </ScrollArea.Autosize>
      {chosen.length > 0 && (
        <Button size="compact-xs" variant="subtle" color="gray" onClick={() => onChange([])}>
          Clear
        </Button>
      )}
    </Stack>
  );
}

function valueOf(options: readonly Option[], chosen: readonly string[]): string | undefined {
  const [first, ...others] = chosen;
  if (first === undefined) return undefined;
  const label = options.find(({ value }) => value === first)?.label ?? first;
  return others.length === 0 ? label : `${chosen.length} chosen`;
}

/** An address may name what is not offered: it stays in the list so that it can be taken away. */
function withUnknown(options: readonly Option[], chosen: readonly string[]): readonly Option[] {
  const offered = new Set(options.map(({ value }) => value));
  const unknown = chosen.filter((value) => !offered.has(value)).map((value) => ({ value, label: value }));
  return [...options, ...unknown];
}
