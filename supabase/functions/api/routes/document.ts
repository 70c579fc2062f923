import type { Hono } from 'hono';
import { corsHeaders } from '../../_shared/http.ts';
import { describeApi } from '../describe-api.ts';
import type { ApiEnv } from '../env.ts';

export function addDocumentRoutes(app: Hono, env: ApiEnv): void {
  const document = JSON.stringify(describeApi(`${env.SUPABASE_URL}/functions/v1/api/v1`));
  app.get('/v1/openapi.json', () => {
    const headers = new Headers({ 'content-type': 'application/json; charset=utf-8' });
    for (const [name, value] of corsHeaders) headers.set(name, value);
    return new Response(document, { headers });
  });
}
