import { type PointerEvent, type RefObject, useState } from 'react';
import type { FloorPlan, Point } from '../plan/floor-plan.ts';
import { type DropTarget, dropTargetAt, type PersonPlace } from './drop-target.ts';

export type Drag = { agentId: string; point: Point; target: DropTarget | null };

type DragParts = {
  svgRef: RefObject<SVGSVGElement | null>;
  plan: FloorPlan;
  /** Where people are drawn right now. */
  people: () => readonly PersonPlace[];
  onDrop: (agentId: string, target: DropTarget) => void;
};

/** Nearer than this a press is a click. */
const slackPx = 6;
type Press = { agentId: string; x: number; y: number; pointerId: number };

/** Agents are dragged with a mouse, a pen or a finger. What can be done by dragging can be done from the list as well. */
export function useDrag({ svgRef, plan, people, onDrop }: DragParts) {
  const [press, setPress] = useState<Press | null>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const end = (): void => {
    setPress(null);
    setDrag(null);
  };
  return {
    drag,
    beginDrag: (agentId: string, event: PointerEvent) => {
      if (event.button !== 0) return;
      setPress({ agentId, x: event.clientX, y: event.clientY, pointerId: event.pointerId });
    },
    svgEvents: {
      onPointerMove: (event: PointerEvent<SVGSVGElement>) => {
        if (!press || event.pointerId !== press.pointerId) return;
        if (!drag && Math.hypot(event.clientX - press.x, event.clientY - press.y) < slackPx) return;
        if (!drag) svgRef.current?.setPointerCapture(press.pointerId);
        const point = pointIn(svgRef.current, event);
        setDrag({ agentId: press.agentId, point, target: dropTargetAt(plan, people(), point) });
      },
      onPointerUp: () => {
        if (drag?.target) onDrop(drag.agentId, drag.target);
        end();
      },
      onPointerCancel: end,
    },
  };
}

/** Where a pointer is, in units of the picture. */
export function pointIn(
  svg: SVGSVGElement | null,
  { clientX, clientY }: { clientX: number; clientY: number },
): Point {
  const matrix = svg?.getScreenCTM();
  if (!matrix) return { x: 0, y: 0 };
  const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(matrix.inverse());
  return { x, y };
}
