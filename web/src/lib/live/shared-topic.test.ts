import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ChannelEvents, Present } from './open-channel.ts';
import { SharedTopic, type TopicPhase } from './shared-topic.ts';

type Opened = ChannelEvents & { name: string; isLeft: boolean; sent: string[]; tracked: unknown[] };

/** A topic whose names are `names.present`, and what it did. */
function makeTopic() {
  const opened: Opened[] = [];
  const phases: TopicPhase[] = [];
  const names: { present: string | null; asked: boolean[] } = { present: 'topic:1', asked: [] };
  const leaving = { isSlow: false };
  const topic = new SharedTopic({
    presenceKey: 'tab',
    findName: async (isRefused) => {
      names.asked.push(isRefused);
      return names.present;
    },
    openChannel: async (name, _, events) => {
      const channel: Opened = { ...events, name, isLeft: false, sent: [], tracked: [] };
      opened.push(channel);
      return {
        leave: async () => {
          if (leaving.isSlow) await new Promise((resolve) => setTimeout(resolve, 5_000));
          channel.isLeft = true;
        },
        send: (event) => void channel.sent.push(event),
        track: (meta) => void channel.tracked.push(meta),
      };
    },
    onPhase: (phase) => void phases.push(phase),
  });
  const channel = (index: number): Opened => {
    const found = opened[index];
    if (!found) throw new Error(`No channel ${index} was opened.`);
    return found;
  };
  return { topic, opened, phases, names, leaving, channel };
}

const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const refusal = new Error('Unauthorized', { cause: { reason: 'Unauthorized' } });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('[LIV10] all who listen share one channel, which is left a moment after the last of them', async () => {
  const { topic, opened, phases, channel } = makeTopic();
  const heard: string[] = [];
  const stopOne = topic.listen({ onMessage: (event) => void heard.push(`one ${event}`) });
  const stopOther = topic.listen({ onMessage: (event) => void heard.push(`other ${event}`) });
  await pass();
  channel(0).onStatus('SUBSCRIBED');
  channel(0).onMessage('moved', {});
  expect(heard).toEqual(['one moved', 'other moved']);
  stopOne();
  stopOther();
  await pass(500);
  topic.listen({})();
  await pass(900);
  expect(channel(0).isLeft).toBe(false);
  await pass(200);
  expect(opened.map(({ isLeft }) => isLeft)).toEqual([true]);
  expect(phases).toEqual(['joining', 'live', 'idle']);
});

test('[LIV11] after each join, and for who comes later, the database is asked', async () => {
  const { topic, channel, phases } = makeTopic();
  const onPull = vi.fn<() => void>();
  topic.listen({ onPull });
  await pass();
  expect(onPull).toHaveBeenCalledTimes(0);
  channel(0).onStatus('SUBSCRIBED');
  expect(onPull).toHaveBeenCalledTimes(1);
  channel(0).onStatus(
    'CHANNEL_ERROR',
    new Error('socket closed: 1006', { cause: { code: 1006, reason: '' } }),
  );
  channel(0).onStatus('SUBSCRIBED');
  expect(onPull).toHaveBeenCalledTimes(2);
  expect(phases).toEqual(['joining', 'live', 'reconnecting', 'live']);
  const onLaterPull = vi.fn<() => void>();
  topic.listen({ onPull: onLaterPull });
  expect(onLaterPull).toHaveBeenCalledTimes(1);
  topic.wake();
  expect(onPull).toHaveBeenCalledTimes(3);
});

test('[LIV12] when the epoch moves the old channel is left and the new one joined, without waiting for the farewell', async () => {
  const { topic, names, leaving, channel, opened } = makeTopic();
  const heard: unknown[] = [];
  topic.listen({ onMessage: (_, payload) => void heard.push(payload) });
  await pass();
  channel(0).onStatus('SUBSCRIBED');
  leaving.isSlow = true;
  names.present = 'topic:2';
  topic.settle();
  await pass();
  expect(opened.map(({ name }) => name)).toEqual(['topic:1', 'topic:2']);
  channel(1).onStatus('SUBSCRIBED');
  channel(0).onMessage('moved', 'old');
  channel(1).onMessage('moved', 'new');
  channel(0).onStatus('CLOSED');
  await pass(10_000);
  expect(heard).toEqual(['new']);
  expect(opened.length).toBe(2);
});

test('[LIV13] a refused join asks anew for the name; who is no member any more is left alone', async () => {
  const { topic, names, channel, opened, phases } = makeTopic();
  topic.listen({});
  await pass();
  names.present = 'topic:2';
  channel(0).onStatus('CHANNEL_ERROR', refusal);
  await pass(1_000);
  expect(names.asked).toEqual([false, true]);
  names.present = null;
  channel(1).onStatus('CHANNEL_ERROR', refusal);
  await pass(60_000);
  expect(opened.map(({ name, isLeft }) => [name, isLeft])).toEqual([
    ['topic:1', true],
    ['topic:2', true],
  ]);
  expect(phases.at(-1)).toBe('gone');
});

test('[LIV14] a channel of the same name is opened only once the one before is left', async () => {
  const { topic, leaving, channel, opened } = makeTopic();
  topic.listen({});
  await pass();
  leaving.isSlow = true;
  channel(0).onStatus('CLOSED');
  await pass(4_900);
  expect(opened.length).toBe(1);
  await pass(200);
  expect(opened.length).toBe(2);
});

test('[LIV15] a name that cannot be asked for is asked for again', async () => {
  const { topic, opened, names, phases } = makeTopic();
  const find = vi.spyOn(names.asked, 'push').mockImplementationOnce(() => {
    throw new Error('no network');
  });
  topic.listen({});
  await pass();
  expect([opened.length, phases]).toEqual([0, ['reconnecting']]);
  await pass(1_000);
  expect(find).toHaveBeenCalledTimes(2);
  expect(opened.length).toBe(1);
});

test('[LIV16] presence is told at each join; who listens later sees who is there, and a lost connection shows nobody', async () => {
  const { topic, channel } = makeTopic();
  const seen: Present[][] = [];
  topic.listen({ onPresence: (present) => void seen.push(present) });
  topic.track({ page: 'office' });
  await pass();
  channel(0).onStatus('SUBSCRIBED');
  await pass();
  const somebody = [{ key: 'tab', meta: { page: 'office' } }];
  channel(0).onPresence(somebody);
  const late: Present[][] = [];
  topic.listen({ onPresence: (present) => void late.push(present) });
  expect(late).toEqual([somebody]);
  channel(0).onStatus('TIMED_OUT');
  channel(0).onStatus('SUBSCRIBED');
  await pass();
  expect(channel(0).tracked).toEqual([{ page: 'office' }, { page: 'office' }]);
  expect(seen).toEqual([somebody, []]);
});
