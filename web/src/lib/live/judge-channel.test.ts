import { expect, test } from 'vitest';
import { judgeChannel, retryDelayMs } from './judge-channel.ts';

const closing = { code: 1006, reason: 'gone' };

test('[LIV3] a lost connection is waited for, since the client joins again by itself', () => {
  const lost = new Error('socket closed: 1006', { cause: closing });
  expect(judgeChannel('CHANNEL_ERROR', lost)).toBe('waiting');
  expect(judgeChannel('CHANNEL_ERROR', new Error('channel error: connection lost'))).toBe('waiting');
  expect(judgeChannel('TIMED_OUT')).toBe('waiting');
});

test('[LIV4] a refusal and a channel that the server closed need another channel', () => {
  const refused = new Error('Unauthorized', { cause: { reason: 'Unauthorized: no' } });
  expect(judgeChannel('CHANNEL_ERROR', refused)).toBe('broken');
  expect(judgeChannel('CLOSED')).toBe('broken');
  expect(judgeChannel('SUBSCRIBED')).toBe('joined');
});

test('[LIV5] tries come less and less often, but never stop', () => {
  expect([1, 2, 3, 4, 100].map(retryDelayMs)).toEqual([1_000, 2_000, 5_000, 10_000, 10_000]);
});
