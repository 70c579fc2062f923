import { type AppError, toAppError } from '../_shared/errors.ts';
import { preflight } from '../_shared/http.ts';
import { describeError, log } from '../_shared/log.ts';
import { inBackground } from './background.ts';
import type { Arrival } from './call.ts';
import { createCallId } from './call-id.ts';
import { complete } from './complete.ts';
import { discardBody } from '../_shared/discard-body.ts';
import { findRoute } from './find-route.ts';
import { listModels } from './list-models.ts';
import type { Proxy } from './proxy.ts';
import { renderError } from './render-error.ts';

/** Answers any request; never rejects. Whatever was thrown is rendered here, once. */
export function handleRequest(proxy: Proxy, request: Request): Promise<Response> {
  if (request.method === 'OPTIONS') return Promise.resolve(preflight(request, 'GET, POST, OPTIONS'));
  const answer = answerRoute(proxy, request);
  // A client that leaves must not end its call before it is settled.
  inBackground('answer', answer);
  return answer;
}

async function answerRoute(proxy: Proxy, request: Request): Promise<Response> {
  const startedAt = performance.now();
  const { path, query } = splitUrl(request.url);
  const found = findRoute(request.method, path, request.headers);
  const arrival: Arrival = { id: createCallId(), startedAt, route: found.route, query };
  try {
    if (found.error !== null) throw found.error;
    return found.route.operation === 'models'
      ? await listModels(proxy, request, arrival, found.modelId)
      : await complete(proxy, request, arrival);
  } catch (thrown) {
    const error = toAppError(thrown);
    if (request.body?.locked === false) await discardBody(request.body.getReader());
    logRefusal(error, arrival);
    return renderError(error, arrival);
  }
}

/** A request's URL is absolute and normalized; parsing it again costs more than finding its slashes. */
function splitUrl(url: string): { path: string; query: string } {
  const queryAt = url.indexOf('?');
  const end = queryAt === -1 ? url.length : queryAt;
  return { path: url.slice(url.indexOf('/', url.indexOf('://') + 3), end), query: url.slice(end) };
}

function logRefusal(error: AppError, { id, route: { operation, dialect }, startedAt }: Arrival): void {
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) };
  log({
    level: error.status >= 500 ? 'error' : 'info',
    service: 'proxy',
    requestId: id,
    action: operation,
    durationMs: Math.round(performance.now() - startedAt),
    metadata: { dialect, errorCode: error.code, httpStatus: error.status, ...cause },
  });
}
