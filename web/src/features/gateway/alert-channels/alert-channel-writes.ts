import { AlertChannelTest, StoredAlertChannel, type CreateAlertChannel } from '@contracts/alerts.ts';
import { callFunction } from '@/lib/api.ts';
import { requireSuccess } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';
import type { AlertChannel } from './alert-channel-queries.ts';

type Identified = Pick<AlertChannel, 'id'>;

/** Seals a webhook's address; the answer has its signing secret, this once. */
export const addAlertChannel = (channel: CreateAlertChannel): Promise<StoredAlertChannel> =>
  callFunction({
    path: '/gateway/alert-channels',
    method: 'POST',
    body: channel,
    answer: StoredAlertChannel,
  });

export const testAlertChannel = ({ id }: Identified): Promise<AlertChannelTest> =>
  callFunction({ path: `/gateway/alert-channels/${id}/test`, method: 'POST', answer: AlertChannelTest });

type Change = Partial<Pick<AlertChannel, 'name' | 'kinds' | 'addresses' | 'is_active'>>;

export async function changeAlertChannel({ id }: Identified, change: Change): Promise<void> {
  requireSuccess(await supabase().from('alert_channels').update(change).eq('id', id));
}

export async function deleteAlertChannel({ id }: Identified): Promise<void> {
  requireSuccess(await supabase().from('alert_channels').delete().eq('id', id));
}

/** After a day of failures it was paused. */
export async function resumeAlertChannel({ id }: Identified): Promise<void> {
  requireSuccess(await supabase().rpc('resume_alert_channel', { id }));
}
