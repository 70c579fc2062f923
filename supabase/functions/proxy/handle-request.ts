import { type AppError, toAppError } from '../_shared/errors.ts';
import { preflight } from '../_shared/http.ts';
import { describeError, log } from '../_shared/log.ts';
import { inBackground } from './background.ts';
import type { Arrival } from './call.ts';
import { createCallId } from './call-id.ts';
import { complete } from './complete.ts';
import { dialectOf, findRoute } from './find-route.ts';
import { listModels } from './list-models.ts';
import type { Proxy } from './proxy.ts';
import { renderError } from './render-error.ts';

/** Answers any request; never rejects. Whatever was thrown is rendered here, once. */
export function handleRequest(proxy: Proxy, request: Request): Promise<Response> {
  const startedAt = performance.now();
  if (request.method === 'OPTIONS') return Promise.resolve(preflight(request, 'GET, POST, OPTIONS'));
  const { pathname, search } = new URL(request.url);
  const unrouted: Arrival = {
    id: createCallId(),
    startedAt,
    route: dialectOf(pathname, request.headers),
    query: search,
  };
  const answer = route(proxy, request, unrouted, pathname).catch((thrown: unknown) => {
    const error = toAppError(thrown);
    logRefusal(error, unrouted);
    return renderError(error, unrouted);
  });
  // A client that leaves must not end its call before it is settled.
  inBackground('answer', answer);
  return answer;
}

async function route(proxy: Proxy, request: Request, arrival: Arrival, path: string): Promise<Response> {
  const found = findRoute(request.method, path, request.headers);
  return found.operation === 'models'
    ? listModels(proxy, request, arrival, found.modelId)
    : complete(proxy, request, arrival);
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
