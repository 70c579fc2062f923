import { z } from 'zod';
import { formatDollars } from './format-dollars.ts';

export interface WeeklyReportWords {
  /** One line: what was spent, and when. */
  readonly title: string;
  /** How much that is beside the week before, and what came of it. */
  readonly detail: string;
  /** What it was spent on, and which budgets fill up; those without rows are left out. */
  readonly tables: readonly {
    readonly title: string;
    readonly rows: readonly (readonly [string, string])[];
  }[];
}

/** The figures of an alert of the kind weekly_report, for people, the same in the app and in its mail. */
export function describeWeeklyReport(facts: unknown): WeeklyReportWords {
  const report = WeeklyReport.parse(facts);
  const tables = [
    { title: 'Models', rows: report.models.map(spentOn) },
    { title: 'Projects', rows: report.projects.map(spentOn) },
    { title: 'Keys', rows: report.proxy_keys.map(spentOn) },
    { title: 'Budgets near their limits', rows: report.budgets.map(describeBudget) },
  ];
  return {
    title: `${dollars(report.cost_usd)} spent from ${dayOf(report.first_day)} to ${dayOf(report.last_day)}`,
    detail: [describeCalls(report), compare(report), describeSavings(report)].filter(Boolean).join(' '),
    tables: tables.filter(({ rows }) => rows.length > 0),
  };
}

const Spent = z.object({ name: z.string().nullable(), cost_usd: z.string(), calls: z.number() });
type Spent = z.infer<typeof Spent>;

const Budget = z.object({
  scope: z.string(),
  name: z.string().nullable(),
  period: z.string(),
  spent_usd: z.string(),
  limit_usd: z.string(),
  percent: z.number(),
});
type Budget = z.infer<typeof Budget>;

/** As private.write_weekly_report writes them; a fact that is missing is none. */
const WeeklyReport = z.object({
  first_day: z.string().catch(''),
  last_day: z.string().catch(''),
  cost_usd: z.string().catch('0'),
  calls: z.number().catch(0),
  errors: z.number().catch(0),
  before_usd: z.string().nullable().catch(null),
  cached_calls: z.number().catch(0),
  saved_usd: z.string().catch('0'),
  models: z.array(Spent).catch([]),
  projects: z.array(Spent).catch([]),
  proxy_keys: z.array(Spent).catch([]),
  budgets: z.array(Budget).catch([]),
});
type WeeklyReport = z.infer<typeof WeeklyReport>;

const dollars = (amount: string): string => formatDollars(Number(amount));
const count = (number: number, noun: string): string =>
  `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;

const spentOn = ({ name, cost_usd, calls }: Spent): readonly [string, string] => [
  name ?? 'Deleted',
  `${dollars(cost_usd)}, ${count(calls, 'call')}`,
];

function describeCalls({ calls, errors }: WeeklyReport): string {
  return errors === 0
    ? `${count(calls, 'call')}, none failed.`
    : `${count(calls, 'call')}, ${errors} of them failed.`;
}

/** Without a judgement: more may be good or bad. */
function compare({ cost_usd, before_usd }: WeeklyReport): string {
  if (before_usd === null) return '';
  const [now, before] = [Number(cost_usd), Number(before_usd)];
  if (before === 0) return 'Nothing was spent the week before.';
  const ratio = now / before;
  const than = `than the ${dollars(before_usd)} of the week before`;
  if (Math.abs(ratio - 1) < 0.005) return 'That is as much as the week before.';
  if (ratio >= 10) return `That is ${Math.round(ratio)} times the ${dollars(before_usd)} of the week before.`;
  const percent = Math.round(Math.abs(ratio - 1) * 100);
  return `That is ${percent}% ${ratio > 1 ? 'more' : 'less'} ${than}.`;
}

function describeSavings({ cached_calls: calls, saved_usd: usd }: WeeklyReport): string {
  return calls === 0 ? '' : `The cache answered ${count(calls, 'call')} and saved ${dollars(usd)}.`;
}

function describeBudget({ scope, name, period, ...budget }: Budget): readonly [string, string] {
  const of = scope === 'plan' ? 'The plan' : (name ?? 'The organization');
  const when = period === 'total' ? 'in total' : `this ${period}`;
  return [
    `${of}, ${when}`,
    `${dollars(budget.spent_usd)} of ${dollars(budget.limit_usd)}, ${budget.percent}%`,
  ];
}

function dayOf(day: string): string {
  const at = new Date(`${day}T00:00:00Z`);
  return Number.isNaN(at.getTime())
    ? 'last week'
    : at.toLocaleDateString('en-US', { month: 'short', day: 'numeric', timeZone: 'UTC' });
}
