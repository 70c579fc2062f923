import { formatDollars } from './format-dollars.ts';

/** What was written down when something happened: a JSON object whose fields depend on its kind and on its age. */
export type Facts = Readonly<Record<string, unknown>>;

/** A field as text; '' where it is missing or nothing to be read out. */
export function textIn(facts: Facts, name: string): string {
  const value = facts[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** A field as dollars; none where it is missing. */
export const dollarsIn = (facts: Facts, name: string): string => formatDollars(Number(facts[name] ?? 0));
