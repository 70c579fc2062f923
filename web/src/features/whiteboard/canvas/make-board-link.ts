import { z } from 'zod';
import { BoardChanged, PulledBoard, PushedBoard } from '@contracts/whiteboard.ts';
import { callFunction } from '@/lib/api.ts';
import { RequestError, unwrap } from '@/lib/errors.ts';
import { listenToTopic } from '@/lib/live/listen-to-topic.ts';
import { supabase } from '@/lib/supabase.ts';
import type { BoardLink } from '../sync/board-link.ts';

/** A board on the server: pushes go to the function, pulls to the database, and what changed is heard on its topic. */
export function makeBoardLink(
  { organizationId, boardId }: { organizationId: string; boardId: string },
  onSettings: () => void,
): BoardLink {
  return {
    push: (body) =>
      callFunction({ path: '/whiteboard/push', method: 'POST', body, answer: PushedBoard, signal: inTime() }),
    pull: async (since) => {
      const pulling = supabase().rpc('board_pull', { board_id: boardId, since });
      return PulledBoard.parse(unwrap(await pulling.abortSignal(inTime())));
    },
    upgrade: async (schemaVersion) => {
      const body = { boardId, schemaVersion };
      const answer = z.unknown();
      await callFunction({ path: '/whiteboard/upgrade', method: 'POST', body, answer, signal: inTime() });
    },
    listen: ({ onChanged, onWake }) => {
      const topic = { of: 'board', organizationId, boardId, stream: 'changes' } as const;
      const { stop } = listenToTopic(topic, {
        onMessage: (event, payload) => {
          const changed = BoardChanged.safeParse(payload).data;
          if (event === 'settings') onSettings();
          else if (changed !== undefined) onChanged(changed);
        },
        onPull: onWake,
      });
      return stop;
    },
    refusalOf: (error) =>
      error instanceof RequestError && error.status > 0 ? { code: error.code, status: error.status } : null,
  };
}

/** A connection that went silent is given up, and asked anew: nothing else on this board goes on without it. */
const inTime = (): AbortSignal => AbortSignal.timeout(30_000);
