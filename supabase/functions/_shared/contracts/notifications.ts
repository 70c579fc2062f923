import { z } from 'zod';

/** What people are told, those first that wait for them. */
export const NotificationKind = z.enum([
  'approval_needed',
  'task_failed',
  'task_completed',
  'budget_warning',
  'invitation',
]);
export type NotificationKind = z.infer<typeof NotificationKind>;

/** Of what people may choose whether it is mailed. Invitations are in any case: the mail is the way in; weekly reports are nothing else. */
export const MailedNotificationKind = z.enum([
  ...NotificationKind.exclude(['invitation']).options,
  'weekly_report',
]);
export type MailedNotificationKind = z.infer<typeof MailedNotificationKind>;

/** A notification as it is told; `data` is that of its kind, as it was then. */
export const Notification = z.object({
  id: z.int(),
  kind: z.string(),
  /** Of the task, budget or invitation that it is about. */
  subject_id: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type Notification = z.infer<typeof Notification>;
