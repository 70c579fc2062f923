import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import type { Tables } from '@db';
import { addDays, type Day, dayIn } from '@/lib/dates.ts';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export type BillingKey = Tables<'billing_keys'>;

/** Why two sides differ, as the database found it; `usd` is the part of the drift that this explains. */
const Cause = z.object({
  cause: z.string(),
  usd: z.string(),
  calls: z.number().optional(),
  tokens: z.number().optional(),
  factor: z.string().optional(),
  tiers: z.array(z.string()).optional(),
  credential_id: z.string().optional(),
});
export type Cause = z.infer<typeof Cause>;
const Causes = z.array(Cause);

export type Reconciliation = Awaited<ReturnType<typeof fetchDays>>[number];
export type ReconciliationLine = Awaited<ReturnType<typeof fetchLines>>[number];

const shownDays = 90;

export const reconciliationQueries = {
  all: (organizationId: string) => ['gateway', organizationId, 'reconciliation'],
  billingKeys: (organizationId: string) =>
    queryOptions({
      queryKey: [...reconciliationQueries.all(organizationId), 'billing-keys'],
      queryFn: async () =>
        unwrap(
          await supabase()
            .from('billing_keys')
            .select()
            .eq('organization_id', organizationId)
            .order('provider'),
        ),
    }),
  /** The last ninety days (UTC), the latest first. */
  days: (organizationId: string) =>
    queryOptions({
      queryKey: [...reconciliationQueries.all(organizationId), 'days'],
      queryFn: () => fetchDays(organizationId),
    }),
  /** What differs most first. */
  lines: (organizationId: string, provider: string, day: Day) =>
    queryOptions({
      queryKey: [...reconciliationQueries.all(organizationId), 'lines', provider, day],
      queryFn: () => fetchLines(organizationId, provider, day),
    }),
  threshold: (organizationId: string) =>
    queryOptions({
      queryKey: [...reconciliationQueries.all(organizationId), 'threshold'],
      queryFn: async () =>
        unwrap(
          await supabase()
            .from('organizations')
            .select('drift_alarm_percent::text, drift_alarm_usd::text')
            .eq('id', organizationId)
            .single(),
        ),
    }),
};

// Money is asked for as text: a JSON number would be a float.
async function fetchDays(organizationId: string) {
  const rows = unwrap(
    await supabase()
      .from('reconciliations')
      .select(
        'provider, day, ours_usd::text, theirs_usd::text, drift_usd::text, causes, is_alarming, is_provisional, reconciled_at',
      )
      .eq('organization_id', organizationId)
      .gte('day', addDays(dayIn('UTC', new Date()), -shownDays))
      .order('day', { ascending: false })
      .order('provider'),
  );
  return rows.map((row) => ({ ...row, causes: Causes.parse(row.causes) }));
}

async function fetchLines(organizationId: string, provider: string, day: Day) {
  const rows = unwrap(
    await supabase()
      .from('reconciliation_lines')
      .select(
        'item, is_model, is_divided, ours_usd::text, theirs_usd::text, drift_usd::text, ours_calls, ours_input_tokens, ours_output_tokens, theirs_calls, theirs_input_tokens, theirs_output_tokens, causes',
      )
      .eq('organization_id', organizationId)
      .eq('provider', provider)
      .eq('day', day)
      .order('item'),
  );
  const size = ({ drift_usd: drift }: { drift_usd: string }): number => Math.abs(Number(drift));
  return rows
    .map((row) => ({ ...row, causes: Causes.parse(row.causes) }))
    .toSorted((left, right) => size(right) - size(left));
}
