import 'fake-indexeddb/auto';
import { parseArgs } from 'node:util';
import colors from 'picocolors';
import { connectBoards } from '../../supabase/functions/whiteboard/board-database.ts';
import { makeOrganization } from '../support/organization.ts';
import { readReady } from '../support/ready.ts';
import { runProof, showChecks } from './run-proof.ts';
import { playSeed } from './whiteboard/play-seed.ts';

/*
 * Boards over tldraw's own client and the real database, in stories that a seed makes up: messages lost, doubled, late and
 * out of order, tabs killed, people offline, servers restarted. In the end all show what Postgres has, nothing that was
 * answered or stored is lost, and undo undid only one's own. `-- --seed=7` plays one of them, `-- --seeds=50` fewer.
 */

const { values } = parseArgs({
  options: { seed: { type: 'string' }, seeds: { type: 'string', default: '300' } },
});
const first = Number(values.seed ?? 1);
const seeds = values.seed === undefined ? Number(values.seeds) : 1;

async function prove(): Promise<boolean> {
  const { organizationId, owner, admin, member } = await makeOrganization();
  const database = connectBoards(readReady().databaseUrl);
  const userIds = [owner, admin, member].map(({ userId }) => userId);
  const sums = { pushes: 0, ticks: 0, kills: 0, refused: 0, marks: 0 };
  const failed: string[] = [];
  try {
    for (let seed = first; seed < first + seeds; seed++) {
      const played = await playSeed(seed, { database, organizationId, userIds });
      sums.pushes += played.facts.pushes;
      sums.ticks += played.clock;
      sums.kills += played.kills;
      sums.refused += played.facts.refused.size;
      sums.marks += played.facts.answered.size;
      if (played.faults.length > 0) {
        failed.push(`seed ${seed}`);
        console.log(colors.red(`seed ${seed}`), played.faults.slice(0, 5).join('\n  '));
      } else if (seed % 25 === 0)
        console.log(colors.dim(`seed ${seed}: ${played.clock} ticks, ${played.records} records`));
    }
  } finally {
    await database.close();
  }
  return showChecks('Whiteboard', [
    {
      claim: 'all tabs, a fresh one and Postgres are equal, nothing answered is lost',
      isTrue: failed.length === 0,
      facts: failed.length === 0 ? `${seeds} seeds` : `failed: ${failed.join(', ')}`,
    },
    {
      claim: 'the stories were eventful',
      isTrue: seeds === 1 || (sums.kills > seeds && sums.refused > 0 && sums.marks > seeds),
      facts: `${sums.pushes} pushes answered, ${sums.ticks} ticks, ${sums.kills} tabs killed, ${sums.refused} records refused`,
    },
  ]);
}

// tldraw's client works at once then, not with the next frame of a screen.
process.env['NODE_ENV'] = 'test';
await runProof({}, prove);
