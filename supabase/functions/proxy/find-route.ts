import { AppError } from '../_shared/errors.ts';
import type { Route } from './call.ts';

export interface FoundRoute extends Route {
  /** The model that `GET /v1/models/{id}` asks for. */
  readonly modelId: string | null;
}

/** The route of a request. With or without the function's slug before `/v1`. Throws `not_found`, `method_not_allowed`. */
export function findRoute(method: string, path: string, headers: Headers): FoundRoute {
  const rest = prefix.exec(path)?.[1];
  if (rest === undefined) throw new AppError('not_found');
  const isModels = rest === 'models' || rest.startsWith('models/');
  const posted = postRoutes.get(rest);
  if (!isModels && posted === undefined) throw new AppError('not_found');
  const allow = isModels ? 'GET' : 'POST';
  if (method !== allow) throw new AppError('method_not_allowed', { allow });
  if (posted !== undefined) return { ...posted, modelId: null };
  return {
    ...modelsRoute(headers),
    modelId: rest === 'models' ? null : decode(rest.slice('models/'.length)),
  };
}

/** The dialect in which to refuse what has no route: the path's where it says, else the client's headers. */
export function dialectOf(path: string, headers: Headers): Route {
  return postRoutes.get(prefix.exec(path)?.[1] ?? '') ?? modelsRoute(headers);
}

const prefix = /^(?:\/functions\/v1)?(?:\/proxy)?\/v1\/(.+?)\/?$/;

const postRoutes: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['chat/completions', { dialect: 'openai', operation: 'chat.completions' }],
  ['embeddings', { dialect: 'openai', operation: 'embeddings' }],
  ['messages', { dialect: 'anthropic', operation: 'messages' }],
  ['messages/count_tokens', { dialect: 'anthropic', operation: 'count_tokens' }],
]);

function modelsRoute(headers: Headers): Route {
  return { dialect: headers.has('anthropic-version') ? 'anthropic' : 'openai', operation: 'models' };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
