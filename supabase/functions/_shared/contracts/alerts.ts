import { z } from 'zod';

/** What a channel can be asked to tell. */
export const AlertKind = z.enum([
  'budget_threshold',
  'spend_anomaly',
  'error_rate',
  'credential_failing',
  'unpriced_model',
  'key_expiring',
  'reconciliation_drift',
]);
export type AlertKind = z.infer<typeof AlertKind>;

export const AlertChannelType = z.enum(['mail', 'slack', 'webhook']);
export type AlertChannelType = z.infer<typeof AlertChannelType>;

/** Where mail goes; an empty list means the organization's admins and owners. */
export const AlertAddresses = z
  .array(z.email('That is not an email address.').max(320))
  .max(10, 'Ten addresses at most.');

const common = {
  organizationId: z.uuid(),
  name: z.string().trim().min(1, 'Give it a name.').max(100),
  kinds: z.array(AlertKind).min(1, 'Choose at least one kind.'),
};

export const WebhookUrl = z
  .string()
  .trim()
  .max(2000, 'That is too long for an address.')
  .pipe(z.url({ protocol: /^https?$/, error: 'That is not an address that begins with https://.' }));

export const CreateAlertChannel = z.discriminatedUnion('type', [
  z.object({ type: z.literal('mail'), ...common, addresses: AlertAddresses }),
  z.object({ type: z.literal('slack'), ...common, url: WebhookUrl }),
  z.object({ type: z.literal('webhook'), ...common, url: WebhookUrl }),
]);
export type CreateAlertChannel = z.infer<typeof CreateAlertChannel>;

/** `secret` signs what a webhook receives; it is answered this once. */
export const StoredAlertChannel = z.object({ id: z.uuid(), secret: z.string().nullable() });
export type StoredAlertChannel = z.infer<typeof StoredAlertChannel>;

/** Whether a test arrived; `error` is for people. */
export const AlertChannelTest = z.object({ ok: z.boolean(), error: z.string().nullable() });
export type AlertChannelTest = z.infer<typeof AlertChannelTest>;

/** An alert as it is told; `facts` are those of its kind, as they were when it was raised. */
export const Alert = z.object({
  id: z.int(),
  kind: z.string(),
  severity: z.string(),
  subject_type: z.string(),
  subject_id: z.string(),
  facts: z.record(z.string(), z.unknown()),
  created_at: z.string(),
});
export type Alert = z.infer<typeof Alert>;
