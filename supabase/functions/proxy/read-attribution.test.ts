import { expect, test } from 'vitest';
import { readAttribution } from './read-attribution.ts';

test("headers win over the body's own fields", () => {
  const headers = new Headers({
    'x-khq-user': ' ann ',
    'x-khq-agent': 'ceo',
    'x-khq-task': 't-1',
    'x-khq-tags': 'a, b,,a',
  });
  const body = { user: 'bob', metadata: { agent_id: 'x', taskId: 'y', tags: 'z' } };
  expect(readAttribution(headers, body, 'openai')).toEqual({
    userId: 'ann',
    agentId: 'ceo',
    taskId: 't-1',
    tags: ['a', 'b'],
  });
});

test.each([
  [
    { user: 'bob', metadata: { user_id: 'eve', agent_id: 'a', task_id: 't' } },
    { userId: 'bob', agentId: 'a', taskId: 't' },
  ],
  [{ metadata: { user_id: 'eve', agentId: 'a', taskId: 7 } }, { userId: 'eve', agentId: 'a', taskId: '7' }],
  [
    { user: '', metadata: 'text' },
    { userId: null, agentId: null, taskId: null },
  ],
  [
    { metadata: { userId: 'eve', tags: ' nightly,team:web' } },
    { userId: 'eve', agentId: null, taskId: null, tags: ['nightly', 'team:web'] },
  ],
  [
    { metadata: { tags: ['a', 7, null, 'a'] } },
    { userId: null, agentId: null, taskId: null, tags: ['a', '7'] },
  ],
  [
    { user: { id: 1 }, metadata: null },
    { userId: null, agentId: null, taskId: null },
  ],
])('OpenAI bodies: %j', (body, expected) => {
  expect(readAttribution(new Headers(), body, 'openai')).toEqual({ tags: [], ...expected });
});

test('Anthropic bodies name a user only', () => {
  const body = { user: 'no', metadata: { user_id: 'yes', agent_id: 'no' } };
  expect(readAttribution(new Headers(), body, 'anthropic')).toEqual({
    userId: 'yes',
    agentId: null,
    taskId: null,
    tags: [],
  });
});

test('names are written in UTF-8 or in Latin-1, as the client sends them', () => {
  const sent = (bytes: Uint8Array) => new Headers({ 'x-khq-user': String.fromCharCode(...bytes) });
  const userOf = (headers: Headers) => readAttribution(headers, {}, 'openai').userId;
  expect(userOf(sent(new TextEncoder().encode('Zoë 世界')))).toBe('Zoë 世界');
  expect(userOf(sent(Uint8Array.from([0x5a, 0x6f, 0xeb])))).toBe('Zoë');
});

test('what the ledger could not hold is cut or cleaned', () => {
  const headers = new Headers({ 'x-khq-tags': Array.from({ length: 100 }, (_, i) => `tag-${i}`).join(',') });
  const attribution = readAttribution(headers, { user: `a\u0000b\ud800${'x'.repeat(10_000)}` }, 'openai');
  expect(attribution.userId).toMatch(/^ab\ufffdx+$/);
  expect(attribution.userId).toHaveLength(200);
  expect(attribution.tags).toHaveLength(20);
});
