import { randomUUID } from 'node:crypto';
import type { Provider } from '../../supabase/functions/_shared/contracts/gateway.ts';
import { readBillsAgain, storeAdminKey } from '../support/billing-key.ts';
import { booksOfCalls, type BookedModel } from '../support/books-of-calls.ts';
import { makeCaller, type Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { keepBooks } from '../support/keep-books.ts';
import { readBalance, type LedgerRow } from '../support/ledger.ts';
import { makeBookedCalls } from '../support/make-booked-calls.ts';
import { startProviderReports } from '../support/provider-reports.ts';
import { dayAgo, readReconciliations, type Reconciliation } from '../support/reconciliation.ts';
import { runProof, showChecks, type Check } from './run-proof.ts';

/*
 * Calls go through the proxy; then a stand-in for the providers' report APIs says what it has on its books: the same;
 * 3 % more, which went another way; another price. And it says the same twice.
 */

const calls = 100;
const today = dayAgo(0);

const models = [
  { model: 'gpt-4o', provider: 'openai', name: 'OpenAI: dollars, in pages, with calls counted' },
  {
    model: 'claude-haiku-4-5',
    provider: 'anthropic',
    name: 'Anthropic: cents as text, in pages, without calls',
  },
] as const satisfies { model: BookedModel; provider: Provider; name: string }[];

const reports = await startProviderReports();

const onlyDay = async ({ organizationId }: Caller): Promise<Reconciliation> => {
  const [day, ...others] = await readReconciliations(organizationId);
  if (day === undefined || others.length > 0) throw new Error('One day was expected.');
  return day;
};

const sayCauses = ({ causes }: Reconciliation): string =>
  causes.map(({ cause, usd }) => `${cause} $${Number(usd).toFixed(6)}`).join(', ') || 'no cause';

const isNear = (left: number, right: number): boolean => Math.abs(left - right) < 1e-9;

async function proveModel(
  upstreamUrl: string,
  { model, provider }: (typeof models)[number],
): Promise<Check[]> {
  const { caller, rows } = await makeBookedCalls(upstreamUrl, model, calls);
  const apiKey = `sk-admin-${randomUUID()}`;
  const keep = (deviation = {}) =>
    keepBooks(apiKey, { pageSize: 4, ...booksOfCalls(today, model, rows, deviation) }, reports.url);
  await keep();
  const { id, read } = await storeAdminKey(caller.organizationId, caller.owner, provider, apiKey);
  const equal = await onlyDay(caller);
  const ledger = await readBalance(caller.organizationId);

  await keep({ moreCallsPercent: 3 });
  await readBillsAgain(id, caller.owner);
  const more = await onlyDay(caller);

  await keep({ pricePercent: 112 });
  await readBillsAgain(id, caller.owner);
  const dearer = await onlyDay(caller);
  const first = await readStored(caller);
  await readBillsAgain(id, caller.owner);
  const second = await readStored(caller);
  return [
    {
      claim: 'equal books have no drift',
      isTrue:
        read.error === null && equal.drift_usd === '0.0000000000' && equal.ours_usd === ledger.ledger_usd,
      facts: `$${equal.theirs_usd} there, $${equal.ours_usd} here`,
    },
    {
      claim: '3 % by-passed traffic is named',
      isTrue: onlyCause(more) === 'by_passed' && isNear(Number(more.drift_usd), Number(more.ours_usd) * 0.03),
      facts: sayCauses(more),
    },
    {
      claim: 'a price change is named',
      isTrue:
        onlyCause(dearer) === 'price_moved' &&
        isNear(Number(dearer.drift_usd), Number(dearer.ours_usd) * 0.12),
      facts: sayCauses(dearer),
    },
    {
      claim: 'a report delivered twice is one',
      isTrue: first === second,
      facts: `${JSON.parse(first).length} lines, unchanged`,
    },
  ];
}

const onlyCause = ({ causes }: Reconciliation): string | undefined =>
  causes.length === 1 ? causes[0]?.cause : undefined;

/** Everything that a report leaves behind, but for the time. */
async function readStored({ organizationId }: Caller): Promise<string> {
  const rows = await operatorSql()`
    select to_jsonb(l) as row from public.provider_report_lines l where organization_id = ${organizationId}
    union all
    select to_jsonb(r) - 'reconciled_at' from public.reconciliations r where organization_id = ${organizationId}
    union all
    select to_jsonb(l) from public.reconciliation_lines l where organization_id = ${organizationId}`;
  return JSON.stringify(rows.map(({ row }) => JSON.stringify(row)).toSorted());
}

/** A month on the provider's books, and nothing went through us yet. */
async function proveDayOne(): Promise<Check[]> {
  const caller = await makeCaller(null);
  const apiKey = `sk-admin-${randomUUID()}`;
  const none: LedgerRow[] = [];
  const days = Array.from({ length: 30 }, (_, index) => dayAgo(index + 1));
  const costs = days.map((day) => ({ day, item: 'gpt-4o, input', amount: '3.25' }));
  await keepBooks(
    apiKey,
    { pageSize: 4, costs, usage: booksOfCalls(today, 'gpt-4o', none).usage },
    reports.url,
  );
  await storeAdminKey(caller.organizationId, caller.owner, 'openai', apiKey);
  const found = await readReconciliations(caller.organizationId);
  const sum = found.reduce((total, { theirs_usd }) => total + Number(theirs_usd), 0);
  return [
    {
      claim: '30 days are there before a call',
      isTrue: found.length === 30 && isNear(sum, 30 * 3.25) && !found.some(({ is_alarming }) => is_alarming),
      facts: `${found.length} days, $${sum}`,
    },
  ];
}

const environment = {
  OPENAI_ADMIN_BASE_URL: `${reports.url}/v1`,
  ANTHROPIC_ADMIN_BASE_URL: reports.url,
};
await runProof(environment, async (upstreamUrl) => {
  let isProven = true;
  for (const each of models)
    isProven = showChecks(each.name, await proveModel(upstreamUrl, each)) && isProven;
  return showChecks('Day one', await proveDayOne()) && isProven;
});
await reports.close();
