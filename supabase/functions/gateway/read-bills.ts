import type { BillRead } from '../_shared/contracts/reconciliation.ts';
import { connectAsService, unwrap, unwrapNothing, type Db } from '../_shared/db.ts';
import { AppError } from '../_shared/errors.ts';
import { describeError, log } from '../_shared/log.ts';
import { createSecretBox } from '../_shared/secret-box.ts';
import type { GatewayEnv } from './env.ts';
import { readAnthropicReport } from './reports/read-anthropic-report.ts';
import { readBalance } from './reports/read-balance.ts';
import { readOpenAiReport } from './reports/read-openai-report.ts';
import { daysOf, lastThirtyDays, ReportError, type ReportSpan } from './reports/report.ts';

interface Claim {
  readonly id: string;
  readonly organization_id: string;
  readonly provider: string;
  readonly ciphertext: string;
  readonly lease_until: string;
}

/**
 * Reads what a provider charged in the last 30 days, stores it and compares it with the ledger: with this admin key,
 * or with the one that is due. Null where none is, or someone is at it. What went wrong is kept with the key, which is
 * tried again.
 */
export async function readBills(env: GatewayEnv, billingKeyId?: string): Promise<BillRead | null> {
  const db = connectAsService(env);
  const [claim] = unwrap(
    await db.rpc('claim_billing_key', billingKeyId === undefined ? {} : { billing_key_id: billingKeyId }),
  );
  if (claim === undefined) return null;
  const lease = { id: claim.id, lease_until: claim.lease_until };
  try {
    const daysThatDiffer = await readAndCompare(env, db, claim);
    unwrap(await db.rpc('finish_billing_read', lease));
    return { daysThatDiffer, error: null };
  } catch (error) {
    log({
      level: 'warn',
      service: 'gateway',
      action: 'read-bills',
      organizationId: claim.organization_id,
      metadata: { provider: claim.provider, error: describeError(error) },
    });
    const words = error instanceof ReportError ? error.message : 'The reports could not be taken over.';
    unwrap(await db.rpc('finish_billing_read', { ...lease, error: words }));
    return { daysThatDiffer: 0, error: words };
  }
}

async function readAndCompare(env: GatewayEnv, db: Db, claim: Claim): Promise<number> {
  const apiKey = await createSecretBox(env.ENCRYPTION_KEYS).open(claim.ciphertext, {
    organizationId: claim.organization_id,
    credentialId: claim.id,
  });
  const span = lastThirtyDays(new Date());
  await readAndStore(env, db, { claim, apiKey, span });
  let daysThatDiffer = 0;
  // A day at a time, so that a large ledger stays within the time that a statement has.
  for (const day of daysOf(span)) {
    daysThatDiffer += unwrap(
      await db.rpc('reconcile_days', {
        organization_id: claim.organization_id,
        provider: claim.provider,
        first_day: day,
        last_day: day,
      }),
    );
  }
  return daysThatDiffer;
}

async function readAndStore(
  env: GatewayEnv,
  db: Db,
  { claim, apiKey, span }: { claim: Claim; apiKey: string; span: ReportSpan },
): Promise<void> {
  const lease = { billing_key_id: claim.id, lease_until: claim.lease_until };
  if (claim.provider === 'moonshot') {
    const available = await readBalance(env.MOONSHOT_ADMIN_BASE_URL, apiKey);
    unwrapNothing(await db.rpc('store_provider_balance', { ...lease, available_usd: Number(available) }));
    return;
  }
  const lines =
    claim.provider === 'openai'
      ? await readOpenAiReport(env.OPENAI_ADMIN_BASE_URL, apiKey, span)
      : await readAnthropicReport(env.ANTHROPIC_ADMIN_BASE_URL, apiKey, span);
  unwrap(
    await db.rpc('store_provider_report', {
      ...lease,
      first_day: span.firstDay,
      last_day: span.lastDay,
      lines: lines.map((line) => ({ ...line })),
    }),
  );
}

/** As `readBills` for one key; throws where someone is at it already. */
export async function readBillsNow(env: GatewayEnv, billingKeyId: string): Promise<BillRead> {
  const read = await readBills(env, billingKeyId);
  if (read === null) throw new AppError('reading_under_way');
  return read;
}
