import { beforeAll, describe, expect, test } from 'vitest';
import { makeCaller, type Caller } from '../support/caller.ts';
import { onlySettledCall, readBalance, readLedger, settledLedger } from '../support/ledger.ts';
import { makeProject, mintProxyKey } from '../support/organization.ts';
import { encodeEvents, openaiCompletion, pieceEvents } from '../support/provider-answers.ts';
import { paths, postToProxy } from '../support/proxy-request.ts';
import { anthropicClient, openaiClient } from '../support/sdk.ts';
import {
  bytesStep,
  jsonScript,
  playScripts,
  readJournal,
  readUpstreamUrl,
} from '../support/upstream-client.ts';
import type { Script } from '../support/upstream.ts';

const models = { openai: 'gpt-4o-mini', anthropic: 'claude-haiku-4-5' } as const;
const usage = { prompt_tokens: 8, completion_tokens: 20, total_tokens: 28 };

let upstreamUrl: string;
beforeAll(() => {
  upstreamUrl = readUpstreamUrl();
});

type Frozen = { scope: 'organization' | 'project' | 'proxy_key'; id: string };

async function freeze({ organizationId, owner }: Caller, { scope, id }: Frozen): Promise<void> {
  const { error } = await owner.db
    .from('freezes')
    .insert({ organization_id: organizationId, scope, scope_id: id, reason: 'Spends too fast' });
  if (error) throw error;
}

async function thaw({ organizationId, owner }: Caller): Promise<void> {
  const { error } = await owner.db.from('freezes').delete().eq('organization_id', organizationId);
  if (error) throw error;
}

async function keyIdOf({ organizationId, owner }: Caller): Promise<string> {
  const { data, error } = await owner.db
    .from('proxy_keys')
    .select('id')
    .eq('organization_id', organizationId)
    .single();
  if (error) throw error;
  return data.id;
}

const askOpenai = (proxyKey: string) =>
  openaiClient(proxyKey).chat.completions.create({
    model: models.openai,
    messages: [{ role: 'user', content: 'Hello' }],
  });

test.each(['organization', 'project', 'proxy_key'] as const)(
  '[FRZ1] a frozen %s makes no calls, is told why, and makes them again when thawed',
  async (scope) => {
    const caller = await makeCaller('openai');
    await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(openaiCompletion(models.openai, usage)));
    await askOpenai(caller.proxyKey);
    const id = {
      organization: caller.organizationId,
      project: caller.projectId,
      proxy_key: await keyIdOf(caller),
    }[scope];
    await freeze(caller, { scope, id });
    await expect(askOpenai(caller.proxyKey)).rejects.toMatchObject({
      status: 403,
      code: 'frozen',
      message: expect.stringContaining('are frozen: Spends too fast'),
    });
    expect(await readJournal(upstreamUrl, caller.upstreamKey)).toHaveLength(1);
    const refused = (await readLedger(caller.organizationId)).filter(({ status }) => status === 'refused');
    expect(refused).toMatchObject([{ error_code: 'frozen', cost_usd: '0.0000000000' }]);
    await thaw(caller);
    await askOpenai(caller.proxyKey);
  },
);

test('[FRZ2] what is not frozen goes on', async () => {
  const caller = await makeCaller('openai');
  await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(openaiCompletion(models.openai, usage)));
  const other = await makeProject(caller.organizationId, caller.owner, 'Other');
  await freeze(caller, { scope: 'project', id: other });
  await askOpenai(caller.proxyKey);
  await expect(askOpenai(await mintProxyKey(other, caller.owner))).rejects.toMatchObject({ code: 'frozen' });
});

/** Events every few milliseconds, without an end. */
function endless(dialect: keyof typeof models): Script {
  const steps = pieceEvents(dialect, models[dialect], 300).flatMap((event) => [
    bytesStep(encodeEvents([event])),
    { waitMs: 20 },
  ]);
  return { headers: { 'content-type': 'text/event-stream' }, steps: [...steps, { waitMs: 20_000 }] };
}

describe.each(['openai', 'anthropic'] as const)('%s', (dialect) => {
  test("[FRZ3] a stream under way ends with the dialect's error, upstream cancelled", async () => {
    const caller = await makeCaller(dialect);
    await playScripts(upstreamUrl, caller.upstreamKey, endless(dialect));
    const ask = {
      model: models[dialect],
      max_tokens: 900,
      messages: [{ role: 'user' as const, content: 'Go.' }],
    };
    let began = (): void => {};
    const beginning = new Promise<void>((resolve) => {
      began = resolve;
    });
    const listen = {
      openai: () =>
        openaiClient(caller.proxyKey).chat.completions.stream(ask).on('chunk', began).finalContent(),
      anthropic: () =>
        anthropicClient(caller.proxyKey).messages.stream(ask).on('streamEvent', began).finalText(),
    }[dialect];
    const listening = listen().catch((error: unknown) => error);
    await beginning;
    await freeze(caller, { scope: 'project', id: caller.projectId });
    const expected = {
      openai: { code: 'frozen' },
      anthropic: { error: { error: { type: 'permission_error' } } },
    }[dialect];
    expect(await listening).toMatchObject(expected);
    const row = await onlySettledCall(caller.organizationId);
    expect(row).toMatchObject({ status: 'failed', error_code: 'frozen', usage_source: 'estimated' });
    // Not by the next renewal of its lease, which is twenty seconds away.
    const { data } = await caller.owner.db.from('freezes').select('frozen_at').single();
    expect(Number(row.settled_at) - Date.parse(data?.frozen_at ?? '')).toBeLessThan(5_000);
    const aborted = async () => (await readJournal(upstreamUrl, caller.upstreamKey))[0]?.isAborted;
    await expect.poll(aborted).toBe(true);
    expect(Number((await readBalance(caller.organizationId)).held_usd)).toBe(0);
  });
});

test('[FRZ4] a plain call under way is answered at once, with what the reason is', async () => {
  const caller = await makeCaller('openai');
  const answer = { ...jsonScript(openaiCompletion(models.openai, usage)), delayMs: 20_000 };
  await playScripts(upstreamUrl, caller.upstreamKey, answer);
  const body = JSON.stringify({ model: models.openai, messages: [{ role: 'user', content: 'Hello' }] });
  const asking = postToProxy(caller.proxyKey, paths.openai, body);
  await expect.poll(() => readJournal(upstreamUrl, caller.upstreamKey)).toHaveLength(1);
  await freeze(caller, { scope: 'organization', id: caller.organizationId });
  const response = await asking;
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({ error: { code: 'frozen' } });
  const [row] = await settledLedger(caller.organizationId);
  expect(row).toMatchObject({ status: 'failed', http_status: 403, error_code: 'frozen' });
});
