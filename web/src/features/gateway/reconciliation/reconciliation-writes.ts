import { BillRead, StoredBillingKey, type CreateBillingKey } from '@contracts/reconciliation.ts';
import { callFunction } from '@/lib/api.ts';
import { requireSuccess } from '@/lib/errors.ts';
import type { Usd } from '@/lib/money.ts';
import { supabase } from '@/lib/supabase.ts';

/** Stores how a provider's bills come; with an admin key its reports are read at once. */
export const storeBillingKey = (key: CreateBillingKey): Promise<StoredBillingKey> =>
  callFunction({ path: '/gateway/billing-keys', method: 'POST', body: key, answer: StoredBillingKey });

export const readBills = (billingKeyId: string): Promise<BillRead> =>
  callFunction({ path: `/gateway/billing-keys/${billingKeyId}/read`, method: 'POST', answer: BillRead });

/** What was read with it stays. */
export async function deleteBillingKey(billingKeyId: string): Promise<void> {
  requireSuccess(await supabase().from('billing_keys').delete().eq('id', billingKeyId));
}

export async function changeThreshold(
  organizationId: string,
  { percent, usd }: { percent: number; usd: Usd },
): Promise<void> {
  requireSuccess(
    await supabase()
      .from('organizations')
      .update({ drift_alarm_percent: percent, drift_alarm_usd: Number(usd) })
      .eq('id', organizationId),
  );
}
