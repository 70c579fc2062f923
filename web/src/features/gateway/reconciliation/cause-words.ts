import { formatUsd } from '@/lib/money.ts';
import { formatCompact, formatPlural } from '@/lib/numbers.ts';
import type { Cause } from './reconciliation-queries.ts';

type Words = {
  /** In a table. */
  label: string;
  /** What happened and what to do about it. */
  explain: (cause: Cause, credential: string) => string;
};

const words: Readonly<Record<string, Words>> = {
  by_passed: {
    label: 'By-passed the proxy',
    explain: ({ calls, tokens }) =>
      `${whatBypassed(calls, tokens)} by-passed the proxy: the provider charged for more than went through it. Look for applications that hold the provider’s own key.`,
  },
  price_moved: {
    label: 'Price moved',
    explain: ({ factor }) =>
      factor === undefined
        ? 'The same tokens cost something else there.'
        : `The same tokens cost ${factor} times what they were priced at here. The provider’s price has moved, or differs from what Prices says.`,
  },
  service_tier: {
    label: 'Service tier',
    explain: ({ tiers = [] }) =>
      `The provider billed another service tier (${tiers.join(', ')}), which costs something else than the standard one.`,
  },
  unpriced_calls: {
    label: 'No price here',
    explain: ({ calls = 0 }) =>
      `${formatPlural(calls, 'call')} went to a model that has no price here, so the ledger has no cost for ${calls === 1 ? 'it' : 'them'}.`,
  },
  late_rows: {
    label: 'Around midnight',
    explain: ({ calls = 0 }) =>
      `${formatPlural(calls, 'call')} began on one day and ended on the next (UTC); the provider counts ${calls === 1 ? 'it' : 'them'} on the other day.`,
  },
  estimated_rows: {
    label: 'Estimated here',
    explain: () =>
      'Some calls broke off before the provider said what they used, so the ledger holds estimates for them.',
  },
  credential_not_covered: {
    label: 'Another account',
    explain: (_, credential) =>
      `Calls with the credential ${credential} do not show up there. It seems to belong to another account than the admin key.`,
  },
  report_lag: {
    label: 'Not reported yet',
    explain: () => 'The provider has not reported all of this day yet. It is compared again every day.',
  },
  missing_there: {
    label: 'Missing there',
    explain: () => 'The provider charged for less than went through the proxy.',
  },
  other_charge: {
    label: 'Other charges',
    explain: () => 'This is not charged by the token, so the ledger has no price for it.',
  },
  not_itemized: {
    label: 'Not itemized',
    explain: () =>
      'The provider gives a sum without tokens, so calls that by-passed the proxy cannot be told from a price that moved.',
  },
  before_first_call: {
    label: 'Before the first call',
    explain: () =>
      'Nothing of this provider went through the proxy by then: this is what was spent without it.',
  },
};

export const causeLabel = ({ cause }: Cause): string => words[cause]?.label ?? cause.replaceAll('_', ' ');

export const explainCause = (cause: Cause, credential = 'that was used'): string =>
  words[cause.cause]?.explain(cause, credential) ?? causeLabel(cause);

/** `+$0.74` and `-$0.10`: what the provider charges more, or less, than the ledger has. */
export const formatDrift = (usd: string): string => `${usd.startsWith('-') ? '' : '+'}${formatUsd(usd)}`;

function whatBypassed(calls: number | undefined, tokens: number | undefined): string {
  if (calls !== undefined) return formatPlural(calls, 'call');
  return tokens !== undefined && tokens > 0 ? `${formatCompact(tokens)} tokens` : 'Calls';
}
