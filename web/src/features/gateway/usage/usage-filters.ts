import { type Day, isDay } from '@/lib/dates.ts';
import { isUuid } from '@/lib/is-uuid.ts';
import { paths } from '@/lib/paths.ts';

export const callStatuses = ['reserved', 'succeeded', 'failed', 'aborted', 'refused', 'expired'] as const;
export type CallStatus = (typeof callStatuses)[number];

/** What the Usage page lists. An empty list means no restriction; '' in users and agents means nobody. */
export type UsageFilters = {
  /** Days of the organization's zone, both included. */
  from: Day | null;
  to: Day | null;
  projects: readonly string[];
  keys: readonly string[];
  models: readonly string[];
  users: readonly string[];
  agents: readonly string[];
  statuses: readonly CallStatus[];
};

/** The filters that are a choice of values, by the name that each has in the address. */
export const choiceNames = {
  projects: 'project',
  keys: 'key',
  models: 'model',
  users: 'user',
  agents: 'agent',
  statuses: 'status',
} as const;
export type Choice = keyof typeof choiceNames;

export const noFilters: UsageFilters = {
  from: null,
  to: null,
  projects: [],
  keys: [],
  models: [],
  users: [],
  agents: [],
  statuses: [],
};

/** Reads an address; what makes no sense in it is left out. */
export function parseUsageFilters(search: URLSearchParams): UsageFilters {
  const day = (name: string): Day | null => {
    const value = search.get(name);
    return value !== null && isDay(value) ? value : null;
  };
  const values = (choice: Choice): string[] => [...new Set(search.getAll(choiceNames[choice]))];
  const ids = (choice: Choice): string[] => values(choice).filter(isUuid);
  return {
    from: day('from'),
    to: day('to'),
    projects: ids('projects'),
    keys: ids('keys'),
    models: values('models'),
    users: values('users'),
    agents: values('agents'),
    statuses: callStatuses.filter((status) => values('statuses').includes(status)),
  };
}

export function toSearch(filters: UsageFilters): string {
  const search = new URLSearchParams();
  if (filters.from) search.set('from', filters.from);
  if (filters.to) search.set('to', filters.to);
  for (const choice of choices) {
    for (const value of filters[choice]) search.append(choiceNames[choice], value);
  }
  return search.size === 0 ? '' : `?${search.toString()}`;
}

export const choices: readonly Choice[] = ['projects', 'keys', 'models', 'users', 'agents', 'statuses'];

export const isFiltered = (filters: UsageFilters): boolean => toSearch(filters) !== '';

/** The Usage page with these filters set. */
export const usagePath = (slug: string, filters: Partial<UsageFilters>): string =>
  `${paths.usage(slug)}${toSearch({ ...noFilters, ...filters })}`;
