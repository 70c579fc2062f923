import { supabase } from '../supabase.ts';
import { noteTopicPhase } from './use-live-phase.ts';
import { openChannel } from './open-channel.ts';
import { SharedTopic, type TopicListener } from './shared-topic.ts';
import {
  checkTopicEpochs,
  findTopicEpoch,
  forgetTopicEpochs,
  noteTopicsMoved,
  topicsMoved,
} from './topic-epochs.ts';
import { type Topic, keyOfTopic, nameOfTopic, organizationOfTopic } from './topics.ts';
import { watchPage } from './watch-page.ts';

export type TopicHandle = {
  stop: () => void;
  /** To the others on the topic, at most once; nothing while there is no connection. */
  send: (event: string, payload: Record<string, unknown>) => void;
  /** What the others see of this tab in `onPresence`; said again at each join. */
  track: (meta: Record<string, unknown>) => void;
};

/** This tab, among all that are present. */
export const tabKey = crypto.randomUUID();

const shared = new Map<string, { topic: Topic; channel: SharedTopic }>();

/**
 * Listens on a topic until stopped. All who listen to one topic in this tab share its channel, which is joined anew by
 * itself after a lost connection, and under its new name after the topic's epoch moved on.
 */
export function listenToTopic(topic: Topic, listener: TopicListener): TopicHandle {
  begin();
  const channel = shareTopic(topic);
  const stopFollowing = topic.of === 'person' ? () => undefined : followEpochs();
  const stopListening = channel.listen(listener);
  return {
    stop: () => {
      stopListening();
      stopFollowing();
    },
    send: (event, payload) => channel.send(event, payload),
    track: (meta) => channel.track(meta),
  };
}

function shareTopic(topic: Topic): SharedTopic {
  const key = keyOfTopic(topic);
  const found = shared.get(key);
  if (found) return found.channel;
  const channel = new SharedTopic({
    openChannel,
    findName: (isRefused) => findName(topic, isRefused),
    presenceKey: hasPresence(topic) ? tabKey : null,
    onPhase: (phase) => noteTopicPhase(key, phase),
  });
  shared.set(key, { topic, channel });
  return channel;
}

/** Where people see each other. */
const hasPresence = (topic: Topic): boolean => topic.of !== 'person' && topic.stream === 'people';

async function findName(topic: Topic, isRefused: boolean): Promise<string | null> {
  const organizationId = organizationOfTopic(topic);
  if (organizationId === null) return nameOfTopic(topic, 0);
  const epoch = await findTopicEpoch(organizationId, isRefused);
  return epoch === null ? null : nameOfTopic(topic, epoch);
}

const following: { count: number; stop: () => void } = { count: 0, stop: () => undefined };

/** Whoever listens to an organization needs to hear on the person's own topic where that of the organization moves. */
function followEpochs(): () => void {
  following.count += 1;
  if (following.count === 1) void beginFollowing();
  return () => {
    following.count -= 1;
    if (following.count > 0) return;
    following.stop();
    following.stop = () => undefined;
  };
}

async function beginFollowing(): Promise<void> {
  const { data } = await supabase().auth.getSession();
  const userId = data.session?.user.id;
  if (userId === undefined || following.count === 0) return;
  following.stop();
  following.stop = shareTopic({ of: 'person', userId }).listen({
    onMessage: (event, payload) => {
      if (event === topicsMoved) moveTopics(noteTopicsMoved(payload));
    },
    // What cannot be asked now is asked again with the next check.
    onPull: () => void checkTopicEpochs().then(moveTopics, () => undefined),
  });
}

function moveTopics(organizationIds: readonly string[]): void {
  for (const { topic, channel } of shared.values()) {
    const organizationId = organizationOfTopic(topic);
    if (organizationId !== null && organizationIds.includes(organizationId)) channel.settle();
  }
}

const state = { hasBegun: false };

function begin(): void {
  if (state.hasBegun) return;
  state.hasBegun = true;
  watchPage(() => {
    for (const { channel } of shared.values()) channel.wake();
  });
  supabase().auth.onAuthStateChange((event) => {
    if (event === 'SIGNED_OUT') forgetTopicEpochs();
  });
}
