import { useState } from 'react';
import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { providerLabel } from '../credentials/provider-label.ts';
import { modelQueries } from '../proxy-keys/model-queries.ts';
import { writeTarget } from './read-target.ts';

type AddTargetProps = { chosen: readonly string[]; onAdd: (target: string) => void };

/** Choosing a model adds it; the field is then empty for the next. */
export function AddTarget({ chosen, onAdd }: AddTargetProps) {
  const { data: models = [] } = useQuery(modelQueries.list());
  const [search, setSearch] = useState('');
  const add = (target: string): void => {
    onAdd(target);
    setSearch('');
  };
  const groups = Map.groupBy(
    models.filter((model) => !chosen.includes(writeTarget(model))),
    ({ provider }) => provider,
  );
  return (
    <Select
      mt="xs"
      aria-label="Add a model"
      placeholder={chosen.length === 0 ? 'Choose a model' : 'Add one that stands in'}
      nothingFoundMessage="No model with a price is called so."
      searchable
      selectFirstOptionOnChange
      maxDropdownHeight={240}
      searchValue={search}
      onSearchChange={setSearch}
      value={null}
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return;
        // Enter adds; where nothing is found it must not send the form.
        event.preventDefault();
        // Whoever typed before the models were there means the one of that name, though nothing is marked.
        const named = models.find(
          (each) => each.model === search.trim() && !chosen.includes(writeTarget(each)),
        );
        if (named !== undefined && !isAnyMarked(event.currentTarget)) add(writeTarget(named));
      }}
      onChange={(target) => target !== null && add(target)}
      data={[...groups].map(([provider, items]) => ({
        group: providerLabel(provider),
        items: items
          .toSorted(beginningWith(search))
          .map((each) => ({ value: writeTarget(each), label: each.model })),
      }))}
    />
  );
}

function isAnyMarked(field: HTMLElement): boolean {
  const list = document.getElementById(field.getAttribute('aria-controls') ?? '');
  return list?.querySelector('[data-combobox-selected]') != null;
}

type Model = { model: string };

/** Whoever types gpt-4o means that one, not chatgpt-4o-latest. */
const beginningWith =
  (search: string) =>
  (left: Model, right: Model): number =>
    Number(right.model.startsWith(search)) - Number(left.model.startsWith(search));
