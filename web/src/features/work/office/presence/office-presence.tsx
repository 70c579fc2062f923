import { useEffect } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'react-router';
import { useOrganizationTopic } from '@/lib/live/use-topic.ts';
import { useUserId } from '@/lib/session.tsx';
import { pageName } from './page-name.ts';
import { forgetEveryone, noteMove, notePresent } from './people-store.ts';
import { useIsAway } from './use-is-away.ts';

/** Shows oneself to the colleagues, on whichever page one is, and keeps who else is here. Draws nothing. */
export function OfficePresence() {
  const userId = useUserId();
  const { pathname } = useLocation();
  const isAway = useIsAway();
  const client = useQueryClient();
  const page = pageName(pathname);
  const { track } = useOrganizationTopic('people', {
    onMessage: (event, payload) => {
      if (event === 'move') noteMove(payload);
    },
    onPresence: (present) => {
      // All of them gone at once is what one sees who was removed: the others are on another topic by now.
      if (notePresent(present).isLeftAlone) void client.invalidateQueries({ queryKey: ['organizations'] });
    },
  });
  useEffect(() => {
    track({ user_id: userId, page, is_away: isAway, is_in_office: page === 'Office' });
  }, [track, userId, page, isAway]);
  useEffect(() => forgetEveryone, []);
  return null;
}
