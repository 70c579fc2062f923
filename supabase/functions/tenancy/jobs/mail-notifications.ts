import { describeNotification, pathOfNotification } from '../../_shared/contracts/describe-notification.ts';
import { Notification } from '../../_shared/contracts/notifications.ts';
import type { Job } from '../../_shared/create-app.ts';
import { connectAsService, type Db, unwrap, unwrapNothing } from '../../_shared/db.ts';
import { emptyOutbox } from '../../_shared/empty-outbox.ts';
import { describeError, log } from '../../_shared/log.ts';
import type { Mail, SendMail } from '../../_shared/mail.ts';
import type { TenancyEnv } from '../env.ts';

/** Longer than a mail server may take, so that nobody else claims what is still under way. */
const leaseSeconds = 120;
const batchSize = 25;

type Claimed = Awaited<ReturnType<typeof claim>>[number];

/**
 * Mails the notifications that were not read in the app first. Whoever dies in between loses its lease, and the mail is
 * tried again. Without a mail server they are dropped: the app tells the same.
 */
export function mailNotifications(env: TenancyEnv, sendMail: SendMail | null): Job {
  return async () => {
    const db = connectAsService(env);
    return emptyOutbox({
      claim: () => claim(db),
      deliver: (claimed) => deliver(db, sendMail ?? dropMail, claimed, env.APP_URL),
    });
  };
}

const dropMail: SendMail = async () => undefined;

async function claim(db: Db) {
  return unwrap(await db.rpc('claim_notification_mails', { batch: batchSize, lease_seconds: leaseSeconds }));
}

async function deliver(db: Db, sendMail: SendMail, claimed: Claimed, appUrl: string): Promise<boolean> {
  const failure = await sendMail(toMail(claimed, appUrl)).then(
    () => null,
    (error: unknown) => error,
  );
  if (failure !== null) {
    log({
      level: 'warn',
      service: 'tenancy',
      action: 'mail-notification',
      organizationId: claimed.organization_id,
      metadata: { notificationId: claimed.notification_id, error: describeError(failure) },
    });
  }
  unwrapNothing(
    await db.rpc('record_notification_mail', {
      notification_id: claimed.notification_id,
      leased_until: claimed.leased_until,
      is_sent: failure === null,
    }),
  );
  return failure === null;
}

function toMail(claimed: Claimed, appUrl: string): Mail {
  const { organization_name: organization, organization_slug: slug } = claimed;
  const notification = Notification.parse({ ...claimed, id: claimed.notification_id });
  const { title, detail } = describeNotification(notification);
  return {
    to: claimed.recipient,
    subject: `${organization}: ${title}`.replace(/\s+/g, ' '),
    paragraphs: [
      `${title}.`,
      ...(detail === '' ? [] : [detail]),
      `You chose in your profile to be mailed about this: ${appUrl}/profile`,
    ],
    action: { label: 'Open it', url: `${appUrl}${pathOfNotification(notification, slug) ?? ''}` },
  };
}
