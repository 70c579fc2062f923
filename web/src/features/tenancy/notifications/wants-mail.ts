import { z } from 'zod';
import type { MailedNotificationKind } from '@contracts/notifications.ts';

const Preferences = z.object({ mail: z.record(z.string(), z.unknown()).catch({}) }).catch({ mail: {} });

/** As `private.wants_mail` decides it: of what agents complete one is mailed on demand only. */
export function wantsMail(preferences: unknown, kind: MailedNotificationKind): boolean {
  const chosen = Preferences.parse(preferences).mail[kind];
  return kind === 'task_completed' ? chosen === true : chosen !== false;
}
