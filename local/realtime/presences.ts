import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

type Meta = Record<string, unknown> & { phx_ref: string };
export type PresenceState = Record<string, { metas: Meta[] }>;
export type PresenceDiff = { joins: PresenceState; leaves: PresenceState };

/** Who is present in one room. `Tracker` is whoever tracks; each shows one meta, several may share a key. */
export type Presences<Tracker> = {
  /** @returns what changed; undefined when the same was shown before */
  track: (tracker: Tracker, key: string, payload: Record<string, unknown>) => PresenceDiff | undefined;
  untrack: (tracker: Tracker) => PresenceDiff | undefined;
  state: () => PresenceState;
};

type Shown = { key: string; payload: Record<string, unknown>; meta: Meta };

export function createPresences<Tracker>(): Presences<Tracker> {
  const shown = new Map<Tracker, Shown>();
  const only = ({ key, meta }: Shown): PresenceState => Object.fromEntries([[key, { metas: [meta] }]]);
  return {
    track: (tracker, key, payload) => {
      const before = shown.get(tracker);
      if (before !== undefined && isDeepStrictEqual(before.payload, payload)) return undefined;
      const previous = before === undefined ? {} : { phx_ref_prev: before.meta.phx_ref };
      const meta = { ...payload, phx_ref: randomBytes(9).toString('base64url'), ...previous };
      const now = { key, payload, meta };
      shown.set(tracker, now);
      return { joins: only(now), leaves: before === undefined ? {} : only(before) };
    },
    untrack: (tracker) => {
      const before = shown.get(tracker);
      shown.delete(tracker);
      return before === undefined ? undefined : { joins: {}, leaves: only(before) };
    },
    state: () => {
      const metas = Map.groupBy(shown.values(), ({ key }) => key);
      return Object.fromEntries(
        [...metas].map(([key, entries]) => [key, { metas: entries.map(({ meta }) => meta) }]),
      );
    },
  };
}
