import type { Hono } from 'hono';
import { authenticate } from '../../_shared/auth.ts';
import { TeamQuery } from '../../_shared/contracts/api.ts';
import { answerData } from '../../_shared/http.ts';
import type { ApiEnv } from '../env.ts';
import { findTeam, toTeam } from '../find-team.ts';
import { readQuery } from '../read-query.ts';

export function addTeamRoutes(app: Hono, env: ApiEnv): void {
  app.get('/v1/team/profile', async (c) => {
    const { db } = await authenticate(env, c.req.raw);
    const { teamId } = readQuery(c.req.url, TeamQuery);
    return answerData(toTeam(await findTeam(db, teamId)));
  });
}
