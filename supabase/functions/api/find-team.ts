import type { Team } from '../_shared/contracts/api.ts';
import { type Db, unwrap } from '../_shared/db.ts';
import type { Database } from '../_shared/database.types.ts';
import { AppError } from '../_shared/errors.ts';

type TeamRow = Database['public']['Functions']['describe_teams']['Returns'][number];

/** The team that is asked about: the one that is named, else the only one. Its plan must have API access. */
export async function findTeam(db: Db, teamId: string | undefined): Promise<TeamRow> {
  const teams = unwrap(await db.rpc('describe_teams'));
  if (teamId === undefined && teams.length > 1) {
    throw new AppError('invalid_request', {
      param: 'teamId',
      reason: 'You are in several teams: say which by "teamId".',
    });
  }
  const team = teamId === undefined ? teams[0] : teams.find(({ id }) => id === teamId);
  if (team === undefined) throw new AppError('organization_not_found');
  if (!team.has_api_access) {
    throw new AppError('plan_limit_exceeded', { resource: 'api_access', limit: 0, used: 0, plan: team.plan });
  }
  return team;
}

export function toTeam(row: TeamRow): Team {
  return {
    id: row.id,
    name: row.name,
    slug: row.slug,
    plan: row.plan,
    timeZone: row.time_zone,
    role: row.role,
    members: row.members,
    monthlyBudgetUsd: row.budget_is_unlimited ? null : (row.budget_usd ?? '0'),
    createdAt: row.created_at,
  };
}
