import { AppError } from '../_shared/errors.ts';
import type { Route } from './call.ts';

export interface FoundRoute {
  /** Where there is none, the one whose dialect the refusal is to speak. */
  readonly route: Route;
  /** The model that `GET /v1/models/{id}` asks for. */
  readonly modelId: string | null;
  readonly error: AppError | null;
}

/** The route of a request, with or without the function's slug before `/v1`. */
export function findRoute(method: string, path: string, headers: Headers): FoundRoute {
  const rest = prefix.exec(path)?.[1] ?? '';
  const posted = postRoutes.get(rest);
  if (posted !== undefined) return { route: posted, modelId: null, error: wrongMethod(method, 'POST') };
  const dialect = headers.has('anthropic-version') ? 'anthropic' : 'openai';
  const route: Route = { dialect, operation: 'models' };
  const modelId = /^models(?:\/(.+))?$/.exec(rest);
  if (modelId === null) return { route, modelId: null, error: notServed(rest) };
  return { route, modelId: decode(modelId[1]), error: wrongMethod(method, 'GET') };
}

const prefix = /^(?:\/functions\/v1)?(?:\/proxy)?\/v1\/(.+?)\/?$/;

const postRoutes: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['chat/completions', { dialect: 'openai', operation: 'chat.completions' }],
  ['responses', { dialect: 'openai', operation: 'responses' }],
  ['embeddings', { dialect: 'openai', operation: 'embeddings' }],
  ['images/generations', { dialect: 'openai', operation: 'images.generations' }],
  ['images/edits', { dialect: 'openai', operation: 'images.edits' }],
  ['audio/transcriptions', { dialect: 'openai', operation: 'audio.transcriptions' }],
  ['messages', { dialect: 'anthropic', operation: 'messages' }],
  ['messages/count_tokens', { dialect: 'anthropic', operation: 'count_tokens' }],
]);

/** What the provider keeps of a response is nothing that a proxy key may read: other keys share its account. */
function notServed(rest: string): AppError {
  const reason =
    'Stored responses are not served here: keep what you need of an answer, and send it as input.';
  return new AppError('not_found', rest.startsWith('responses/resp_') ? { reason } : {});
}

function wrongMethod(method: string, allow: string): AppError | null {
  return method === allow ? null : new AppError('method_not_allowed', { allow });
}

function decode(text: string | undefined): string | null {
  try {
    return text === undefined ? null : decodeURIComponent(text);
  } catch {
    return text ?? null;
  }
}
