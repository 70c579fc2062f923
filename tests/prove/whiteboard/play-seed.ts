import { IDBFactory } from 'fake-indexeddb';
import type { TLStore } from '@tldraw/tlschema';
import type { BoardDatabase } from '../../../supabase/functions/whiteboard/board-database.ts';
import { Network } from './network.ts';
import { type Facts, Person, type Tab } from './person.ts';
import { BoardServer, makeBoard } from './server.ts';
import { sortKeys } from './sort-keys.ts';
import { World } from './world.ts';

export type Played = { faults: string[]; facts: Facts; clock: number; records: number; kills: number };

const actsMs = 10_000;
const patienceMs = 180_000;

/** One story: some people draw on one board while everything goes wrong, then the network heals. */
export async function playSeed(
  seed: number,
  options: { database: BoardDatabase; organizationId: string; userIds: readonly string[] },
): Promise<Played> {
  globalThis.indexedDB = new IDBFactory();
  const world = new World(seed);
  const boardId = await makeBoard(options.organizationId, options.userIds[0] ?? '');
  const server = new BoardServer(boardId, options.database);
  const network = new Network(world, server);
  const facts: Facts = {
    made: new Set(),
    stored: new Set(),
    answered: new Set(),
    refused: new Set(),
    faults: [],
    pushes: 0,
  };
  const people = Array.from({ length: world.between(2, 5) }, (_, index) => {
    const userId = options.userIds[index % options.userIds.length] ?? '';
    return new Person({ world, network, facts, userId, browserId: `${seed} ${index}`, boardId });
  });
  const tabsOf = (): Tab[] => people.flatMap(({ tabs }) => tabs);
  let kills = 0;
  for (const person of people) {
    person.open(true);
    if (world.chance(30)) person.open(true);
    schedule(world, [10, 150], () => {
      const tab = person.tabs[world.random.below(person.tabs.length)];
      if (tab !== undefined) person.act(tab);
    });
    schedule(world, [2_000, 9_000], () => {
      const tab = person.tabs[world.random.below(person.tabs.length)];
      if (tab === undefined) return;
      person.kill(tab);
      kills += 1;
      // Sometimes at once, sometimes where there is no connection either.
      world.after(world.between(1, 1_500), () => person.open(world.chance(80)));
    });
    schedule(world, [1_500, 6_000], () => {
      const tab = person.tabs[world.random.below(person.tabs.length)];
      if (tab === undefined) return;
      tab.line.isOnline = false;
      world.after(world.between(200, 4_000), () => {
        if (tab.line.isAlive) network.connect(tab.line);
      });
    });
  }
  schedule(world, [2_000, 9_000], () => network.restartServer(world.between(100, 2_000)));
  await world.runUntil(() => false, actsMs + 2_000);

  network.heal();
  const beat = (): void => {
    for (const { line } of tabsOf()) line.heard?.onWake();
    world.after(30_000, beat);
  };
  world.after(30_000, beat);
  const { faults } = facts;
  const isQuiet = (): boolean => tabsOf().every(({ board }) => board !== null && board.sync.work.size === 0);
  if (!(await world.runUntil(isQuiet, patienceMs)))
    faults.push(`Work is left after ${patienceMs} ms: ${describe(tabsOf())}`);
  const clock = await server.clock();
  const knows = (): boolean => tabsOf().every(({ board }) => board?.sync.known.clock === clock);
  if (!(await world.runUntil(knows, patienceMs)))
    faults.push(`Not all tabs know tick ${clock}: ${describe(tabsOf())}`);

  const expected = normalize(await server.records());
  for (const tab of tabsOf()) {
    const shown = normalize(documentOf(tab.store));
    if (shown !== expected)
      faults.push(`Tab ${tab.id} shows something else: ${whereTheyDiffer(shown, expected)}`);
  }
  const fresh = new Person({
    world,
    network,
    facts,
    userId: options.userIds[0] ?? '',
    browserId: `${seed} fresh`,
    boardId,
  });
  fresh.open(true);
  await world.runUntil(() => fresh.tabs[0]?.board != null, patienceMs);
  const [freshTab] = fresh.tabs;
  if (freshTab === undefined || normalize(documentOf(freshTab.store)) !== expected)
    faults.push('A fresh tab shows something else.');
  for (const key of new Set([...facts.answered, ...facts.stored]))
    if (!expected.includes(`"${key}"`))
      faults.push(`${key} is lost (${facts.answered.has(key) ? 'answered' : 'stored'}).`);
  for (const person of [...people, fresh]) person.killAll();
  faults.push(...network.faults);
  return { faults, facts, clock, records: (await server.records()).length, kills };
}

/** Again and again while people act, each time after a while of its own. */
function schedule(world: World, [least, most]: [number, number], run: () => void): void {
  const next = (): void => {
    if (world.now > actsMs) return;
    run();
    world.after(world.between(least, most), next);
  };
  world.after(world.between(least, most), next);
}

const describe = (tabs: readonly Tab[]): string =>
  JSON.stringify(
    tabs.map(({ board, status, line }) => ({
      isOpen: board !== null,
      clock: board?.sync.known.clock,
      work: board?.sync.work.size,
      isOnline: line.isOnline,
      status,
    })),
  );

const documentOf = (store: TLStore): unknown[] => Object.values(store.serialize('document'));

/** The same text for the same records, whatever the order of their keys. */
function normalize(records: readonly unknown[]): string {
  return JSON.stringify(
    records.map(sortKeys).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  );
}

function whereTheyDiffer(one: string, other: string): string {
  const at = [...one].findIndex((letter, index) => letter !== other[index]);
  return `…${one.slice(Math.max(0, at - 200), at + 80)}… and …${other.slice(Math.max(0, at - 20), at + 80)}…`;
}
