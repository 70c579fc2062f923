import { isJsonObject, type JsonObject, objectOf, textOf } from '../json-object.ts';

/** Anthropic's error, or whatever came in its place, in OpenAI's words. */
export function translateFailure(body: unknown, status: number): { status: number; body: JsonObject } {
  const { type, message } = objectOf(isJsonObject(body) ? body.error : null);
  // An error that came as a success, and Anthropic's own word for too much to do, which OpenAI's clients do not know.
  const answered = status < 400 ? 502 : status === 529 ? 503 : status;
  const unread = status < 400 ? 'malformed_upstream_response' : `upstream_${status}`;
  const error = {
    message: textOf(message) ?? `The provider answered ${status}, with nothing that can be read.`,
    type: types.get(type) ?? (answered >= 500 ? 'server_error' : 'invalid_request_error'),
    param: null,
    code: textOf(type) ?? unread,
  };
  return { status: answered, body: { error } };
}

const types: ReadonlyMap<unknown, string> = new Map([
  ['rate_limit_error', 'rate_limit_error'],
  ['billing_error', 'insufficient_quota'],
  ['overloaded_error', 'server_error'],
  ['timeout_error', 'server_error'],
  ['api_error', 'server_error'],
]);
