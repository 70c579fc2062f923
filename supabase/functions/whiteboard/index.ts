import { createApp } from '../_shared/create-app.ts';
import { readEnv } from '../_shared/env.ts';
import { connectBoards } from './board-database.ts';
import { WhiteboardEnv } from './env.ts';
import { rememberSessions } from './remember-sessions.ts';
import { addPushRoutes } from './routes/push.ts';

const env = readEnv(WhiteboardEnv);
const app = createApp('whiteboard', { secret: env.JOBS_SECRET, run: {} });
addPushRoutes(app, connectBoards(env.SUPABASE_DB_URL), rememberSessions(env));
Deno.serve(app.fetch);
