import { createClient, type RealtimeChannel } from '@supabase/supabase-js';
import { decodeJwt, SignJWT } from 'jose';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { runCommand } from '../../scripts/run-command.ts';
import { operatorSql } from '../support/database.ts';
import {
  addMember,
  makeOrganization,
  onlyOrganizationId,
  type Organization,
} from '../support/organization.ts';
import { signUpPerson, type Person } from '../support/person.ts';
import { readReady } from '../support/ready.ts';
import { openRealtimeSocket } from '../support/realtime-socket.ts';
import { runProof, showChecks, type Check } from './run-proof.ts';

/*
 * The unmodified client, and frames without one, against the embedded server: every rule of the protocol. Then the
 * product on top of it: who is no member, any more or at all, hears nothing, who stays goes on hearing, and no
 * organization hears another.
 */

const organizations = 5;
const messages = 20;

/** A tab of its own: what arrived there, and what joining was answered. */
type Listener = {
  who: string;
  heard: unknown[];
  answer: string;
  channel: RealtimeChannel;
  close: () => Promise<unknown>;
};

/** As this person, or as nobody. */
async function listen(person: Person | undefined, topic: string, who: string): Promise<Listener> {
  const { url, publishableKey } = readReady();
  const accessToken = person && (async () => person.accessToken);
  const db = createClient(
    url,
    publishableKey,
    accessToken ? { accessToken } : { auth: { persistSession: false } },
  );
  await db.realtime.setAuth();
  const heard: unknown[] = [];
  const channel = db.channel(topic, { config: { private: true } });
  channel.on('presence', { event: 'sync' }, () => {});
  channel.on('broadcast', { event: '*' }, ({ event, payload }) => heard.push({ event, ...payload }));
  const answer = await new Promise<string>((resolve) =>
    channel.subscribe((status, error) =>
      resolve(error === undefined ? status : `${status}: ${error.message}`),
    ),
  );
  return { who, heard, answer, channel, close: () => db.removeAllChannels() };
}

async function topicOf(organizationId: string, stream: 'costs' | 'office' | 'people'): Promise<string> {
  const [row] = await operatorSql()`select private.organization_topic(${organizationId}, ${stream}) as topic`;
  return z.string().parse(row?.['topic']);
}

async function send(organizationId: string, stream: 'costs' | 'office', payload: object): Promise<void> {
  await operatorSql()`
    select private.send_to_organization(${organizationId}, ${stream}, 'proof', ${JSON.stringify(payload)}::text::jsonb)`;
}

/** The product tells things of its own on the same topics. */
const proofsOf = ({ heard }: Listener) =>
  heard.flatMap((message) => {
    const proof = Proof.safeParse(message);
    return proof.success ? [proof.data] : [];
  });

const Proof = z.object({
  event: z.literal('proof'),
  n: z.int(),
  organizationId: z.string().optional(),
  stream: z.string().optional(),
});

/** Everything, whatever it was. */
const heardBy = (listeners: Listener[]): number =>
  listeners.reduce((sum, { heard }) => sum + heard.length, 0);

/** Waits for what has to come. What must not come gets as long, and no less than what did come. */
async function settle(isComplete: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isComplete() && Date.now() < deadline) await wait(20);
  await wait(300);
}

const wasRefused = ({ answer }: Listener): boolean => answer.startsWith('CHANNEL_ERROR: Unauthorized');
const namesOf = (listeners: Listener[]): string => listeners.map(({ who }) => who).join(', ') || 'nobody';

async function proveConformance(): Promise<Check[]> {
  const directory = mkdtempSync(path.join(tmpdir(), 'prove-realtime-'));
  const run = async (project: string, files: string, claim: string): Promise<Check> => {
    const report = path.join(directory, `${project}.json`);
    const args = ['run', '--project', project, '--reporter=json', `--outputFile=${report}`, files];
    const { code } = await runCommand('vitest', args);
    const { numTotalTests, numPassedTests, testResults } = Report.parse(
      JSON.parse(readFileSync(report, 'utf8')),
    );
    const red = testResults.flatMap(({ assertionResults }) =>
      assertionResults.filter(({ status }) => status !== 'passed').map(({ title }) => title),
    );
    return {
      claim,
      isTrue: code === 0 && numTotalTests > 0 && numPassedTests === numTotalTests,
      facts: `${numPassedTests} of ${numTotalTests}${red.length > 0 ? `; not: ${red.join('; ')}` : ''}`,
    };
  };
  try {
    return [
      await run('unit', 'local/realtime', 'captured frames and counters'),
      await run('local', 'tests/local/realtime', 'rules of the protocol'),
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const Report = z.object({
  numTotalTests: z.int(),
  numPassedTests: z.int(),
  testResults: z.array(
    z.object({ assertionResults: z.array(z.object({ status: z.string(), title: z.string() })) }),
  ),
});

/** Who may hear what, before anyone leaves. */
async function proveMembership(team: Organization): Promise<Check[]> {
  const topics = await Promise.all([
    topicOf(team.organizationId, 'costs'),
    topicOf(team.organizationId, 'office'),
  ]);
  const own = (person: Person) => `user:${person.userId}`;
  const insiders: Listener[] = [];
  const others: Listener[] = [];
  for (const topic of topics) {
    for (const role of ['owner', 'admin', 'member'] as const)
      insiders.push(await listen(team[role], topic, `${role} on ${topic.split(':')[2]}`));
    others.push(await listen(team.outsider, topic, 'a stranger'));
    others.push(await listen(undefined, topic, 'nobody in particular'));
  }
  insiders.push(await listen(team.member, own(team.member), 'a person on their own topic'));
  others.push(await listen(team.admin, own(team.member), 'an admin on another’s topic'));
  const passedBy = [
    `org:${team.organizationId}:costs:999`,
    `org:${team.organizationId}:audit:0`,
    'org:x:costs:0',
  ];
  for (const topic of passedBy) others.push(await listen(team.owner, topic, topic));
  const broken = insiders.filter(({ answer }) => answer !== 'SUBSCRIBED');
  const let_ = others.filter((listener) => !wasRefused(listener));
  const speaking = [await proveSpeaking(team, topics[0]), await proveSpeaking(team, topics[1])];
  await closeAll([...insiders, ...others]);
  return [
    {
      claim: 'members are let in',
      isTrue: broken.length === 0,
      facts: `${insiders.length} channels, not ${namesOf(broken)}`,
    },
    {
      claim: 'nobody else is',
      isTrue: let_.length === 0,
      facts: `${others.length} refused, let in ${namesOf(let_)}`,
    },
    ...speaking,
    await provePresence(team),
    ...(await proveExpired(team)),
  ];
}

/** What is sent to the organization, the database alone sends. */
async function proveSpeaking(team: Organization, topic: string): Promise<Check> {
  const hearer = await listen(team.owner, topic, 'owner');
  const { url, publishableKey } = readReady();
  const socket = await openRealtimeSocket(url, publishableKey);
  const access_token = team.member.accessToken;
  const config = { private: true, broadcast: { ack: true } };
  await socket.join(`realtime:${topic}`, { config, access_token });
  socket.send([
    '1',
    '2',
    `realtime:${topic}`,
    'broadcast',
    { type: 'broadcast', event: 'proof', payload: {} },
  ]);
  const answer = JSON.stringify(await socket.next());
  await wait(300);
  socket.ws.close();
  await closeAll([hearer]);
  const isTrue = answer.includes('unauthorized') && hearer.heard.length === 0;
  const claim = `members cannot make up what is told on ${topic.split(':')[2]}`;
  return { claim, isTrue, facts: `${hearer.heard.length} heard` };
}

/** A session that ran out gets nowhere, though its person is a member; while a channel is open, it ends it. */
async function proveExpired({ organizationId, member }: Organization): Promise<Check[]> {
  const { url, publishableKey } = readReady();
  const topic = await topicOf(organizationId, 'costs');
  const seconds = Math.floor(Date.now() / 1000);
  const join = async (access_token: string) => {
    const socket = await openRealtimeSocket(url, publishableKey);
    const answer = await socket.join(`realtime:${topic}`, { config: { private: true }, access_token });
    return { socket, answer: JSON.stringify(answer) };
  };
  const over = await join(await withExpiry(member, seconds - 60));
  const [head, , signature] = member.accessToken.split('.');
  const [, longer] = (await withExpiry(member, seconds + 1e6)).split('.');
  const altered = await join([head, longer, signature].join('.'));
  const short = await join(await withExpiry(member, seconds + 2));
  await wait(2_500);
  const ended = JSON.stringify(await short.socket.heard());
  await send(organizationId, 'costs', {});
  await wait(300);
  const afterwards = await short.socket.heard();
  for (const { socket } of [over, altered, short]) socket.ws.close();
  return [
    {
      claim: 'an expired session is refused',
      isTrue: over.answer.includes('Token has expired'),
      facts: over.answer,
    },
    {
      claim: 'so is one that was prolonged',
      isTrue: altered.answer.includes('JwtSignatureError'),
      facts: altered.answer,
    },
    {
      claim: 'one that expires ends its channel',
      isTrue: short.answer.includes('"ok"') && ended.includes('phx_close') && afterwards.length === 0,
      facts: `${afterwards.length} heard afterwards`,
    },
  ];
}

/** The person's own token, as Auth would have made it for this long. */
async function withExpiry({ accessToken }: Person, expiresAt: number): Promise<string> {
  const file = path.join(path.dirname(readReady().logsDir), 'secrets.json');
  const { jwtSecret } = z.object({ jwtSecret: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8')));
  return new SignJWT(decodeJwt(accessToken))
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setExpirationTime(expiresAt)
    .sign(new TextEncoder().encode(jwtSecret));
}

/** Members show themselves to each other, and see who is there. */
async function provePresence({ organizationId, owner, member }: Organization): Promise<Check> {
  const topic = await topicOf(organizationId, 'people');
  const two = [await listen(owner, topic, 'owner'), await listen(member, topic, 'member')];
  const shownAt = performance.now();
  for (const { channel, who } of two) await channel.track({ who });
  const seen = () => two.map(({ channel }) => Object.keys(channel.presenceState()).length);
  const isSeen = () => seen().every((count) => count === two.length);
  while (!isSeen() && performance.now() - shownAt < 10_000) await wait(5);
  const tookMs = Math.round(performance.now() - shownAt);
  await closeAll(two);
  return {
    claim: 'members see each other within a second',
    isTrue: tookMs < 1_000,
    facts: `${tookMs} ms`,
  };
}

/** A member is removed while everyone listens. */
async function proveRemoval(team: Organization): Promise<Check[]> {
  const { organizationId, owner, admin, member } = team;
  const before = await topicOf(organizationId, 'costs');
  const officeBefore = await topicOf(organizationId, 'office');
  const staying = [await listen(owner, before, 'owner'), await listen(admin, before, 'admin')];
  const told = await listen(admin, `user:${admin.userId}`, 'admin');
  const gone = [
    await listen(member, before, 'member on costs'),
    await listen(member, officeBefore, 'member in the office'),
  ];
  await send(organizationId, 'costs', { n: 1 });
  await settle(() => [...staying, ...gone.slice(0, 1)].every((listener) => proofsOf(listener).length === 1));
  const heardTogether = [...staying, ...gone.slice(0, 1)].every(
    (listener) => proofsOf(listener).length === 1,
  );

  const heardBefore = heardBy(gone);
  const removal = await owner.db.rpc('remove_member', {
    organization_id: organizationId,
    user_id: member.userId,
  });
  if (removal.error) throw removal.error;
  await settle(() => told.heard.length > 0);
  const isTold = told.heard.some((message) => JSON.stringify(message).includes('topics_moved'));
  const after = await topicOf(organizationId, 'costs');
  const moved = [await listen(owner, after, 'owner'), await listen(admin, after, 'admin')];
  for (const stream of ['costs', 'office'] as const)
    for (let n = 2; n < 2 + messages; n++) await send(organizationId, stream, { n });
  await settle(() => moved.every((listener) => proofsOf(listener).length === messages));

  const again = [
    await listen(member, before, 'on the old topic'),
    await listen(member, after, 'on the new one'),
    await listen(member, await topicOf(organizationId, 'office'), 'in the office'),
  ];
  const let_ = again.filter((listener) => !wasRefused(listener));
  const overheard = heardBy(gone) - heardBefore;
  await closeAll([...staying, ...gone, ...moved, ...again, told]);
  return [
    { claim: 'before, all hear', isTrue: heardTogether, facts: before },
    { claim: 'the topics move on', isTrue: after !== before, facts: after },
    { claim: 'who stays is told where to', isTrue: isTold, facts: `${told.heard.length} told` },
    {
      claim: 'who stays hears everything there',
      isTrue: moved.every((listener) => proofsOf(listener).length === messages),
      facts: moved.map((listener) => `${proofsOf(listener).length} of ${messages}`).join(', '),
    },
    {
      claim: 'the open channels of who left hear nothing',
      isTrue: overheard === 0,
      facts: `${overheard} heard`,
    },
    {
      claim: 'and are not let in again',
      isTrue: let_.length === 0,
      facts: `${again.length} refused, let in ${namesOf(let_)}`,
    },
  ];
}

/** Every organization sends its own on every stream, all at once. */
async function proveSeparation(): Promise<Check[]> {
  const teams = await Promise.all(
    Array.from({ length: organizations }, async (_, index) => {
      const owner = await signUpPerson('owner', { organization_name: `Organization ${index}` });
      const organizationId = await onlyOrganizationId(owner);
      await operatorSql()`update public.organizations set plan = 'enterprise' where id = ${organizationId}`;
      return { organizationId, people: [owner, await addMember(organizationId, owner)] };
    }),
  );
  const listeners: (Listener & { organizationId: string })[] = [];
  for (const { organizationId, people } of teams)
    for (const stream of ['costs', 'office'] as const)
      for (const person of people)
        listeners.push({
          ...(await listen(person, await topicOf(organizationId, stream), stream)),
          organizationId,
        });
  await Promise.all(
    teams.flatMap(({ organizationId }) =>
      (['costs', 'office'] as const).map(async (stream) => {
        for (let n = 0; n < messages; n++) await send(organizationId, stream, { organizationId, stream, n });
      }),
    ),
  );
  await settle(() => listeners.every((listener) => proofsOf(listener).length >= messages));
  const wrong = listeners.filter((listener) =>
    proofsOf(listener).some(
      ({ organizationId, stream }) => organizationId !== listener.organizationId || stream !== listener.who,
    ),
  );
  const incomplete = listeners.filter((listener) => proofsOf(listener).length !== messages);
  const unordered = listeners.filter((listener) => proofsOf(listener).some(({ n }, index) => n !== index));
  await closeAll(listeners);
  const expected = listeners.length * messages;
  return [
    {
      claim: 'nobody hears another organization',
      isTrue: wrong.length === 0,
      facts: `${listeners.length} channels of ${organizations}`,
    },
    {
      claim: 'everyone hears all of their own',
      isTrue: incomplete.length === 0,
      facts: `${expected} messages`,
    },
    {
      claim: 'in the order of the commits',
      isTrue: unordered.length === 0,
      facts: `${unordered.length} out of order`,
    },
  ];
}

async function closeAll(listeners: Listener[]): Promise<void> {
  await Promise.all(listeners.map(({ close }) => close()));
}

await runProof({}, async () => {
  const team = await makeOrganization();
  const shown = [
    showChecks('the protocol', await proveConformance()),
    showChecks('who hears', await proveMembership(team)),
    showChecks('a member is removed', await proveRemoval(team)),
    showChecks('organizations apart', await proveSeparation()),
  ];
  return shown.every(Boolean);
});
