import 'fake-indexeddb/auto';
import { setTimeout as wait } from 'node:timers/promises';
import colors from 'picocolors';
import { createClient } from '@supabase/supabase-js';
import type { TLStore } from '@tldraw/tlschema';
import type { Database } from '../../supabase/functions/_shared/database.types.ts';
import {
  BoardChanged,
  PulledBoard,
  PushedBoard,
} from '../../supabase/functions/_shared/contracts/whiteboard.ts';
import { type BoardLink, realTimer } from '../../web/src/features/whiteboard/sync/board-link.ts';
import { openBoard, type OpenBoard } from '../../web/src/features/whiteboard/sync/open-board.ts';
import { pushPaceMs } from '../../web/src/features/whiteboard/sync/push-pace.ts';
import { askBoards, createBoard, pushBoard } from '../support/board-client.ts';
import { makeBoardStore, makeBox, makeStroke } from '../support/board-shapes.ts';
import { operatorSql } from '../support/database.ts';
import { makeOrganization } from '../support/organization.ts';
import type { Person } from '../support/person.ts';
import { readReady } from '../support/ready.ts';
import { runProof, showChecks } from '../prove/run-proof.ts';

/*
 * Twenty people draw at once on a board of 5,000 shapes, over the whole way: tldraw's client, the function, Postgres,
 * Realtime. Measured is how long each bit of a stroke takes from the store of who draws it to those of the others, and
 * how long the board takes to open.
 */

const people = 20;
const shapes = 5_000;
const strokesEach = 6;
const bitsOfStroke = 12;
const bitMs = 60;
const limits = { strokeP95Ms: 150, openMs: 2_000 };

type Tab = { board: OpenBoard; store: TLStore };

async function fill(person: Person, boardId: string): Promise<void> {
  for (let from = 0; from < shapes; from += 1_000) {
    const diff = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, index) => {
        const id = `shape:filled${from + index}`;
        const place = {
          parentId: 'page:vision',
          x: (index % 50) * 120,
          y: (from / 50 + Math.floor(index / 50)) * 120,
        };
        return [id, ['put', makeBox(id, place)]];
      }),
    );
    const { status } = await pushBoard(person, boardId, [diff]);
    if (status !== 200) throw new Error(`The board could not be filled: ${status}`);
  }
}

/** As the page does it, without a page. */
function linkOf(person: Person, boardId: string, epoch: number): BoardLink {
  const { url, publishableKey } = readReady();
  // Each tab has a connection of its own.
  const db = createClient<Database>(url, publishableKey, { accessToken: async () => person.accessToken });
  return {
    push: async (batch) => {
      const { status, data, error } = await askBoards(person, '/push', batch);
      if (status !== 200) throw new Error(`${status} ${JSON.stringify(error)}`);
      return PushedBoard.parse(data);
    },
    pull: async (since) => {
      const { data, error } = await db.rpc('board_pull', { board_id: boardId, since });
      if (error) throw error;
      return PulledBoard.parse(data);
    },
    upgrade: async (schemaVersion) => void (await askBoards(person, '/upgrade', { boardId, schemaVersion })),
    listen: ({ onChanged, onWake }) => {
      void db.realtime.setAuth().then(() =>
        db
          .channel(`board:${boardId}:${epoch}`, { config: { private: true } })
          .on('broadcast', { event: 'changed' }, ({ payload }) => onChanged(BoardChanged.parse(payload)))
          .subscribe((status) => {
            if (status === 'SUBSCRIBED') onWake();
          }),
      );
      return () => void db.removeAllChannels();
    },
    refusalOf: () => null,
  };
}

async function openTab(person: Person, boardId: string, epoch: number): Promise<Tab> {
  const store = makeBoardStore();
  const link = linkOf(person, boardId, epoch);
  const board = await openBoard({
    store,
    link,
    storage: {
      load: async () => ({ clock: -1, records: [], batches: [] }),
      save: async () => undefined,
      close: () => undefined,
    },
    timer: realTimer,
    newId: () => crypto.randomUUID(),
    boardId,
    paceMs: () => pushPaceMs(people),
    onStatus: () => undefined,
    onRefused: (refused) => console.error('refused', refused),
  });
  if (board === null) throw new Error('The board did not open.');
  return { board, store };
}

/** Draws strokes, and notes when each bit of them was in the store. */
async function draw(tab: Tab, name: string, strokes: number, drawn: Map<string, number>): Promise<void> {
  await wait(Math.random() * bitMs * bitsOfStroke);
  for (let stroke = 0; stroke < strokes; stroke++) {
    const id = `shape:${name}-${stroke}`;
    for (let bit = 1; bit <= bitsOfStroke; bit++) {
      const path = 'AAAA'.repeat(bit);
      drawn.set(`${id} ${path.length}`, performance.now());
      tab.store.put([makeStroke(id, { parentId: 'page:vision', x: stroke * 10, y: 0 }, path)]);
      await wait(bitMs);
    }
    await wait(200);
  }
}

/** Notes when bits of the others' strokes arrive. A later bit brings the earlier ones along. */
function watch(tab: Tab, name: string, drawn: ReadonlyMap<string, number>, delays: number[]): () => void {
  const shown = new Map<string, number>();
  return tab.store.listen(
    ({ changes }) => {
      const now = performance.now();
      const after = [...Object.values(changes.added), ...Object.values(changes.updated).map(([, to]) => to)];
      for (const record of after) {
        if (record.typeName !== 'shape' || record.type !== 'draw' || record.id.startsWith(`shape:${name}-`))
          continue;
        const length = record.props.segments[0]?.path.length ?? 0;
        for (let bit = (shown.get(record.id) ?? 0) + 4; bit <= length; bit += 4) {
          const at = drawn.get(`${record.id} ${bit}`);
          if (at !== undefined) delays.push(now - at);
        }
        shown.set(record.id, Math.max(length, shown.get(record.id) ?? 0));
      }
    },
    { source: 'remote', scope: 'document' },
  );
}

const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;

async function measure(): Promise<boolean> {
  const { organizationId, owner, admin, member } = await makeOrganization();
  const boardId = await createBoard(owner, organizationId);
  await fill(owner, boardId);
  const [row] =
    await operatorSql()`select topic_epoch from public.organizations where id = ${organizationId}`;
  const epoch = Number(row?.['topic_epoch']);
  const openings: number[] = [];
  const tabs: Tab[] = [];
  for (let index = 0; index < people; index++) {
    const startedAt = performance.now();
    const person = [owner, admin, member][index % 3] ?? owner;
    tabs.push(await openTab(person, boardId, epoch));
    openings.push(performance.now() - startedAt);
  }
  // What was never run yet is compiled first.
  await Promise.all(tabs.map((tab, index) => draw(tab, `warm${index}`, 2, new Map())));
  await wait(1_000);
  const drawn = new Map<string, number>();
  const delays: number[] = [];
  const stops = tabs.map((tab, index) => watch(tab, `p${index}`, drawn, delays));
  await Promise.all(tabs.map((tab, index) => draw(tab, `p${index}`, strokesEach, drawn)));
  const expected = drawn.size * (people - 1);
  for (let waited = 0; delays.length < expected && waited < 10_000; waited += 100) await wait(100);
  for (const stop of stops) stop();
  for (const tab of tabs) tab.board.close();
  const p95 = percentile(delays, 0.95);
  console.log(
    colors.dim(
      `\nbits of strokes: p50 ${percentile(delays, 0.5).toFixed(0)} ms, p95 ${p95.toFixed(0)} ms, p99 ${percentile(delays, 0.99).toFixed(0)} ms; opening: median ${percentile(openings, 0.5).toFixed(0)} ms, slowest ${Math.max(...openings).toFixed(0)} ms`,
    ),
  );
  return showChecks(`${people} people draw on a board of ${shapes} shapes`, [
    {
      claim: 'every bit of every stroke arrives',
      isTrue: delays.length === expected,
      facts: `${delays.length} of ${expected}`,
    },
    {
      claim: `stroke to other screens: p95 under ${limits.strokeP95Ms} ms`,
      isTrue: p95 < limits.strokeP95Ms,
      facts: `${p95.toFixed(0)} ms`,
    },
    {
      claim: `opening the board: under ${limits.openMs} ms`,
      isTrue: percentile(openings, 0.95) < limits.openMs,
      facts: `p95 ${percentile(openings, 0.95).toFixed(0)} ms`,
    },
  ]);
}

/*
 * Screens of 60 frames a second for tldraw's clients, each with a phase of its own: the next frame is anywhere within one,
 * and from a frame on a whole one away.
 */
const frameMs = 1000 / 60;
let isInFrame = false;
globalThis.requestAnimationFrame = (run) => {
  const frame = (): void => {
    isInFrame = true;
    run(performance.now());
    isInFrame = false;
  };
  return Number(setTimeout(frame, isInFrame ? frameMs : Math.random() * frameMs));
};
globalThis.cancelAnimationFrame = (frame) => clearTimeout(frame);
await runProof({}, measure);
