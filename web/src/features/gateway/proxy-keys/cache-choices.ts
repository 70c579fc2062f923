import { formatPlural } from '@/lib/numbers.ts';

const usual = new Map([
  [60, 'a minute'],
  [600, '10 minutes'],
  [3_600, 'an hour'],
  [86_400, 'a day'],
  [604_800, 'a week'],
  [2_592_000, '30 days'],
]);

/** `an hour`: for how long a key's answers may be given again. */
export const describeCaching = (seconds: number): string =>
  usual.get(seconds) ?? formatPlural(seconds, 'second');

/** What can be chosen; what a key has by now is among them, however it came by it. */
export function cacheChoices(present: number | null): { value: string; label: string }[] {
  const all = new Set([...usual.keys(), ...(present === null ? [] : [present])]);
  return [
    { value: '', label: 'Not at all' },
    ...[...all]
      .toSorted((a, b) => a - b)
      .map((seconds) => ({ value: String(seconds), label: capitalized(describeCaching(seconds)) })),
  ];
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
