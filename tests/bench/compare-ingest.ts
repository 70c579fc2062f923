import { setTimeout as wait } from 'node:timers/promises';
import type postgres from 'postgres';
import type { ProxyLedger } from '../db/proxy-ledger.ts';
import { quantile } from './measure.ts';
import { type Ingest, measureIngest } from './measure-ingest.ts';
import { rounded, showRule } from './show-rule.ts';

const mostMs = 200;
const mostAttempts = 3;
const leastTimesAsFast = 0.9;
const rounds = 16;
const connections = 8;

export type IngestTarget = {
  ledger: ProxyLedger;
  /** Of each organization, one. */
  proxyKeys: readonly string[];
  /** One connection of a superuser. */
  admin: postgres.Sql;
};

/** Makes calls of both in turns, each for two seconds, and compares the medians. */
export async function compareIngest(small: IngestTarget, large: IngestTarget): Promise<boolean> {
  for (const target of [small, large]) await settleDown(target.admin);
  // After a checkpoint the first change of each page is dearer. That is over sooner where there are few pages.
  for (const target of [small, large]) await ingestFor(target, 15_000);
  const measured = { small: new Array<number>(), large: new Array<number>() };
  for (let round = 0; round < rounds; round++) {
    const [first, second] = round % 2 === 0 ? (['small', 'large'] as const) : (['large', 'small'] as const);
    for (const side of [first, second]) {
      const { perSecond } = await ingestFor(side === 'small' ? small : large, 2000);
      measured[side].push(perSecond);
    }
  }
  const [ofSmall, ofLarge] = [quantile(measured.small, 0.5), quantile(measured.large, 0.5)];
  return showRule(
    `ingest: ${Math.round(ofLarge)} calls/s beside ${Math.round(ofSmall)} of 100,000 rows, ${rounded(ofLarge / ofSmall)} times`,
    ofLarge / ofSmall >= leastTimesAsFast,
  );
}

/** What filling left to do is done, not what the calls leave. */
async function settleDown(admin: postgres.Sql): Promise<void> {
  await admin`checkpoint`;
  for (let seconds = 0; seconds < 120; seconds++) {
    const [busy] = await admin`select from pg_stat_activity where backend_type = 'autovacuum worker'`;
    if (busy === undefined) return;
    await wait(1000);
  }
}

function ingestFor({ ledger, proxyKeys }: IngestTarget, ms: number): Promise<Ingest> {
  const endsAt = performance.now() + ms;
  return measureIngest(ledger, proxyKeys, connections, () => performance.now() > endsAt);
}

/** Drops months in the middle of traffic, oldest first: no call may wait long for any of them. */
export async function dropWhileCalling(target: IngestTarget, months: readonly string[]): Promise<boolean> {
  let isSmooth = true;
  for (const month of months) isSmooth = (await dropOne(target, month)) && isSmooth;
  return isSmooth;
}

/** Tries again, as the product's schedule does, where it was too busy to detach the month. Waiting counts all the same. */
async function dropOne(target: IngestTarget, month: string): Promise<boolean> {
  let isSmooth = true;
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    const quiet = await ingestFor(target, 3000);
    const { isDone, droppedMs, longestMs } = await dropOnce(target, month);
    isSmooth &&= longestMs <= mostMs;
    showRule(
      `${isDone ? 'dropping' : 'trying to drop'} ${month} took ${Math.round(droppedMs)} ms; the longest call ${Math.round(longestMs)} ms (${Math.round(quiet.longestMs)} ms before)`,
      isSmooth && (isDone || attempt < mostAttempts),
    );
    if (isDone) return isSmooth;
  }
  return false;
}

async function dropOnce(target: IngestTarget, month: string) {
  let isOver = false;
  const calling = measureIngest(target.ledger, target.proxyKeys, connections, () => isOver);
  await wait(1000);
  const startedAt = performance.now();
  const [detached] = await target.admin`select private.detach_usage_partition(${month}) as is_done`;
  const isDone = detached?.['is_done'] === true;
  if (isDone) await target.admin.unsafe(`drop table private.${month}`);
  const droppedMs = performance.now() - startedAt;
  await wait(1000);
  isOver = true;
  const { longestMs } = await calling;
  return { isDone, droppedMs, longestMs };
}
