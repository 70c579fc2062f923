import { useCallback, useEffect, useLayoutEffect, useRef } from 'react';
import type { Point } from '../plan/floor-plan.ts';

export type Mover = {
  key: string;
  /** Where its figure is at an instant of the office's clock, and whether it will be elsewhere soon. */
  at: (atMs: number) => { point: Point; isMoving: boolean };
};

/** Whether the clock runs as time does, faster, so that anyone may begin to walk, or stands, and moves nobody. */
export type OfficeTime = 'live' | 'playing' | 'standing';

type MovementParts = {
  movers: readonly Mover[];
  clock: () => number;
  time: OfficeTime;
  scale: number;
};

/**
 * Moves figures without drawing the page anew: positions are functions of time, written straight into the picture. Frames
 * are asked for only while something moves and somebody can see it.
 */
export function useMovement(parts: MovementParts): {
  figureRef: (key: string) => (element: SVGGElement | null) => void;
  /** Something began to move that React knows nothing of. */
  wake: () => void;
} {
  const latest = useRef(parts);
  const figures = useRef(new Map<string, SVGGElement>());
  const frame = useRef(0);
  const paint = useCallback((): boolean => {
    const { movers, clock, scale } = latest.current;
    const atMs = clock();
    let isMoving = false;
    for (const mover of movers) {
      const place = mover.at(atMs);
      isMoving ||= place.isMoving;
      const { x, y } = place.point;
      const figure = figures.current.get(mover.key);
      figure?.setAttribute('transform', `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${scale})`);
      figure?.toggleAttribute('data-walking', place.isMoving);
    }
    return isMoving;
  }, []);
  const wake = useCallback(() => {
    cancelAnimationFrame(frame.current);
    const run = (): void => {
      const isMoving = paint();
      const { time } = latest.current;
      const goesOn = time === 'playing' || (time === 'live' && isMoving);
      if (goesOn && document.visibilityState === 'visible') frame.current = requestAnimationFrame(run);
    };
    run();
  }, [paint]);
  useLayoutEffect(() => {
    latest.current = parts;
    wake();
  });
  useEffect(() => {
    document.addEventListener('visibilitychange', wake);
    return () => {
      document.removeEventListener('visibilitychange', wake);
      cancelAnimationFrame(frame.current);
    };
  }, [wake]);
  const figureRef = useCallback(
    (key: string) => (element: SVGGElement | null) => {
      if (element) figures.current.set(key, element);
      else figures.current.delete(key);
    },
    [],
  );
  return { figureRef, wake };
}
