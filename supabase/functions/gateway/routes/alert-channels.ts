import type { Hono } from 'hono';
import { authenticate } from '../../_shared/auth.ts';
import {
  type AlertChannelTest,
  CreateAlertChannel,
  type StoredAlertChannel,
} from '../../_shared/contracts/alerts.ts';
import { readBody } from '../../_shared/create-app.ts';
import { connectAsService, unwrap } from '../../_shared/db.ts';
import { AppError } from '../../_shared/errors.ts';
import { answerData } from '../../_shared/http.ts';
import { describeError, log } from '../../_shared/log.ts';
import type { SecretBox } from '../../_shared/secret-box.ts';
import { findWebhookAddress, WebhookFailure } from '../alerts/post-webhook.ts';
import { type AlertMessage, type AlertTarget, ChannelSecret, type SendAlert } from '../alerts/send-alert.ts';
import { makeWebhookSecret } from '../alerts/sign-webhook.ts';
import type { GatewayEnv } from '../env.ts';

/** Addresses of webhooks come in here, are sealed, and never go out again. Who may do what is decided in SQL. */
export function addAlertChannelRoutes(
  app: Hono,
  env: GatewayEnv,
  box: SecretBox,
  sendAlert: SendAlert,
): void {
  app.post('/alert-channels', async (c) => {
    const user = await authenticate(env, c.req.raw);
    const input = await readBody(c.req.raw, CreateAlertChannel);
    const id = crypto.randomUUID();
    const secret = input.type === 'webhook' ? makeWebhookSecret() : null;
    const hook = input.type === 'mail' ? {} : await seal(env, box, { id, secret, ...input });
    unwrap(
      await user.db.rpc('store_alert_channel', {
        id,
        organization_id: input.organizationId,
        type: input.type,
        name: input.name,
        kinds: input.kinds,
        ...(input.type === 'mail' ? { addresses: input.addresses } : {}),
        ...hook,
      }),
    );
    return answerData({ id, secret } satisfies StoredAlertChannel, 201);
  });

  app.post('/alert-channels/:id/test', async (c) => {
    const user = await authenticate(env, c.req.raw);
    const id = c.req.param('id');
    const [channel] = unwrap(await user.db.rpc('begin_alert_channel_test', { id }));
    if (channel === undefined) throw new AppError('alert_channel_not_found');
    const message = testMessage(id, channel);
    try {
      for (const target of await targetsOf(env, box, id, channel)) await sendAlert(target, message);
      return answerData({ ok: true, error: null } satisfies AlertChannelTest);
    } catch (error) {
      log({
        level: 'warn',
        service: 'gateway',
        action: 'test-alert-channel',
        userId: user.id,
        organizationId: channel.organization_id,
        metadata: { error: describeError(error) },
      });
      const words = error instanceof WebhookFailure ? error.message : 'The mail server did not take it.';
      return answerData({ ok: false, error: words } satisfies AlertChannelTest);
    }
  });
}

interface Hook {
  readonly id: string;
  readonly organizationId: string;
  readonly url: string;
  readonly secret: string | null;
}

/** Refuses an address that could not be used; that is asked again at every delivery, since names move. */
async function seal(env: GatewayEnv, box: SecretBox, { id, organizationId, url, secret }: Hook) {
  const found = await findWebhookAddress(url, { mayReachLoopback: env.WEBHOOKS_MAY_REACH_LOOPBACK }).catch(
    (cause: unknown) => {
      throw new AppError(
        'webhook_url_refused',
        { reason: cause instanceof WebhookFailure ? cause.message : 'This is not an address.' },
        { cause },
      );
    },
  );
  const owner = { organizationId, credentialId: id };
  const text = JSON.stringify({ url: found.url.href, secret } satisfies ChannelSecret);
  return { url_host: found.url.host, ciphertext: await box.seal(env.ENCRYPTION_KEY_ID, text, owner) };
}

interface TestedChannel {
  readonly organization_id: string;
  readonly organization_name: string;
  readonly organization_slug: string;
  readonly type: string;
  readonly recipients: readonly string[];
}

async function targetsOf(
  env: GatewayEnv,
  box: SecretBox,
  id: string,
  { type, recipients, organization_id: organizationId }: TestedChannel,
): Promise<AlertTarget[]> {
  if (type !== 'slack' && type !== 'webhook')
    return recipients.map((recipient): AlertTarget => ({ type: 'mail', recipient }));
  const ciphertext = unwrap(await connectAsService(env).rpc('read_alert_channel_secret', { id }));
  const opened = await box.open(ciphertext, { organizationId, credentialId: id });
  return [{ type, secret: ChannelSecret.parse(JSON.parse(opened)) }];
}

function testMessage(channelId: string, channel: TestedChannel): AlertMessage {
  return {
    id: `msg_test_${crypto.randomUUID()}`,
    alert: {
      id: 0,
      kind: 'test',
      severity: 'info',
      subject_type: 'alert_channel',
      subject_id: channelId,
      facts: {},
      created_at: new Date().toISOString(),
    },
    organization: {
      id: channel.organization_id,
      name: channel.organization_name,
      slug: channel.organization_slug,
    },
  };
}
