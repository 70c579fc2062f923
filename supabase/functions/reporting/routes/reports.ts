import type { Hono } from 'hono';
import { authenticate } from '../../_shared/auth.ts';
import { type ReportResult, RunReport } from '../../_shared/contracts/reporting.ts';
import { readBody } from '../../_shared/create-app.ts';
import { unwrapNothing } from '../../_shared/db.ts';
import { answerData } from '../../_shared/http.ts';
import type { ReportingEnv } from '../env.ts';
import { openInAppLogin } from '../open-in-app-login.ts';
import { runQuery } from '../run-query.ts';

/** Queries of the Reports page. SQL decides who is an admin, and the login what a query can see. */
export function addReportRoutes(app: Hono, env: ReportingEnv): void {
  app.post('/run', async (c) => {
    const user = await authenticate(env, c.req.raw);
    const { organizationId, runId, query } = await readBody(c.req.raw, RunReport);
    unwrapNothing(await user.db.rpc('administer_reports', { organization_id: organizationId }));
    const databaseUrl = await openInAppLogin(env, organizationId);
    const { signal } = c.req.raw;
    return answerData((await runQuery({ databaseUrl, runId, query, signal })) satisfies ReportResult);
  });
}
