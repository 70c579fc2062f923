import type { Hono } from 'hono';
import { z } from 'zod';
import { type Charge, ProviderEvent } from '../../_shared/contracts/reconciliation.ts';
import { parseBody } from '../../_shared/create-app.ts';
import { connectAsService, unwrap } from '../../_shared/db.ts';
import { AppError } from '../../_shared/errors.ts';
import { answerData } from '../../_shared/http.ts';
import { readText } from '../../_shared/read-text.ts';
import { createSecretBox } from '../../_shared/secret-box.ts';
import type { GatewayEnv } from '../env.ts';
import type { ReportLine } from '../reports/report.ts';
import { verifyWebhook } from '../verify-webhook.ts';

const maxMegabytes = 1;

/** Billing events that a provider pushes, signed by the secret that an admin was shown once. */
export function addProviderEventRoutes(app: Hono, env: GatewayEnv): void {
  app.post('/provider-events', async (c) => {
    const db = connectAsService(env);
    const id = z.uuid().safeParse(c.req.query('key'));
    const message = {
      id: c.req.header('webhook-id') ?? '',
      timestamp: c.req.header('webhook-timestamp') ?? '',
      signatures: c.req.header('webhook-signature') ?? '',
    };
    const [stored] = id.success ? unwrap(await db.rpc('read_event_secret', { id: id.data })) : [];
    // An address that is not known looks like a signature that is wrong.
    if (!id.success || stored === undefined) throw new AppError('signature_invalid');
    const body = await readText(c.req.raw, maxMegabytes);
    const secret = await createSecretBox(env.ENCRYPTION_KEYS).open(stored.ciphertext, {
      organizationId: stored.organization_id,
      credentialId: id.data,
    });
    if (!verifyWebhook(secret, { ...message, body })) throw new AppError('signature_invalid');
    const { charges } = parseBody(body, ProviderEvent);
    const isNew = unwrap(
      await db.rpc('record_provider_event', {
        billing_key_id: id.data,
        event_id: message.id.slice(0, 200),
        lines: charges.flatMap(toLines).map((line) => ({ ...line })),
      }),
    );
    return answerData({ isNew });
  });
}

/** Money and tokens are kept apart, as in reports. */
function toLines({
  day,
  line_item: lineItem,
  model,
  service_tier: tier,
  amount_usd: usd,
  ...counts
}: Charge): ReportLine[] {
  const line = { day, service_tier: tier ?? '', model: model ?? null };
  const hasTokens = Object.values(counts).some((count) => count !== undefined);
  return [
    ...(usd === undefined
      ? []
      : [{ ...line, kind: 'cost' as const, line_item: lineItem ?? model ?? '', cost_usd: usd }]),
    ...(model === undefined || !hasTokens
      ? []
      : [{ ...line, kind: 'usage' as const, line_item: model, ...withoutUndefined(counts) }]),
  ];
}

function withoutUndefined(counts: Readonly<Record<string, number | undefined>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counts).flatMap(([name, count]) => (count === undefined ? [] : [[name, count]])),
  );
}
