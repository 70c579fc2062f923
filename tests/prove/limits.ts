import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { addBudget } from '../support/add-budget.ts';
import { makeCaller, type Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { onlySettledCall, readBalance, settledLedger } from '../support/ledger.ts';
import { encodeEvents, openaiChunks, openaiCompletion } from '../support/provider-answers.ts';
import { setRateLimit } from '../support/set-rate-limit.ts';
import { paths, postToProxy } from '../support/proxy-request.ts';
import { readReady } from '../support/ready.ts';
import { bytesStep, jsonScript, playScripts, readJournal } from '../support/upstream-client.ts';
import { runProof, showChecks, type Check } from './run-proof.ts';

/*
 * A budget that fits exactly 10 of 100 calls at once, through three proxy processes, admits 10, time after time, and so
 * do limits of requests and tokens a minute and of calls at once; calls that outgrow their holds exceed a budget by at
 * most one step each.
 */

const rounds = 10;
const model = 'gpt-4o';
const maxTokens = 400;
/** A hold grows by half, and by at least so many tokens: what a call may be ahead of it. */
const stepTokens = 500;
const outputUsd = 10 / 1e6;

const bodyOf = (members: object): string =>
  JSON.stringify({ model, messages: [{ role: 'user', content: 'How much is there left?' }], ...members });

/** Each process gets a third of them, past the origin that would spread them itself. */
function sendTogether(caller: Caller, count: number, members: object): Promise<Response[]> {
  const ports = readReady().functionPorts['proxy'] ?? [];
  if (ports.length !== 3) throw new Error(`Three proxy processes were expected: ${ports.join(', ')}`);
  const send = (index: number) =>
    postToProxy(caller.proxyKey, paths.openai, bodyOf(members), {
      proxyUrl: `http://127.0.0.1:${ports[index % 3]}/proxy`,
    });
  return Promise.all(Array.from({ length: count }, (_, index) => send(index)));
}

const limitProject = (caller: Caller, limitUsd: string): Promise<string> =>
  addBudget(caller, {
    scope: 'project',
    scope_id: caller.projectId,
    period: 'day',
    limit_usd: Number(limitUsd),
  });

const Counters = z.object({ limit: z.coerce.number(), spent: z.coerce.number(), held: z.coerce.number() });

async function readCounters(budgetId: string): Promise<z.infer<typeof Counters>> {
  const [row] = await operatorSql()`
    select limit_usd as limit, spent_usd as spent, held_usd as held from public.budgets where id = ${budgetId}`;
  return Counters.parse(row);
}

/** A caller whose calls cost exactly what is held for them, and use as many tokens, which a first call tells. */
async function makeExactCaller(
  upstreamUrl: string,
): Promise<{ caller: Caller; costUsd: string; tokens: number }> {
  const caller = await makeCaller('openai');
  const answer = (prompt: number, completion: number) =>
    jsonScript(
      openaiCompletion(model, {
        prompt_tokens: prompt,
        completion_tokens: completion,
        total_tokens: prompt + completion,
      }),
    );
  await playScripts(upstreamUrl, caller.upstreamKey, answer(1, 1));
  const response = await postToProxy(caller.proxyKey, paths.openai, bodyOf({ max_tokens: maxTokens }));
  if (!response.ok) throw new Error(await response.text());
  const first = await onlySettledCall(caller.organizationId);
  const [row] = await operatorSql()`
    select held_input_tokens::int as input from public.ai_usage where id = ${first.id}`;
  const inputTokens = z.int().parse(row?.['input']);
  await playScripts(upstreamUrl, caller.upstreamKey, {
    ...answer(inputTokens, maxTokens),
    delayMs: 2_000,
  });
  return { caller, costUsd: first.held_usd, tokens: inputTokens + maxTokens };
}

async function proveExactness(upstreamUrl: string): Promise<Check[]> {
  const admitted: number[] = [];
  let overshootUsd = 0;
  let heldUsd = 0;
  let reached = 0;
  for (let round = 0; round < rounds; round++) {
    const { caller, costUsd } = await makeExactCaller(upstreamUrl);
    // In tenths of a nanodollar, as the ledger counts.
    const units = BigInt(costUsd.replace('.', ''));
    const spent = (await readBalance(caller.organizationId)).spent_usd;
    const limit = units * 10n + BigInt(spent.replace('.', ''));
    const text = limit.toString().padStart(11, '0');
    const budget = await limitProject(caller, `${text.slice(0, -10)}.${text.slice(-10)}`);
    const answers = await sendTogether(caller, 100, { max_tokens: maxTokens });
    admitted.push(answers.filter(({ status }) => status === 200).length);
    await Promise.all(answers.map((answer) => answer.text()));
    await settledLedger(caller.organizationId);
    const after = await readCounters(budget);
    overshootUsd = Math.max(overshootUsd, after.spent - after.limit);
    heldUsd = Math.max(heldUsd, after.held, Number((await readBalance(caller.organizationId)).held_usd));
    // One call was made before the budget.
    reached += (await readJournal(upstreamUrl, caller.upstreamKey)).length - 1;
  }
  return [
    {
      claim: '10 of 100 are admitted, each time',
      isTrue: admitted.every((n) => n === 10),
      facts: admitted.join(', '),
    },
    {
      claim: 'as many reached the provider',
      isTrue: reached === rounds * 10,
      facts: `${reached} in ${rounds} rounds`,
    },
    {
      claim: 'the budget is never exceeded',
      isTrue: overshootUsd <= 0,
      facts: `$${Math.max(overshootUsd, 0)} at most`,
    },
    { claim: 'nothing is held afterwards', isTrue: heldUsd === 0, facts: `$${heldUsd} at most` },
  ];
}

/** The same for each kind of rate limit; calls that are open at once do not end before all were decided. */
async function proveRates(upstreamUrl: string): Promise<Check[]> {
  const kinds = {
    'requests a minute': () => ({ requests_per_minute: 10 }),
    'tokens a minute': (tokens: number) => ({ tokens_per_minute: 10 * tokens }),
    'calls at once': () => ({ max_open_calls: 10 }),
  };
  const checks: Check[] = [];
  for (const [kind, limitOf] of Object.entries(kinds)) {
    const admitted: number[] = [];
    const left: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const { caller, tokens } = await makeExactCaller(upstreamUrl);
      const scope = { scope: 'project', scope_id: caller.projectId };
      await setRateLimit(caller, { ...scope, ...limitOf(tokens) });
      const answers = await sendTogether(caller, 100, { max_tokens: maxTokens });
      admitted.push(answers.filter(({ status }) => status === 200).length);
      await Promise.all(answers.map((answer) => answer.text()));
      await settledLedger(caller.organizationId);
      const [row] = await operatorSql()`
        select open_calls from public.rate_limits where scope_id = ${caller.projectId}`;
      left.push(z.int().parse(row?.['open_calls']));
    }
    checks.push(
      {
        claim: `${kind}: 10 of 100, each time`,
        isTrue: admitted.every((n) => n === 10),
        facts: admitted.join(', '),
      },
      {
        claim: `${kind}: none counts as open later`,
        isTrue: left.every((n) => n === 0),
        facts: left.join(', '),
      },
    );
  }
  return checks;
}

/** Streams that go on and on, in a budget that has room for a few first holds and little more. */
async function proveOutgrowing(upstreamUrl: string): Promise<Check[]> {
  const caller = await makeCaller('openai');
  const words = Array.from({ length: 3000 }, (_, index) => ({ content: `${index} and on it goes, ` }));
  const steps = openaiChunks(model, words).flatMap((event) => [
    bytesStep(encodeEvents([event])),
    { waitMs: 2 },
  ]);
  await playScripts(upstreamUrl, caller.upstreamKey, {
    headers: { 'content-type': 'text/event-stream' },
    steps,
  });
  const budget = await limitProject(caller, '0.06');
  const answers = await sendTogether(caller, 30, { stream: true, max_tokens: 100_000 });
  const texts = await Promise.all(answers.map((answer) => answer.text().catch(() => '')));
  const begun = answers.filter(({ status }) => status === 200).length;
  const rows = await settledLedger(caller.organizationId, 60_000);
  await wait(200);
  const { limit, spent, held } = await readCounters(budget);
  const overshoot = Math.max(spent - limit, 0);
  const bound = begun * stepTokens * outputUsd;
  const cut = texts.filter(
    (text, index) => answers[index]?.status === 200 && text.includes('project_spend_limit_exceeded'),
  ).length;
  return [
    {
      claim: 'some begin, and are cut off',
      isTrue: begun > 0 && cut === begun,
      facts: `${begun} begun, ${cut} cut`,
    },
    {
      claim: 'they exceed it by a step each at most',
      isTrue: overshoot <= bound,
      facts: `$${overshoot.toFixed(4)} of $${bound.toFixed(4)}`,
    },
    {
      claim: 'the counter is the ledger',
      isTrue: Math.abs(rows.reduce((sum, { cost_usd }) => sum + Number(cost_usd), 0) - spent) < 1e-9,
      facts: `$${spent}`,
    },
    { claim: 'nothing is held afterwards', isTrue: held === 0, facts: `$${held}` },
  ];
}

await runProof({ STACK_PROXY_PROCESSES: '3' }, async (upstreamUrl) => {
  const shown = [
    showChecks('budgets, where holds equal costs', await proveExactness(upstreamUrl)),
    showChecks('rate limits', await proveRates(upstreamUrl)),
    showChecks('calls that outgrow their holds', await proveOutgrowing(upstreamUrl)),
  ];
  return shown.every(Boolean);
});
