import type { Job } from '../../_shared/create-app.ts';
import { connectAsService, type Db, unwrap, unwrapNothing } from '../../_shared/db.ts';
import { emptyOutbox } from '../../_shared/empty-outbox.ts';
import { AppError } from '../../_shared/errors.ts';
import { describeError, log } from '../../_shared/log.ts';
import type { SendMail } from '../../_shared/mail.ts';
import type { ReportingEnv } from '../env.ts';
import { openInAppLogin } from '../open-in-app-login.ts';
import { toReportFile } from '../report-file.ts';
import { type ReportOutcome, toReportMail } from '../report-mail.ts';
import { runQuery } from '../run-query.ts';

/** Longer than a query and a mail server may take, so that nobody else claims what is still under way. */
const leaseSeconds = 120;
/**
 * One at a time in each, and of an organization in one of all: who has slow queries delays its own mails. Two of the
 * three connections that it has for reports are left to people.
 */
const lanes = 2;

type Claimed = Awaited<ReturnType<typeof claim>>[number];

/**
 * Runs the saved reports that are due and mails each to whoever wants it. Whoever dies in between loses its lease, and
 * the report is run and mailed again. A query that is at fault is told, not tried again.
 */
export function mailReports(env: ReportingEnv, sendMail: SendMail | null): Job {
  return async () => {
    const db = connectAsService(env);
    const outbox = {
      claim: () => claim(db),
      deliver: (claimed: Claimed) => deliver(env, db, sendMail, claimed),
    };
    const counts = await Promise.all(Array.from({ length: lanes }, () => emptyOutbox(outbox)));
    return {
      delivered: counts.reduce((sum, { delivered }) => sum + delivered, 0),
      failed: counts.reduce((sum, { failed }) => sum + failed, 0),
    };
  };
}

async function claim(db: Db) {
  return unwrap(await db.rpc('claim_report_mails', { batch: 1, lease_seconds: leaseSeconds }));
}

async function deliver(
  env: ReportingEnv,
  db: Db,
  sendMail: SendMail | null,
  claimed: Claimed,
): Promise<boolean> {
  const { saved_report_id, user_id, leased_until } = claimed;
  const failure = await mail(env, sendMail, claimed).then(
    () => null,
    (error: unknown) => error,
  );
  if (failure !== null) {
    log({
      level: 'warn',
      service: 'reporting',
      action: 'mail-report',
      organizationId: claimed.organization_id,
      metadata: { savedReportId: saved_report_id, error: describeError(failure) },
    });
  }
  const error = failure instanceof AppError ? failure.message : 'The mail server did not take it.';
  unwrapNothing(
    await db.rpc('record_report_mail', {
      saved_report_id,
      user_id,
      leased_until,
      ...(failure !== null && { error, is_final: sendMail === null }),
    }),
  );
  return failure === null;
}

async function mail(env: ReportingEnv, sendMail: SendMail | null, claimed: Claimed): Promise<void> {
  if (sendMail === null) throw new AppError('mail_unavailable');
  await sendMail(toReportMail(claimed, await run(env, claimed), env.APP_URL));
}

async function run(env: ReportingEnv, { organization_id, query }: Claimed): Promise<ReportOutcome> {
  const databaseUrl = await openInAppLogin(env, organization_id);
  const { signal } = new AbortController();
  try {
    const result = await runQuery({ databaseUrl, runId: crypto.randomUUID(), query, signal });
    return { file: toReportFile(result) };
  } catch (error) {
    if (error instanceof AppError && isQuerysFault(error)) return { fault: describeFault(error) };
    throw error;
  }
}

const isQuerysFault = ({ code }: AppError): boolean =>
  code === 'query_failed' || code === 'report_too_large' || code === 'report_timed_out';

function describeFault({ code, message, details }: AppError): string {
  return code === 'query_failed' && typeof details.reason === 'string' ? details.reason : message;
}
