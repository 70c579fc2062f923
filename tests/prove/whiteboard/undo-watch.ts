import type { TLStore } from '@tldraw/tlschema';
import { sortKeys } from './sort-keys.ts';

type Records = Map<string, Map<string, string>>;

/** What one tab itself wrote, and whether its undo touches anything else. Values are written once, so they tell whose. */
export class UndoWatch {
  readonly #store: TLStore;
  /** Of fields: every value that this tab gave them. Of records: that it made or removed them. */
  readonly #own = new Set<string>();

  constructor(store: TLStore) {
    this.#store = store;
  }

  /** Remembers what is done as this tab's own. */
  watch(act: () => void): void {
    const before = this.#read();
    act();
    const after = this.#read();
    for (const change of compare(before, after)) {
      this.#own.add(`${change.id} ${change.field} ${change.after}`);
      if (change.field === '') this.#own.add(`${change.id} whole`);
    }
  }

  /** Undoes or redoes; answers what of it was not this tab's. */
  check(act: () => void): string[] {
    const before = this.#read();
    act();
    const after = this.#read();
    const changes = compare(before, after);
    const faults = changes.flatMap(({ id, field, before: was }) => {
      const isOwn =
        field === ''
          ? this.#own.has(`${id} whole`)
          : this.#own.has(`${id} ${field} ${was}`) || this.#own.has(`${id} whole`);
      return isOwn ? [] : [`undo changed ${field} of ${id}, which was ${was}`];
    });
    for (const { id, field, after: becomes } of changes) this.#own.add(`${id} ${field} ${becomes}`);
    return faults;
  }

  #read(): Records {
    return new Map(
      this.#store.allRecords().map((record) => {
        const { meta, ...rest } = record;
        const { props, ...fields } = { props: {}, ...rest };
        const flat = { ...prefix('', fields), ...prefix('props.', props), ...prefix('meta.', meta) };
        return [record.id, new Map(Object.entries(flat))];
      }),
    );
  }
}

const prefix = (start: string, fields: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [start + key, JSON.stringify(sortKeys(value))]),
  );

type Difference = { id: string; field: string; before: string; after: string };

function compare(before: Records, after: Records): Difference[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((id): Difference[] => {
    const [was, is] = [before.get(id), after.get(id)];
    if (was === undefined || is === undefined)
      return was === is
        ? []
        : [{ id, field: '', before: was ? 'there' : 'gone', after: is ? 'there' : 'gone' }];
    return [...new Set([...was.keys(), ...is.keys()])].flatMap((field) =>
      was.get(field) === is.get(field)
        ? []
        : [{ id, field, before: was.get(field) ?? 'none', after: is.get(field) ?? 'none' }],
    );
  });
}
