import type { Hono } from 'hono';
import { type AppError, toAppError } from '../../_shared/errors.ts';
import { corsHeaders } from '../../_shared/http.ts';
import { identifyCaller } from '../../_shared/identify-caller.ts';
import { admitCaller } from '../admit-caller.ts';
import { callProxy } from '../call-proxy.ts';
import type { ApiEnv } from '../env.ts';
import { keyHeaders } from '../key-headers.ts';

/** The proxy's chat completions, and below it all of its paths, byte for byte in both directions. */
export function addProxyRoutes(app: Hono, env: ApiEnv): void {
  const relay = async (request: Request, path: string): Promise<Response> => {
    const headers = keyHeaders(request.headers);
    const refusal = await refuse(env, headers);
    return refusal ?? callProxy(env, request, { path, headers, body: request.body });
  };
  app.post('/v1/proxy', (c) => relay(c.req.raw, `/v1/chat/completions${new URL(c.req.url).search}`));
  app.all('/v1/proxy/*', (c) => {
    const { pathname, search } = new URL(c.req.url);
    return relay(
      c.req.raw,
      `/v1/${pathname.slice(pathname.indexOf('/v1/proxy/') + '/v1/proxy/'.length)}${search}`,
    );
  });
}

/** Null where the proxy may be asked: it also refuses keys that are no good, in the words of the dialect. */
async function refuse(env: ApiEnv, headers: Headers): Promise<Response | null> {
  try {
    await admitCaller(env, identifyCaller(headers));
    return null;
  } catch (thrown) {
    const error = toAppError(thrown);
    return error.status === 401 || error.code === 'project_archived' ? null : answerAsOpenai(error);
  }
}

function answerAsOpenai({ code, message, status }: AppError): Response {
  const type = status >= 500 ? 'server_error' : 'insufficient_quota';
  const headers = new Headers({
    'content-type': 'application/json',
    'x-khq-error-code': code,
    // A plan does not change between two tries.
    ...(status < 500 && { 'x-should-retry': 'false' }),
  });
  for (const [name, value] of corsHeaders) headers.set(name, value);
  return new Response(JSON.stringify({ error: { message, type, param: null, code } }), { status, headers });
}
