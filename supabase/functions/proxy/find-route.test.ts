import { expect, test } from 'vitest';
import { findRoute } from './find-route.ts';

const anthropicHeaders = new Headers({ 'anthropic-version': '2023-06-01' });

test.each(['', '/proxy', '/functions/v1/proxy'])('below "%s" every route is there', (base) => {
  const find = (method: string, path: string) => findRoute(method, base + path, new Headers());
  expect(find('POST', '/v1/chat/completions').route).toEqual({
    dialect: 'openai',
    operation: 'chat.completions',
  });
  expect(find('POST', '/v1/embeddings').route).toEqual({ dialect: 'openai', operation: 'embeddings' });
  expect(find('POST', '/v1/responses').route).toEqual({ dialect: 'openai', operation: 'responses' });
  expect(find('POST', '/v1/messages').route).toEqual({ dialect: 'anthropic', operation: 'messages' });
  expect(find('POST', '/v1/messages/count_tokens').route).toEqual({
    dialect: 'anthropic',
    operation: 'count_tokens',
  });
  expect(find('GET', '/v1/models')).toEqual({
    route: { dialect: 'openai', operation: 'models' },
    modelId: null,
    error: null,
  });
  expect(find('GET', '/v1/models/openai%2Fgpt-4o').modelId).toBe('openai/gpt-4o');
});

test('models speak the dialect of who asks', () => {
  expect(findRoute('GET', '/v1/models', anthropicHeaders).route.dialect).toBe('anthropic');
});

test.each([
  ['POST', '/v1/chat', 'not_found'],
  ['POST', '/', 'not_found'],
  ['POST', '/v1', 'not_found'],
  ['POST', '/v1/modelsx', 'not_found'],
  ['POST', '/v2/chat/completions', 'not_found'],
  ['POST', '/other/v1/chat/completions', 'not_found'],
  ['GET', '/v1/chat/completions', 'method_not_allowed'],
  ['GET', '/v1/responses', 'method_not_allowed'],
  ['GET', '/v1/responses/resp_1', 'not_found'],
  ['POST', '/v1/responses/resp_1/cancel', 'not_found'],
  ['POST', '/v1/responses/input_tokens', 'not_found'],
  ['DELETE', '/v1/models/gpt-4o', 'method_not_allowed'],
])('%s %s: %s', (method, path, code) => {
  expect(findRoute(method, path, new Headers()).error).toMatchObject({ code });
});
