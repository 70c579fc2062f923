export const budgetScopes = ['organization', 'project', 'proxy_key', 'user', 'agent', 'tag'] as const;
export type BudgetScope = (typeof budgetScopes)[number];
export const budgetPeriods = ['day', 'week', 'month', 'total'] as const;
export type BudgetPeriod = (typeof budgetPeriods)[number];
export type BudgetMode = 'hard' | 'soft';

export const scopeWords: Readonly<Record<BudgetScope, string>> = {
  organization: 'Whole organization',
  project: 'Project',
  proxy_key: 'Proxy key',
  user: 'User',
  agent: 'Agent',
  tag: 'Tag',
};

export const periodWords: Readonly<Record<BudgetPeriod, string>> = {
  day: 'A day',
  week: 'A week',
  month: 'A month',
  total: 'In total',
};

export const modeWords: Readonly<Record<BudgetMode, string>> = {
  hard: 'Refuses calls that do not fit',
  soft: 'Lets calls through, and warns',
};

export const isBudgetScope = (text: unknown): text is BudgetScope =>
  budgetScopes.some((each) => each === text);
const isBudgetPeriod = (text: string): text is BudgetPeriod => budgetPeriods.some((each) => each === text);

/** A period as the database has it, in words. */
export const describePeriod = (period: string): string =>
  isBudgetPeriod(period) ? periodWords[period] : period;
