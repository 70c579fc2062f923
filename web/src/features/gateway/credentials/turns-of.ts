import type { Credential } from './credential-queries.ts';

type Rankable = Pick<Credential, 'id' | 'provider' | 'is_active' | 'priority' | 'weight'>;

export type Turn = {
  /** 1 is asked first. */
  rank: number;
  /** Of the calls that come to this rank, between 0 and 1. */
  share: number;
};

/** When each active credential is asked among those of its provider, by id. */
export function turnsOf(credentials: readonly Rankable[]): ReadonlyMap<string, Turn> {
  const active = credentials.filter(({ is_active }) => is_active);
  return new Map(active.map((credential) => [credential.id, turnOf(credential, active)]));
}

function turnOf({ provider, priority, weight }: Rankable, active: readonly Rankable[]): Turn {
  const rivals = active.filter((each) => each.provider === provider);
  const above = rivals.filter((each) => each.priority > priority).map((each) => each.priority);
  const equals = rivals.filter((each) => each.priority === priority);
  return {
    rank: new Set(above).size + 1,
    share: weight / equals.reduce((sum, each) => sum + each.weight, 0),
  };
}
