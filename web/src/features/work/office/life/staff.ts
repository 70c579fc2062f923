import type { OfficeAgent, OfficeState } from '@contracts/office.ts';
import type { Headcount } from '../plan/floor-plan.ts';
import type { Numbered } from './place-of.ts';

export type StaffAgent = OfficeAgent & Numbered;
export type StaffPerson = {
  userId: string;
  name: string;
  role: string;
  /** Which office is theirs, and which chair in it where several share one. */
  office: number;
  chair: number;
};

/** Who works here, each with a place of their own: the same on every screen, since the order is the database's. */
export type Staff = {
  agents: readonly StaffAgent[];
  people: readonly StaffPerson[];
  headcount: Headcount;
  doorOf: (personId: string | null) => number;
  /** What stands at each office's door. */
  plates: readonly string[];
};

/** There is room for so many; from one person more on the last one is everyone else's. */
const mostOffices = 6;

export function staffOf({ agents, people }: Pick<OfficeState, 'agents' | 'people'>): Staff {
  const own = people.length > mostOffices ? mostOffices - 1 : people.length;
  const seated = people.map(({ user_id: userId, name, role }, index): StaffPerson => ({
    userId,
    name,
    role,
    office: Math.min(index, own),
    chair: Math.max(0, index - own),
  }));
  const offices = people.length > mostOffices ? mostOffices : people.length;
  const doors = new Map(seated.map(({ userId, office }) => [userId, office]));
  return {
    agents: agents.map((agent, number) => ({ ...agent, number, isActive: agent.is_active })),
    people: seated,
    headcount: { agents: agents.length, offices },
    // Who has left is asked for no more; their door is the first one's.
    doorOf: (personId) => (personId === null ? 0 : (doors.get(personId) ?? 0)),
    plates: [
      ...seated.slice(0, own).map(({ name }) => name),
      ...(people.length > mostOffices ? ['Everyone else'] : []),
    ],
  };
}
