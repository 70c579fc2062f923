import { useEffect, useRef } from 'react';
import type { LiveTopic } from '@/lib/live/use-topic.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { useUserId } from '@/lib/session.tsx';
import { savePlace } from '../office-queries.ts';
import { type FloorPlan, type Point, roomOf } from '../plan/floor-plan.ts';
import { OwnWalk } from './own-walk.ts';
import { onNewcomers, setVector } from './people-store.ts';

const saveMs = 30_000;
/** Not all at once, where many are. */
const sayAgainWithinMs = 400;

type OwnWalkOptions = {
  wide: FloorPlan;
  topic: LiveTopic;
  offsetMs: number;
  office: number;
  /** Where one was last. */
  lastPlace: Point | null;
};

/** One's own figure: told to the others as it changes its way, and kept every half minute for the next time. */
export function useOwnWalk({ wide, topic, offsetMs, office, lastPlace }: OwnWalkOptions) {
  const { id } = useOrganization();
  const userId = useUserId();
  const walk = useRef<OwnWalk | null>(null);
  const latest = useRef({ offsetMs, lastPlace, topic });
  useEffect(() => {
    latest.current = { offsetMs, lastPlace, topic };
  });
  useEffect(() => {
    const start = walk.current?.here ?? latest.current.lastPlace ?? beforeDoor(wide, office);
    const own = new OwnWalk(start, {
      plan: wide,
      now: () => Date.now() + latest.current.offsetMs,
      show: (vector) => setVector(userId, vector),
      send: ({ atMs, ...vector }) =>
        latest.current.topic.send('move', { user_id: userId, ...vector, at: atMs }),
    });
    walk.current = own;
    own.sayAgain();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stopGreeting = onNewcomers(() => {
      clearTimeout(timer);
      timer = setTimeout(() => own.sayAgain(), Math.random() * sayAgainWithinMs);
    });
    let saved = own.here;
    const save = (): void => {
      const { here } = own;
      if (!own.hasMoved || (here.x === saved.x && here.y === saved.y)) return;
      saved = here;
      // A place that is not kept is told anew with the next step.
      void savePlace(id, here).catch(() => undefined);
    };
    const saving = setInterval(save, saveMs);
    return () => {
      clearTimeout(timer);
      clearInterval(saving);
      stopGreeting();
      save();
      own.stop();
    };
  }, [id, userId, wide, office]);
  return {
    head: (direction: Point) => walk.current?.head(direction),
    goTo: (point: Point) => walk.current?.goTo(point),
  };
}

/** In one's own office, before the desk. */
function beforeDoor(wide: FloorPlan, office: number): Point {
  const { rect } = roomOf(wide, `office/${office}`);
  return { x: rect.x + rect.width / 2, y: rect.y + rect.height * 0.72 };
}
