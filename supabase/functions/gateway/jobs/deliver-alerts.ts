import { Alert, AlertChannelType } from '../../_shared/contracts/alerts.ts';
import type { Job } from '../../_shared/create-app.ts';
import { connectAsService, type Db, unwrap, unwrapNothing } from '../../_shared/db.ts';
import { emptyOutbox } from '../../_shared/empty-outbox.ts';
import { describeError, log } from '../../_shared/log.ts';
import type { SecretBox } from '../../_shared/secret-box.ts';
import type { AlertTarget, SendAlert } from '../alerts/send-alert.ts';
import { ChannelSecret } from '../alerts/send-alert.ts';
import { WebhookFailure } from '../alerts/post-webhook.ts';
import type { GatewayEnv } from '../env.ts';

/** Longer than one delivery may take, so that nobody else claims what is still under way. */
const leaseSeconds = 120;
const batchSize = 25;
const deliveryTimeoutMs = 30_000;

type Delivery = Awaited<ReturnType<typeof claim>>[number];

/**
 * Empties the outbox of alerts: claims what is due, tells it, and writes down what became of it. Whoever dies in between
 * loses its lease, and the delivery is tried again with the same id.
 */
export function deliverAlerts(env: GatewayEnv, box: SecretBox, sendAlert: SendAlert): Job {
  return async () => {
    const db = connectAsService(env);
    return emptyOutbox({
      claim: () => claim(db),
      deliver: (delivery) => deliver(db, box, sendAlert, delivery),
    });
  };
}

async function claim(db: Db) {
  return unwrap(await db.rpc('claim_alert_deliveries', { batch: batchSize, lease_seconds: leaseSeconds }));
}

async function deliver(db: Db, box: SecretBox, sendAlert: SendAlert, delivery: Delivery): Promise<boolean> {
  const failure = await tell(box, sendAlert, delivery).then(
    () => null,
    (error: unknown) => error,
  );
  const claimed = { id: delivery.id, leased_until: delivery.leased_until };
  if (failure === null) {
    unwrapNothing(await db.rpc('record_alert_delivery', claimed));
    return true;
  }
  log({
    level: 'warn',
    service: 'gateway',
    action: 'deliver-alert',
    organizationId: delivery.organization_id,
    metadata: { deliveryId: delivery.id, type: delivery.type, error: describeError(failure) },
  });
  const isFinal = failure instanceof WebhookFailure && failure.isFinal;
  const error = failure instanceof WebhookFailure ? failure.message : 'The mail server did not take it.';
  unwrapNothing(await db.rpc('record_alert_delivery', { ...claimed, error, is_final: isFinal }));
  return false;
}

async function tell(box: SecretBox, sendAlert: SendAlert, delivery: Delivery): Promise<void> {
  const { organization_id: id, organization_name: name, organization_slug: slug } = delivery;
  const message = {
    id: `msg_${delivery.id}`,
    alert: Alert.parse(delivery.alert),
    organization: { id, name, slug },
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('It took too long.')), deliveryTimeoutMs);
  });
  try {
    await Promise.race([sendAlert(await targetOf(box, delivery), message), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

async function targetOf(box: SecretBox, delivery: Delivery): Promise<AlertTarget> {
  const type = AlertChannelType.parse(delivery.type);
  if (type === 'mail') return { type, recipient: delivery.recipient };
  return { type, secret: await openChannelSecret(box, delivery) };
}

async function openChannelSecret(box: SecretBox, delivery: Delivery): Promise<ChannelSecret> {
  const { organization_id: organizationId, channel_id: credentialId, ciphertext } = delivery;
  const opened = await box.open(ciphertext, { organizationId, credentialId }).catch((cause: unknown) => {
    throw new WebhookFailure('Its sealed address cannot be opened here.', { cause });
  });
  return ChannelSecret.parse(JSON.parse(opened));
}
