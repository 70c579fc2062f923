import { expect, test } from 'vitest';
import { livePhaseOf } from './use-live-phase.ts';

test('[LIV7] one topic that waits is told, a topic that is left or of somebody who is gone is not', () => {
  expect(livePhaseOf(true, ['live', 'idle', 'gone', 'joining'])).toBe('live');
  expect(livePhaseOf(true, ['live', 'reconnecting'])).toBe('reconnecting');
  expect(livePhaseOf(false, ['live'])).toBe('offline');
  expect(livePhaseOf(true, [])).toBe('live');
});
