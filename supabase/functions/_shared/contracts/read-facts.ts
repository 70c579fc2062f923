/** What was written down when something happened: a JSON object whose fields depend on its kind and on its age. */
export type Facts = Readonly<Record<string, unknown>>;

/** A field as text; '' where it is missing or nothing to be read out. */
export function textIn(facts: Facts, name: string): string {
  const value = facts[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** As many decimals as the first two significant ones, at least two. */
export function dollarsIn(facts: Facts, name: string): string {
  const amount = Number(facts[name] ?? 0);
  const size = Math.abs(amount);
  const decimals = size === 0 || size >= 0.1 ? 2 : Math.min(10, 1 - Math.floor(Math.log10(size)));
  return `$${amount.toFixed(decimals)}`;
}
