import { z } from 'zod';
import { connectAsService, supabaseEnv } from '../_shared/db.ts';
import { readEnv } from '../_shared/env.ts';
import { corsHeaders } from '../_shared/http.ts';

const env = readEnv(z.object(supabaseEnv));
const db = connectAsService(env);

/** 200 when the database answers and knows prices, else 503; says which of the two is missing. */
async function checkHealth(): Promise<Response> {
  const { count, error } = await db.from('model_prices').select('id', { count: 'exact', head: true });
  const services = {
    database: error === null ? 'up' : 'down',
    prices: (count ?? 0) > 0 ? 'loaded' : 'missing',
  };
  const isHealthy = services.database === 'up' && services.prices === 'loaded';
  return Response.json(
    { success: isHealthy, data: { status: isHealthy ? 'healthy' : 'unhealthy', services } },
    {
      status: isHealthy ? 200 : 503,
      headers: corsHeaders.map(([name, value]): [string, string] => [name, value]),
    },
  );
}

Deno.serve(checkHealth);
