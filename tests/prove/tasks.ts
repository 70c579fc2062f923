import { readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { makeCaller, type Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { readSteps, readTask, taskInStatus } from '../support/ended-task.ts';
import { readBalance, readLedger } from '../support/ledger.ts';
import { assignTask, makeAgent } from '../support/make-agent.ts';
import { startOwnFunction, type OwnFunction } from '../support/own-proxy.ts';
import { readReady } from '../support/ready.ts';
import { sayScript, toolScript } from '../support/task-answers.ts';
import { playScripts, readJournal } from '../support/upstream-client.ts';
import { runProof, showChecks, type Check } from './run-proof.ts';

/*
 * Executors die at every point that they have names for, a hundred times and more, while several of them compete for
 * tasks: no step is done or billed twice, every task ends, and no two ever hold one. A used up budget stops a task with
 * that reason, and stopping one stops its call at the provider, whether or not its executor lives.
 */

const leastKills = 100;
const tasksAtOnce = 10;
const executors = 3;
const settings = {
  HOLD_LEASE_SECONDS: '3',
  AGENTS_LEASE_SECONDS: '2',
  AGENTS_FAIL_AT: [
    'claimed,step-begun,call-sent,call-streaming,call-answered,call-settled,step-finished,tool-done,step-finished',
    'call-sent,tool-done,step-begun,call-streaming,call-settled,handing-in,handed-in',
  ].join(','),
  ENCRYPTION_KEYS: JSON.stringify({ proof: randomBytes(32).toString('base64') }),
  ENCRYPTION_KEY_ID: 'proof',
};

/** An executor beside the stack's own. */
function startExecutor(changes: Record<string, string> = {}): Promise<OwnFunction> {
  const { url, publishableKey, secretKey, jobsSecret } = readReady();
  return startOwnFunction('agents', {
    ...settings,
    SUPABASE_URL: url,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: publishableKey }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: secretKey }),
    JOBS_SECRET: jobsSecret,
    ...changes,
  });
}

/** Takes up what is due, unless it has just died. */
async function poke({ url }: OwnFunction): Promise<void> {
  const headers = { 'x-jobs-secret': readReady().jobsSecret };
  await fetch(`${url}/agents/jobs/run-due-tasks`, { method: 'POST', headers }).catch(() => null);
}

/** Several of them, each started again as soon as it has died. */
function superviseExecutors(): { output: () => string; stop: () => Promise<void> } {
  const all: OwnFunction[] = [];
  let isStopped = false;
  const supervise = async (): Promise<void> => {
    while (!isStopped) {
      const executor = await startExecutor();
      all.push(executor);
      while (!executor.hasEnded() && !isStopped) {
        await poke(executor);
        await wait(150);
      }
      await executor.end('SIGKILL');
    }
  };
  const supervising = Promise.all(Array.from({ length: executors }, supervise));
  return {
    output: () => all.map(({ output }) => output()).join(''),
    stop: async () => {
      isStopped = true;
      await supervising;
    },
  };
}

const countKills = (output: string): number => {
  const stackLog = readFileSync(path.join(readReady().logsDir, 'agents.log'), 'utf8');
  return (output + stackLog).split('"action":"die"').length - 1;
};

/** Every lease that is given out is written down, with whether another one was still running. */
async function watchLeases(): Promise<void> {
  await operatorSql().unsafe(`
    create table private.proof_leases (task_id uuid not null, is_double boolean not null);
    create function private.on_proof_lease() returns trigger language plpgsql security definer set search_path = '' as $$
    begin
      insert into private.proof_leases values (new.id, old.lease_token is not null and old.lease_until > clock_timestamp());
      return new;
    end $$;
    create trigger proof_leases before update on public.tasks for each row
      when (new.lease_token is distinct from old.lease_token and new.lease_token is not null)
      execute function private.on_proof_lease();`);
}

const Leases = z.object({ given: z.int(), overlapping: z.int() });

async function readLeases(): Promise<z.infer<typeof Leases>> {
  const [row] = await operatorSql()`
    select count(*)::int as given, (count(*) filter (where is_double))::int as overlapping from private.proof_leases`;
  return Leases.parse(row);
}

type Story = { caller: Caller; taskId: string };

/** A task of five steps: two tools, of which one makes something, and a result. */
async function assignStory(upstreamUrl: string): Promise<Story> {
  const caller = await makeCaller('openai');
  const agentId = await makeAgent(caller);
  const helperId = await makeAgent(caller, { name: 'Helper' });
  // Its own task is to be made, not to be done.
  const paused = await caller.owner.db.from('agents').update({ is_active: false }).eq('id', helperId);
  if (paused.error) throw paused.error;
  await playScripts(
    upstreamUrl,
    caller.upstreamKey,
    toolScript('read_tasks', {}),
    toolScript('create_task', { title: 'Look it up', agent: 'Helper' }),
    sayScript(['Done: ', 'one ', 'line ', 'after ', 'the ', 'other.'], 20),
  );
  return { caller, taskId: await assignTask(caller, agentId) };
}

const expectedSteps = ['model:', 'tool:read_tasks', 'model:', 'tool:create_task', 'model:'].join(' ');

/** What is wrong with a task that went through all this; nothing, if all holds. */
async function judgeStory(
  upstreamUrl: string,
  { caller, taskId }: Story,
): Promise<Record<string, string | null>> {
  const [task, steps, ledger, journal, balance] = await Promise.all([
    readTask(taskId),
    readSteps(taskId),
    readLedger(caller.organizationId),
    readJournal(upstreamUrl, caller.upstreamKey),
    readBalance(caller.organizationId),
  ]);
  const done = steps.map(({ kind, tool }) => `${kind}:${tool ?? ''}`).join(' ');
  const isNumbered = steps.every(({ number, status }, index) => number === index + 1 && status === 'done');
  const [made] =
    await operatorSql()`select count(*)::int as count from public.tasks where parent_id = ${taskId}`;
  const costs = ledger.map(({ cost_usd }) => toUnits(cost_usd ?? '0')).reduce((sum, cost) => sum + cost, 0n);
  const inSteps = steps.map(({ cost_usd }) => toUnits(cost_usd)).reduce((sum, cost) => sum + cost, 0n);
  const isRefused = ledger.filter(({ status }) => status === 'refused').length;
  return {
    end: task.status === 'completed' ? null : `${task.status} ${task.failure_code ?? ''}`,
    steps: done === expectedSteps && isNumbered ? null : done,
    effects: z.object({ count: z.int() }).parse(made).count === 1 ? null : 'made twice or not at all',
    asked: journal.length === 3 ? null : `${journal.length} requests`,
    billed: ledger.length === 3 && isRefused === 0 ? null : `${ledger.length} calls`,
    costs:
      costs === toUnits(task.cost_usd) &&
      costs === inSteps &&
      costs > 0n &&
      balance.spent_usd === balance.ledger_usd
        ? null
        : `ledger ${costs}, task ${task.cost_usd}, steps ${inSteps}`,
  };
}

/** Tenths of a nanodollar. */
const toUnits = (usd: string): bigint => BigInt(Number(usd).toFixed(10).replace('.', ''));

async function proveKills(upstreamUrl: string): Promise<Check[]> {
  await watchLeases();
  const supervisor = superviseExecutors();
  const stories: Story[] = [];
  try {
    while (countKills(supervisor.output()) < leastKills) {
      const round = await Promise.all(Array.from({ length: tasksAtOnce }, () => assignStory(upstreamUrl)));
      stories.push(...round);
      await Promise.all(round.map(({ taskId }) => taskInStatus(taskId, undefined, 300_000)));
      console.log(
        `${stories.length} tasks have ended, ${countKills(supervisor.output())} executors have died.`,
      );
    }
  } finally {
    await supervisor.stop();
  }
  const judged = await Promise.all(stories.map((story) => judgeStory(upstreamUrl, story)));
  const holds = (claim: string, aspect: string): Check => {
    const wrong = judged.flatMap((each) => each[aspect] ?? []);
    const facts = `${judged.length - wrong.length} of ${judged.length}`;
    return { claim, isTrue: wrong.length === 0, facts: [facts, ...wrong].join('; ') };
  };
  const kills = countKills(supervisor.output());
  const leases = await readLeases();
  return [
    { claim: 'executors died', isTrue: kills >= leastKills, facts: `${kills} times` },
    holds('every task ended with its result', 'end'),
    holds('every step was done, once', 'steps'),
    holds('what a step made, it made once', 'effects'),
    holds('the provider was asked once for each', 'asked'),
    holds('the ledger has one call for each', 'billed'),
    holds('task, steps and ledger cost the same', 'costs'),
    {
      claim: 'no two executors held one task',
      isTrue: leases.overlapping === 0 && leases.given > kills,
      facts: `${leases.given} leases, ${leases.overlapping} overlapping`,
    },
  ];
}

/** A task that has survived all that its executors die of. */
async function assignUnharmed(caller: Caller, agentId: string): Promise<string> {
  const taskId = await assignTask(caller, null);
  await operatorSql()`update public.tasks set claims = 100, claims_before = 100 where id = ${taskId}`;
  const { error } = await caller.owner.db.rpc('reassign_task', { id: taskId, agent_id: agentId });
  if (error) throw error;
  return taskId;
}

async function proveBudget(upstreamUrl: string): Promise<Check[]> {
  const caller = await makeCaller('openai');
  // Of two calls the first one fits.
  const agentId = await makeAgent(caller, { name: 'Thrifty', budgetUsd: 0.006 });
  await playScripts(upstreamUrl, caller.upstreamKey, toolScript('read_tasks', {}, 8000));
  const task = await taskInStatus(await assignUnharmed(caller, agentId), undefined, 120_000);
  const none = await makeAgent(caller, { name: 'Penniless', budgetUsd: 0 });
  const other = await taskInStatus(await assignUnharmed(caller, none), undefined, 120_000);
  const ledger = (await readLedger(caller.organizationId)).filter(({ status }) => status === 'succeeded');
  const costs = ledger.reduce((sum, { cost_usd }) => sum + toUnits(cost_usd ?? '0'), 0n);
  return [
    {
      claim: 'it stops with that reason',
      isTrue: task.status === 'failed' && task.failure_code === 'budget_exceeded' && task.is_blocked,
      facts: `${task.status}: ${task.failure_message ?? ''}`,
    },
    {
      claim: 'with what it cost until then',
      isTrue: costs === toUnits(task.cost_usd) && ledger.length > 0,
      facts: `$${task.cost_usd}, ${ledger.length} calls`,
    },
    {
      claim: 'a budget of nothing allows nothing',
      isTrue: other.is_blocked && toUnits(other.cost_usd) === 0n,
      facts: `${other.status}: ${other.failure_message ?? ''}`,
    },
  ];
}

/** An executor that stands still for longer than its lease, and then goes on as if nothing had happened. */
async function proveStalling(upstreamUrl: string): Promise<Check[]> {
  const caller = await makeCaller('openai');
  const agentId = await makeAgent(caller);
  const words = Array.from({ length: 20 }, (_, index) => `word ${index} `);
  await playScripts(upstreamUrl, caller.upstreamKey, sayScript(words, 100));
  const sql = operatorSql();
  await sql`update public.agents set is_active = false where id = ${agentId}`;
  const taskId = await assignUnharmed(caller, agentId);
  const executor = await startExecutor({ AGENTS_FAIL_AT: '' });
  try {
    // Nobody else is called for it yet.
    await sql.begin(async (session) => {
      await session`alter table public.agents disable trigger agents_due`;
      await session`update public.agents set is_active = true where id = ${agentId}`;
      await session`alter table public.agents enable trigger agents_due`;
    });
    await poke(executor);
    await until(async () => (await readJournal(upstreamUrl, caller.upstreamKey)).length > 0);
    executor.signal('SIGSTOP');
    const task = await taskInStatus(taskId, undefined, 60_000);
    executor.signal('SIGCONT');
    await wait(1_500);
    const steps = await readSteps(taskId);
    const asked = (await readJournal(upstreamUrl, caller.upstreamKey)).length;
    return [
      { claim: 'another one finishes the task', isTrue: task.status === 'completed', facts: task.status },
      {
        claim: 'with the answer of the call under way',
        isTrue: asked === 1 && steps.length === 1 && task.result === words.join(''),
        facts: `${asked} request, ${steps.length} step`,
      },
      {
        claim: 'what the first one writes then is refused',
        isTrue: JSON.stringify(await readTask(taskId)) === JSON.stringify(task) && !executor.hasEnded(),
        facts: 'nothing has changed',
      },
    ];
  } finally {
    executor.signal('SIGCONT');
    await executor.end('SIGKILL');
  }
}

async function until(holds: () => Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds()) && Date.now() < deadline) await wait(20);
}

/** Stops a task whose call streams for half a minute; answers how long the provider went on, in milliseconds. */
async function stopStreaming(upstreamUrl: string, isOrphaned: boolean): Promise<Check[]> {
  const caller = await makeCaller('openai');
  const agentId = await makeAgent(caller);
  const words = Array.from({ length: 300 }, (_, index) => `word ${index} `);
  await playScripts(upstreamUrl, caller.upstreamKey, sayScript(words, 100));
  const taskId = isOrphaned ? await assignTask(caller, agentId) : await assignUnharmed(caller, agentId);
  await until(async () => (await readJournal(upstreamUrl, caller.upstreamKey)).length > 0);
  // Whoever made the call dies as soon as it was sent.
  await wait(300);
  const stoppedAt = performance.now();
  const { error } = await caller.owner.db.rpc('stop_task', { id: taskId });
  if (error) throw error;
  const isCut = async (): Promise<boolean> =>
    (await readJournal(upstreamUrl, caller.upstreamKey)).every(({ isAborted }) => isAborted);
  while (!(await isCut()) && performance.now() - stoppedAt < 20_000) await wait(10);
  const cutAfterMs = Math.round(performance.now() - stoppedAt);
  const settled = async () =>
    (await readLedger(caller.organizationId)).find(({ settled_at }) => settled_at !== null);
  while ((await settled()) === undefined && performance.now() - stoppedAt < 20_000) await wait(50);
  const call = await settled();
  let task = await readTask(taskId);
  while (toUnits(task.cost_usd) === 0n && performance.now() - stoppedAt < 40_000) {
    await wait(200);
    task = await readTask(taskId);
  }
  return [
    {
      claim: 'the call at the provider is cut off',
      isTrue: cutAfterMs < 2_000,
      facts: `after ${cutAfterMs} ms`,
    },
    { claim: 'the task is cancelled', isTrue: task.status === 'cancelled', facts: task.status },
    {
      claim: 'what it cost until then is counted',
      isTrue:
        call !== undefined &&
        toUnits(task.cost_usd) > 0n &&
        toUnits(task.cost_usd) === toUnits(call.cost_usd ?? '0'),
      facts: `$${task.cost_usd}, ${call?.error_code ?? call?.status ?? 'not settled'}`,
    },
  ];
}

await runProof({ ...settings }, async (upstreamUrl) => {
  const shown = [showChecks('executors that die', await proveKills(upstreamUrl))];
  shown.push(showChecks('an executor that stalls', await proveStalling(upstreamUrl)));
  shown.push(showChecks('a budget that runs out', await proveBudget(upstreamUrl)));
  shown.push(showChecks('stopping a task', await stopStreaming(upstreamUrl, false)));
  shown.push(showChecks('stopping a task whose executor has died', await stopStreaming(upstreamUrl, true)));
  return shown.every(Boolean);
});
