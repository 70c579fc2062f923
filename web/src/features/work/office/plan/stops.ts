/**
 * A place that walks begin, end or turn at, by name: `desk/3`, `lounge/0`, `meeting/2`, `door/1/0` (waiting at the door
 * of office 1), `free/120/400` (in the lounge, in thousandths of it). Where it is drawn is for a floor plan to say.
 */
export type Stop = string;

/** From a stop to the hall, both included: the way that everyone takes who leaves it. */
function wayOut(stop: Stop): readonly Stop[] {
  const [kind = '', first = ''] = stop.split('/');
  switch (kind) {
    case 'desk':
    case 'aisle':
    case 'lane':
      return from(stop, [`desk/${first}`, `aisle/${first}`, `lane/${first}`, 'entrance/desks', 'hall/desks']);
    case 'meeting':
    case 'side':
      return from(stop, [`meeting/${first}`, `side/${first}`, 'entrance/meeting', 'hall/meeting']);
    case 'lounge':
    case 'free':
      return from(stop, [stop, 'entrance/lounge', 'hall/lounge']);
    case 'door':
      return [stop, `hall/office-${first}`];
    case 'entrance':
      return [stop, `hall/${first}`];
    default:
      return [stop];
  }
}

/** The stops from one to another: out to where both ways meet, along the hall if they do not, and in again. */
export function wayBetween(start: Stop, end: Stop): readonly Stop[] {
  const out = wayOut(start);
  const into = wayOut(end);
  const meeting = out.findIndex((stop) => into.includes(stop));
  if (meeting < 0) return [...out, ...into.toReversed()];
  const shared = into.indexOf(out[meeting] ?? '');
  return [...out.slice(0, meeting), ...into.slice(0, shared + 1).toReversed()];
}

const from = (stop: Stop, way: readonly Stop[]): readonly Stop[] => way.slice(way.indexOf(stop));
