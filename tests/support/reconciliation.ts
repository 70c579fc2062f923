import { z } from 'zod';
import { operatorSql } from './database.ts';

const Cause = z.looseObject({ cause: z.string(), usd: z.string(), calls: z.number().optional() });

const Reconciliation = z.object({
  provider: z.string(),
  day: z.string(),
  ours_usd: z.string(),
  theirs_usd: z.string(),
  drift_usd: z.string(),
  is_alarming: z.boolean(),
  is_provisional: z.boolean(),
  is_before_first_call: z.boolean(),
  causes: z.array(Cause),
});
export type Reconciliation = z.infer<typeof Reconciliation>;

/** What was found of an organization's days, the latest first. */
export async function readReconciliations(organizationId: string): Promise<Reconciliation[]> {
  const rows = await operatorSql()`
    select provider, day::text, ours_usd::text, theirs_usd::text, drift_usd::text, is_alarming, is_provisional,
      is_before_first_call, causes
    from public.reconciliations where organization_id = ${organizationId} order by day desc, provider`;
  return z.array(Reconciliation).parse([...rows]);
}

const Line = z.object({
  item: z.string(),
  drift_usd: z.string(),
  is_divided: z.boolean(),
  causes: z.array(Cause),
});

export async function readReconciliationLines(organizationId: string): Promise<z.infer<typeof Line>[]> {
  const rows = await operatorSql()`
    select item, drift_usd::text, is_divided, causes from public.reconciliation_lines
    where organization_id = ${organizationId} order by day desc, item`;
  return z.array(Line).parse([...rows]);
}

/** Today in UTC, and days before it. */
export const dayAgo = (days: number): string =>
  new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
