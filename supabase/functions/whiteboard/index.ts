import { createApp } from '../_shared/create-app.ts';
import { connectAsService } from '../_shared/db.ts';
import { readEnv } from '../_shared/env.ts';
import { removeStaleObjects } from '../_shared/remove-stale-objects.ts';
import { connectBoards } from './board-database.ts';
import { WhiteboardEnv } from './env.ts';
import { rememberSessions } from './remember-sessions.ts';
import { addImageRoutes, imageBucket } from './routes/images.ts';
import { addNoteRoutes } from './routes/notes.ts';
import { addPushRoutes } from './routes/push.ts';

const env = readEnv(WhiteboardEnv);
const app = createApp('whiteboard', {
  secret: env.JOBS_SECRET,
  run: {
    'remove-images': async () => ({ removed: await removeStaleObjects(connectAsService(env), imageBucket) }),
  },
});
const database = connectBoards(env.SUPABASE_DB_URL);
const identify = rememberSessions(env);
addPushRoutes(app, database, identify);
addNoteRoutes(app, database, identify);
addImageRoutes(app, env, identify);
Deno.serve(app.fetch);
