import type { Hono } from 'hono';
import { AIRequest, ChatAnswer } from '../../_shared/contracts/api.ts';
import { readBody } from '../../_shared/create-app.ts';
import { answerData } from '../../_shared/http.ts';
import { identifyCaller } from '../../_shared/identify-caller.ts';
import { admitCaller } from '../admit-caller.ts';
import { answerFailure } from '../answer-failure.ts';
import { callProxy } from '../call-proxy.ts';
import { readCompletion, writeCompletion } from '../completion.ts';
import type { ApiEnv } from '../env.ts';
import { keyHeaders } from '../key-headers.ts';

/** One way to ask any model. The proxy makes the call, with its budgets, ledger and translation. */
export function addChatRoutes(app: Hono, env: ApiEnv): void {
  app.post('/v1/chat', async (c) => {
    const incoming = keyHeaders(c.req.raw.headers);
    const caller = identifyCaller(incoming);
    const input = await readBody(c.req.raw, AIRequest);
    await admitCaller(env, caller, input);
    const answer = await callProxy(env, c.req.raw, {
      path: '/v1/chat/completions',
      headers: attribute(incoming, input),
      body: JSON.stringify(writeCompletion(input)),
    });
    if (!answer.ok) return answerFailure(answer);
    if (answer.headers.get('content-type')?.startsWith('text/event-stream') === true) return answer;
    return withHeadersOf(answer, answerData(ChatAnswer.parse(await readCompletion(answer, input.provider))));
  });
}

/** For whom the call is made, as the proxy reads it; of the client's own headers the key, the tags and what it asks of the cache. */
function attribute(incoming: Headers, { userId, metadata }: AIRequest): Headers {
  const headers = new Headers({ 'content-type': 'application/json', 'x-khq-user': userId });
  for (const name of ['authorization', 'x-api-key', 'x-khq-cache', 'x-khq-tags']) {
    const value = incoming.get(name);
    if (value !== null) headers.set(name, value);
  }
  if (metadata?.agentId !== undefined) headers.set('x-khq-agent', metadata.agentId);
  if (metadata?.taskId !== undefined) headers.set('x-khq-task', metadata.taskId);
  return headers;
}

/** The proxy's own headers: the call's id, and what it says of costs, budgets and rates. */
function withHeadersOf(answer: Response, response: Response): Response {
  for (const [name, value] of answer.headers) {
    if (/^x-(?:request-id$|khq-|ratelimit-)/.test(name)) response.headers.set(name, value);
  }
  return response;
}
