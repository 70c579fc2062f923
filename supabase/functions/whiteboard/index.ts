import { createApp } from '../_shared/create-app.ts';
import { readEnv } from '../_shared/env.ts';
import { connectBoards } from './board-database.ts';
import { WhiteboardEnv } from './env.ts';
import { rememberSessions } from './remember-sessions.ts';
import { addImageRoutes } from './routes/images.ts';
import { addNoteRoutes } from './routes/notes.ts';
import { addPushRoutes } from './routes/push.ts';

const env = readEnv(WhiteboardEnv);
const app = createApp('whiteboard', { secret: env.JOBS_SECRET, run: {} });
const database = connectBoards(env.SUPABASE_DB_URL);
const identify = rememberSessions(env);
addPushRoutes(app, database, identify);
addNoteRoutes(app, database, identify);
addImageRoutes(app, env, identify);
Deno.serve(app.fetch);
