import { useCallback, useEffect, useRef } from 'react';
import { useOrganization } from '../organization.tsx';
import { useUserId } from '../session.tsx';
import { type TopicHandle, listenToTopic } from './listen-to-topic.ts';
import type { TopicListener } from './shared-topic.ts';
import { type OrganizationStream, type Topic, keyOfTopic } from './topics.ts';

export type LiveTopic = Pick<TopicHandle, 'send' | 'track'>;

/**
 * Listens on a topic while the component is there (null: not yet). Messages are hints: `onPull` comes after each join,
 * when the page is online or visible again and every half minute, and asks the database what was missed.
 */
export function useTopic(topic: Topic | null, listener: TopicListener): LiveTopic {
  const latest = useRef({ topic, listener });
  const handle = useRef<TopicHandle | null>(null);
  const shown = useRef<Record<string, unknown> | null>(null);
  const key = topic === null ? null : keyOfTopic(topic);
  useEffect(() => {
    latest.current = { topic, listener };
  });
  useEffect(() => {
    const { topic: wanted } = latest.current;
    if (wanted === null || key === null) return undefined;
    const opened = listenToTopic(wanted, {
      onMessage: (event, payload) => latest.current.listener.onMessage?.(event, payload),
      onPull: () => latest.current.listener.onPull?.(),
      onPresence: (present) => latest.current.listener.onPresence?.(present),
    });
    handle.current = opened;
    if (shown.current !== null) opened.track(shown.current);
    return () => {
      handle.current = null;
      opened.stop();
    };
  }, [key]);
  return {
    send: useCallback((event, payload) => handle.current?.send(event, payload), []),
    track: useCallback((meta) => {
      shown.current = meta;
      handle.current?.track(meta);
    }, []),
  };
}

/** A stream of the organization whose page this is. */
export function useOrganizationTopic(stream: OrganizationStream, listener: TopicListener): LiveTopic {
  const { id: organizationId } = useOrganization();
  return useTopic({ of: 'organization', organizationId, stream }, listener);
}

/** What is for the person who is signed in, in whichever organization. */
export function usePersonTopic(listener: TopicListener): LiveTopic {
  return useTopic({ of: 'person', userId: useUserId() }, listener);
}
