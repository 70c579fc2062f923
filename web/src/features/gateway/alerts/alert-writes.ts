import { requireSuccess } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

/** Says for all admins that somebody looked at these alerts; without ids at all of them. */
export async function markAlertsSeen(organizationId: string, ids?: number[]): Promise<void> {
  requireSuccess(
    await supabase().rpc('mark_alerts_seen', { organization_id: organizationId, ...(ids && { ids }) }),
  );
}

/** Tries again what was given up. */
export async function restartDelivery(deliveryId: string): Promise<void> {
  requireSuccess(await supabase().rpc('restart_alert_delivery', { id: deliveryId }));
}
