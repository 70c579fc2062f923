import type { Hono } from 'hono';
import { authenticate } from '../../_shared/auth.ts';
import { CostHistory, HistoryQuery, type RealtimeCosts, TeamQuery } from '../../_shared/contracts/api.ts';
import { unwrap } from '../../_shared/db.ts';
import { AppError } from '../../_shared/errors.ts';
import { answerData } from '../../_shared/http.ts';
import type { ApiEnv } from '../env.ts';
import { findTeam } from '../find-team.ts';
import { readQuery } from '../read-query.ts';

/** What a team spends, as the person who asks may see it. A proxy key, which apps carry around, opens none of this. */
export function addCostRoutes(app: Hono, env: ApiEnv): void {
  app.get('/v1/costs/realtime', async (c) => {
    const { db } = await authenticate(env, c.req.raw);
    const team = await findTeam(db, readQuery(c.req.url, TeamQuery).teamId);
    const status = unwrap(await db.rpc('spend_status', { organization_id: team.id }))[0];
    if (status === undefined) throw new AppError('organization_not_found');
    return answerData({
      teamId: team.id,
      version: status.version,
      today: {
        costUsd: status.today_usd,
        requestCount: status.today_calls,
        startedAt: status.today_started_at,
      },
      month: {
        costUsd: status.month_usd,
        requestCount: status.month_calls,
        startedAt: status.month_started_at,
        endsAt: status.month_ends_at,
      },
      heldUsd: status.held_usd,
      budgetUsd: status.budget_is_unlimited ? null : (status.budget_usd ?? '0'),
    } satisfies RealtimeCosts);
  });

  app.get('/v1/costs/history', async (c) => {
    const { db } = await authenticate(env, c.req.raw);
    const query = readQuery(c.req.url, HistoryQuery);
    const team = await findTeam(db, query.teamId);
    const today = new Intl.DateTimeFormat('sv-SE', { timeZone: team.time_zone }).format(new Date());
    const to = query.to ?? today;
    const asked = query.from ?? addDays(to, 1 - usualDays);
    if (addDays(asked, maxDays) <= to || asked > to) {
      throw new AppError('invalid_request', { param: 'from', reason: `Ask for 1 to ${maxDays} days.` });
    }
    // Text of ISO dates sorts as the dates do.
    const visible = team.history_days === null ? asked : addDays(today, 1 - team.history_days);
    const from = asked > visible ? asked : visible;
    const days = unwrap(
      await db.rpc('list_daily_costs', { organization_id: team.id, from_day: from, to_day: to }),
    );
    return answerData(CostHistory.parse({ teamId: team.id, from, to, days }));
  });
}

const usualDays = 30;
const maxDays = 366;

function addDays(date: string, days: number): string {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}
