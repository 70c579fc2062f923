import { SignJWT } from 'jose';
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import postgres from 'postgres';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { freePort } from '../../local/free-port.ts';
import { runStack, type RunningStack } from '../../scripts/run-stack.ts';
import { broadcastPush } from '../support/realtime-socket.ts';
import { quantile } from './measure.ts';

/*
 * 200 people in 20 organizations, each of whom says something once a second to the ten of their own, in a private
 * channel. Beside it the same over a bare `ws` server that only passes on, by the same client process in the same
 * seconds. Passes when nothing is lost, doubled or heard elsewhere, the 95th percentile is below 50 ms and at most twice
 * that of the bare server, and memory is back where it was.
 */

const organizations = 20;
const membersEach = 10;
const event = 'bench';

type Member = { organization: number; topic: string; token: string };
/** Where a frame begins whose payload is `{"o":…,"c":…,"n":…,"at":…}`. */
const Payload = z.object({ o: z.int(), c: z.int(), n: z.int(), at: z.number() });

/** One way to send to the ten, and what came of it. */
class Lane {
  readonly latenciesMs: number[] = [];
  readonly heard = new Map<string, number>();
  sockets: WebSocket[] = [];
  crossed = 0;
  closed = 0;
  private isOver = false;

  attend(socket: WebSocket, member: Member, index: number): void {
    this.sockets[index] = socket;
    socket.on('message', (data) => {
      if (Buffer.isBuffer(data)) this.hear(member, data);
    });
    socket.on('close', () => {
      if (!this.isOver) this.closed += 1;
    });
  }

  end(): void {
    this.isOver = true;
    for (const socket of this.sockets) socket.close();
  }

  private hear(receiver: Member, data: Buffer): void {
    const now = performance.now();
    const start = data.lastIndexOf('{"o":');
    if (start < 0) return;
    const { o, c, n, at } = Payload.parse(JSON.parse(data.toString('utf8', start)));
    if (o !== receiver.organization) this.crossed += 1;
    this.latenciesMs.push(now - at);
    const key = `${c}:${n}`;
    this.heard.set(key, (this.heard.get(key) ?? 0) + 1);
  }

  summary(sent: number) {
    const counts = [...this.heard.values()];
    const q = (of: number): number => round(quantile(this.latenciesMs, of));
    return {
      sent,
      delivered: this.latenciesMs.length,
      lost: sent * membersEach - counts.reduce((sum, count) => sum + Math.min(count, membersEach), 0),
      doubled: counts.reduce((sum, count) => sum + Math.max(0, count - membersEach), 0),
      crossed: this.crossed,
      closed: this.closed,
      'p50 ms': q(0.5),
      'p95 ms': q(0.95),
      'p99 ms': q(0.99),
      'max ms': q(1),
    };
  }
}

async function bench(): Promise<void> {
  const { values: flags } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } });
  const seconds = Number(flags.seconds);
  const cleanups: (() => Promise<void> | void)[] = [];
  try {
    const bareUrl = await startBareServer(cleanups);
    console.log('Starting a stack of its own…');
    const stack = await runStack();
    cleanups.push(() => stack.stop());
    const members = await makeMembers(stack);
    // Once for warming up, so that what is measured against is the level of a server that has worked.
    await run(stack, bareUrl, members, Math.min(seconds, 20));
    await wait(restSeconds * 1000);
    const before = residentMegabytes(stack.pid);
    const { realtime, bare, sent, joinMs, during } = await run(stack, bareUrl, members, seconds);
    const after = await settledMegabytes(stack.pid, before);
    const results = { realtime: realtime.summary(sent), 'bare ws': bare.summary(sent) };
    console.table(results);
    console.log(`joining, all at once: p95 ${round(quantile(joinMs, 0.95))} ms`);
    console.log(`memory of the server: ${before} MB before, ${during} MB during, ${after} MB afterwards`);
    judge(results, before, after);
  } finally {
    for (const cleanup of cleanups.toReversed()) await cleanup();
  }
}

type Summary = ReturnType<Lane['summary']>;

function judge(results: { realtime: Summary; 'bare ws': Summary }, before: number, after: number): void {
  const { realtime, 'bare ws': bare } = results;
  const claims = {
    'nothing is lost': realtime.lost === 0 && realtime.closed === 0 && realtime.sent > 0,
    'nothing is doubled': realtime.doubled === 0,
    'nobody hears another organization': realtime.crossed === 0,
    'p95 is below 50 ms': realtime['p95 ms'] < 50,
    'p95 is at most twice that of the bare server': realtime['p95 ms'] <= 2 * bare['p95 ms'],
    'memory is back at its level': after <= before * memorySlack,
  };
  for (const [claim, isTrue] of Object.entries(claims)) console.log(`${isTrue ? '✓' : '✗'} ${claim}`);
  const isPassed = Object.values(claims).every(Boolean);
  console.log(isPassed ? 'passed' : 'FAILED');
  process.exitCode = isPassed ? 0 : 1;
}

/** Everyone on both lanes: a message each second on either, spread over the second. */
async function run(stack: RunningStack, bareUrl: string, members: Member[], seconds: number) {
  const [realtime, bare] = [new Lane(), new Lane()];
  const joinMs = await Promise.all(
    members.map((member, index) => joinRealtime(stack, realtime, member, index)),
  );
  await Promise.all(members.map((member, index) => joinBare(bareUrl, bare, member, index)));
  let sent = 0;
  const startedAt = performance.now();
  const stepMs = 1000 / members.length;
  for (let turn = 0; turn < seconds * members.length; turn++) {
    const due = startedAt + turn * stepMs - performance.now();
    if (due > 0) await wait(due);
    const index = turn % members.length;
    const n = Math.floor(turn / members.length);
    // Neither lane is always the first.
    const lanes = n % 2 === 0 ? [realtime, bare] : [bare, realtime];
    for (const lane of lanes) speak(lane, members, index, n);
    sent += 1;
  }
  await wait(2_000);
  const during = residentMegabytes(stack.pid);
  for (const lane of [realtime, bare]) lane.end();
  return { realtime, bare, sent, joinMs, during };
}

function speak({ sockets }: Lane, members: Member[], index: number, n: number): void {
  const { organization, topic } = members[index] ?? { organization: -1, topic: '' };
  const payload = { o: organization, c: index, n, at: performance.now() };
  sockets[index]?.send(broadcastPush({ joinRef: '1', ref: `${n}`, topic, event, payload }));
}

async function joinRealtime(
  { ready }: RunningStack,
  lane: Lane,
  member: Member,
  index: number,
): Promise<number> {
  const socket = new WebSocket(
    `${ready.url.replace('http', 'ws')}/realtime/v1/websocket?vsn=2.0.0&apikey=${ready.publishableKey}`,
  );
  await once(socket, 'open');
  const startedAt = performance.now();
  const config = { private: true, broadcast: { self: true } };
  socket.send(JSON.stringify(['1', '1', member.topic, 'phx_join', { config, access_token: member.token }]));
  const [answer] = await once(socket, 'message');
  if (!String(answer).includes('"ok"')) throw new Error(`Joining was refused: ${answer}`);
  const joinedMs = performance.now() - startedAt;
  lane.attend(socket, member, index);
  const beat = setInterval(() => socket.send('[null,"b","phoenix","heartbeat",{}]'), 25_000);
  socket.on('close', () => clearInterval(beat));
  return joinedMs;
}

async function joinBare(bareUrl: string, lane: Lane, member: Member, index: number): Promise<void> {
  const socket = new WebSocket(`${bareUrl}/${member.organization}`);
  await once(socket, 'open');
  lane.attend(socket, member, index);
}

/** Accounts as signing up makes them, without their passwords, which take long. */
async function makeMembers({ ready }: RunningStack): Promise<Member[]> {
  const sql = postgres(ready.databaseUrl, { max: 1, onnotice: () => {} });
  const secretsFile = path.join(path.dirname(ready.logsDir), 'secrets.json');
  const { jwtSecret } = z
    .object({ jwtSecret: z.string() })
    .parse(JSON.parse(readFileSync(secretsFile, 'utf8')));
  const members: Member[] = [];
  try {
    for (let organization = 0; organization < organizations; organization++) {
      const people = await sql<{ id: string }[]>`
        insert into auth.users (id, email)
        select gen_random_uuid(), format('bench-%s-%s@example.com', ${organization}::int, n)
        from generate_series(1, ${membersEach}) n returning id`;
      const [founder, ...others] = people.map(({ id }) => id);
      const [row] = await sql<{ id: string }[]>`
        update public.organizations set plan = 'enterprise' where id =
          (select organization_id from public.organization_members where user_id = ${founder ?? ''}) returning id`;
      if (row === undefined) throw new Error('Signing up made no organization.');
      for (const userId of others)
        await sql`insert into public.organization_members (organization_id, user_id, role) values (${row.id}, ${userId}, 'member')`;
      const [topic] = await sql<
        { name: string }[]
      >`select private.organization_topic(${row.id}, 'people') as name`;
      for (const { id } of people)
        members.push({ organization, topic: `realtime:${topic?.name}`, token: await sign(id, jwtSecret) });
    }
  } finally {
    await sql.end();
  }
  return members;
}

function sign(userId: string, jwtSecret: string): Promise<string> {
  return new SignJWT({ sub: userId, role: 'authenticated', aud: 'authenticated' })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setExpirationTime('1 hour')
    .sign(new TextEncoder().encode(jwtSecret));
}

async function startBareServer(cleanups: (() => void)[]): Promise<string> {
  const port = await freePort();
  const child = fork(path.join(import.meta.dirname, 'fan-out-process.ts'), [String(port)]);
  cleanups.push(() => void child.kill());
  await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', () => reject(new Error('The bare server did not start.')));
  });
  return `ws://127.0.0.1:${port}`;
}

/** Memory is given back in its own time: asked until it is back, or it is clear that it stays. */
async function settledMegabytes(pid: number, before: number): Promise<number> {
  let least = Infinity;
  for (let second = 0; second < 60; second++) {
    least = Math.min(least, residentMegabytes(pid));
    if (least <= before) break;
    await wait(1_000);
  }
  return least;
}

function residentMegabytes(pid: number): number {
  return Math.round(
    Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024,
  );
}

const round = (value: number): number => Math.round(value * 100) / 100;
const restSeconds = 5;
/** Node gives memory back when it needs some: what 200 clients leave behind may lie about for a while. */
const memorySlack = 1.2;

await bench();
