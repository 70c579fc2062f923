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
      // Enter adds; where nothing is found it must not send the form.
      onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
      onChange={(target) => {
        if (target === null) return;
        onAdd(target);
        setSearch('');
      }}
      data={[...groups].map(([provider, items]) => ({
        group: providerLabel(provider),
        items: items
          .toSorted(beginningWith(search))
          .map((each) => ({ value: writeTarget(each), label: each.model })),
      }))}
    />
  );
}

type Model = { model: string };

/** Whoever types gpt-4o means that one, not chatgpt-4o-latest. */
const beginningWith =
  (search: string) =>
  (left: Model, right: Model): number =>
    Number(right.model.startsWith(search)) - Number(left.model.startsWith(search));
