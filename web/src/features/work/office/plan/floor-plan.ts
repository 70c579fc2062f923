export type Point = { x: number; y: number };
export type Rect = Point & { width: number; height: number };
export type RoomId = 'hall' | 'lounge' | 'meeting' | 'desks' | `office/${number}`;
export type Side = 'top' | 'right' | 'bottom' | 'left';

export type Room = {
  id: RoomId;
  rect: Rect;
  /** Where its doorway to the hall is; the hall itself has none. */
  door: { side: Side; at: Point } | null;
};

/** How many of what there has to be room for. */
export type Headcount = { agents: number; offices: number };

/** Wide beside a menu, tall on a phone: the same rooms and ways, drawn differently. */
export type Shape = 'wide' | 'tall';

export type FloorPlan = {
  shape: Shape;
  headcount: Headcount;
  width: number;
  height: number;
  rooms: readonly Room[];
  deskGrid: { columns: number; rows: number; cell: { width: number; height: number } };
  /** Of figures and furniture, where there are many of them. */
  scale: number;
};

export const doorWidth = 46;
const hallWidth = 100;

export function floorPlanOf(shape: Shape, { agents, offices }: Headcount): FloorPlan {
  const headcount = { agents, offices: Math.min(Math.max(offices, 4), 6) };
  const frame = shape === 'wide' ? wideFrame(headcount.offices) : tallFrame(headcount.offices);
  const desks = frame.rooms.find(({ id }) => id === 'desks')?.rect ?? { x: 0, y: 0, width: 1, height: 1 };
  const deskGrid = gridIn(desks, agents);
  const scale = Math.min(1, deskGrid.cell.width / 92, deskGrid.cell.height / 104);
  return { shape, headcount, ...frame, deskGrid, scale };
}

export function roomOf(plan: FloorPlan, id: RoomId): Room {
  const room = plan.rooms.find((each) => each.id === id);
  if (!room) throw new RangeError(`There is no room ${id}.`);
  return room;
}

export function roomAt(plan: FloorPlan, { x, y }: Point): Room | undefined {
  return plan.rooms.find(
    ({ rect }) => x >= rect.x && y >= rect.y && x <= rect.x + rect.width && y <= rect.y + rect.height,
  );
}

type Frame = Pick<FloorPlan, 'width' | 'height' | 'rooms'>;

/** Offices along the top, the hall below them, and what everyone shares at the bottom. */
function wideFrame(offices: number): Frame {
  const [width, height, hallTop] = [1000, 720, 172];
  const officeWidth = width / offices;
  const shared = (id: RoomId, x: number, roomWidth: number): Room => ({
    id,
    rect: { x, y: hallTop + hallWidth, width: roomWidth, height: height - hallTop - hallWidth },
    door: { side: 'top', at: { x: x + roomWidth / 2, y: hallTop + hallWidth } },
  });
  return {
    width,
    height,
    rooms: [
      { id: 'hall', rect: { x: 0, y: hallTop, width, height: hallWidth }, door: null },
      ...range(offices).map((index): Room => ({
        id: `office/${index}`,
        rect: { x: index * officeWidth, y: 0, width: officeWidth, height: hallTop },
        door: { side: 'bottom', at: { x: (index + 0.5) * officeWidth, y: hallTop } },
      })),
      shared('lounge', 0, 330),
      shared('meeting', 330, 270),
      shared('desks', 600, 400),
    ],
  };
}

/** The hall goes down the middle to the desks, with offices, the meeting room and the lounge on both sides. */
function tallFrame(offices: number): Frame {
  const [width, officeHeight, sharedHeight, desksHeight] = [480, 150, 340, 430];
  const side = (width - hallWidth) / 2;
  const officesHeight = Math.ceil(offices / 2) * officeHeight;
  const hallHeight = officesHeight + sharedHeight;
  const beside = (id: RoomId, isLeft: boolean, y: number, height: number): Room => ({
    id,
    rect: { x: isLeft ? 0 : side + hallWidth, y, width: side, height },
    door: {
      side: isLeft ? 'right' : 'left',
      at: { x: isLeft ? side : side + hallWidth, y: y + height / 2 },
    },
  });
  return {
    width,
    height: hallHeight + desksHeight,
    rooms: [
      { id: 'hall', rect: { x: side, y: 0, width: hallWidth, height: hallHeight }, door: null },
      ...range(offices).map((index) =>
        beside(`office/${index}`, index % 2 === 0, Math.floor(index / 2) * officeHeight, officeHeight),
      ),
      beside('meeting', true, officesHeight, sharedHeight),
      beside('lounge', false, officesHeight, sharedHeight),
      {
        id: 'desks',
        rect: { x: 0, y: hallHeight, width, height: desksHeight },
        door: { side: 'top', at: { x: width / 2, y: hallHeight } },
      },
    ],
  };
}

/** What stays free at the door and along the walls of the room with the desks. */
const deskMargin = { top: 54, side: 12, bottom: 10, lane: 26 };

function gridIn(desks: Rect, agents: number): FloorPlan['deskGrid'] {
  const count = Math.max(agents, 9);
  const columns = [3, 4, 6, 8].find((each) => count <= each * Math.max(3, each)) ?? 10;
  const rows = Math.max(3, Math.ceil(count / columns));
  const width = (desks.width - 2 * deskMargin.side - deskMargin.lane) / columns;
  return {
    columns,
    rows,
    cell: { width, height: (desks.height - deskMargin.top - deskMargin.bottom) / rows },
  };
}

/** Where an agent's own desk stands. */
export function deskCell({ rooms, deskGrid }: FloorPlan, desk: number): Rect {
  const { rect } = rooms.find(({ id }) => id === 'desks') ?? { rect: { x: 0, y: 0 } };
  const { columns, rows, cell } = deskGrid;
  return {
    x: rect.x + deskMargin.side + deskMargin.lane + (desk % columns) * cell.width,
    y: rect.y + deskMargin.top + (Math.floor(desk / columns) % rows) * cell.height,
    ...cell,
  };
}

export const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
