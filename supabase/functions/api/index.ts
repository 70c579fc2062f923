import { createApp } from '../_shared/create-app.ts';
import { readEnv } from '../_shared/env.ts';
import { ApiEnv } from './env.ts';
import { addAuthRoutes } from './routes/auth.ts';
import { addChatRoutes } from './routes/chat.ts';
import { addCostRoutes } from './routes/costs.ts';
import { addDocumentRoutes } from './routes/document.ts';
import { addProxyRoutes } from './routes/proxy.ts';
import { addTeamRoutes } from './routes/team.ts';

const env = readEnv(ApiEnv);
const app = createApp('api', { secret: env.JOBS_SECRET, run: {} });
addDocumentRoutes(app, env);
addAuthRoutes(app, env);
addTeamRoutes(app, env);
addCostRoutes(app, env);
addChatRoutes(app, env);
addProxyRoutes(app, env);
Deno.serve(app.fetch);
