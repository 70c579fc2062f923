import { beforeAll, expect, test } from 'vitest';
import { makeCaller, type Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { onlySettledCall, settledLedger } from '../support/ledger.ts';
import { addMember } from '../support/organization.ts';
import {
  doneEvent,
  encodeEvents,
  openaiChunks,
  openaiCompletion,
  openaiUsageChunk,
} from '../support/provider-answers.ts';
import { openaiClient } from '../support/sdk.ts';
import { jsonScript, playScripts, readUpstreamUrl, streamScript } from '../support/upstream-client.ts';

const model = 'gpt-4o-mini';
const usage = { prompt_tokens: 8, completion_tokens: 20, total_tokens: 28 };

let upstreamUrl: string;
beforeAll(() => {
  upstreamUrl = readUpstreamUrl();
});

async function logBodies({ owner, projectId }: Caller, body_logging: string): Promise<void> {
  const { error } = await owner.db.from('projects').update({ body_logging }).eq('id', projectId);
  if (error) throw error;
}

async function ask({ proxyKey, upstreamKey }: Caller, content: string, answer = 'Hello'): Promise<void> {
  const script = jsonScript(openaiCompletion(model, usage, { content: answer }));
  await playScripts(upstreamUrl, upstreamKey, script);
  await openaiClient(proxyKey).chat.completions.create({ model, messages: [{ role: 'user', content }] });
}

const readBodies = async ({ owner, organizationId }: Pick<Caller, 'owner' | 'organizationId'>) => {
  const { data, error } = await owner.db
    .from('call_bodies')
    .select('call_id, logging, request, response, request_bytes, response_bytes')
    .eq('organization_id', organizationId);
  if (error) throw error;
  return data;
};

/** They are written after the answer. */
async function onlyBodies(caller: Caller) {
  await expect.poll(() => readBodies(caller)).toHaveLength(1);
  const [bodies] = await readBodies(caller);
  if (bodies === undefined) throw new Error('None were kept.');
  return bodies;
}

const secret =
  'Mail ann@example.com, call +49 30 901820, pay with 4111 1111 1111 1111, key sk-abcdefgh12345678.';
const redacted = 'Mail [email], call [phone], pay with [card], key [key].';

test('[BOD1] nothing is kept unless a project says so, and nothing from the moment it says so no more', async () => {
  const caller = await makeCaller('openai');
  await ask(caller, secret);
  await logBodies(caller, 'full');
  await ask(caller, 'Now');
  const { call_id } = await onlyBodies(caller);
  await logBodies(caller, 'none');
  await ask(caller, secret);
  const calls = await settledLedger(caller.organizationId);
  await operatorSql()`select pg_sleep(0.5)`;
  expect(await readBodies(caller)).toHaveLength(1);
  expect(calls.map(({ id }) => id).indexOf(call_id)).toBe(1);
});

test('[BOD2] redacted, neither a plain request nor its answer has anything personal in the database', async () => {
  const caller = await makeCaller('openai');
  await logBodies(caller, 'redacted');
  await ask(caller, secret, secret);
  const bodies = await onlyBodies(caller);
  expect(bodies.logging).toBe('redacted');
  expect(JSON.parse(bodies.request ?? '')).toMatchObject({ model, messages: [{ content: redacted }] });
  expect(JSON.parse(bodies.response ?? '')).toMatchObject({ choices: [{ message: { content: redacted } }] });
  const [found] = await operatorSql()`select count(*)::int as count from public.call_bodies b
    where organization_id = ${caller.organizationId} and to_jsonb(b)::text ~ 'ann@|901820|4111|sk-abc'`;
  expect(found?.['count']).toBe(0);
});

test('[BOD3] what a stream says in pieces is redacted as a whole', async () => {
  const caller = await makeCaller('openai');
  await logBodies(caller, 'redacted');
  const pieces = ['Write to an', 'n@exam', 'ple.com or +49 3', '0 901820 now'];
  const events = [
    ...openaiChunks(
      model,
      pieces.map((content) => ({ content })),
    ),
    openaiUsageChunk(model, usage),
    doneEvent,
  ];
  await playScripts(upstreamUrl, caller.upstreamKey, streamScript(encodeEvents(events)));
  const stream = await openaiClient(caller.proxyKey).chat.completions.create({
    model,
    stream: true,
    messages: [{ role: 'user', content: 'Hello' }],
  });
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  expect(text).toBe(pieces.join(''));
  expect((await onlyBodies(caller)).response).toBe('Write to [email] or [phone] now');
});

test('[BOD4] in full they are what was sent, up to 64 Ki characters, and their whole size is told', async () => {
  const caller = await makeCaller('openai');
  await logBodies(caller, 'full');
  await ask(caller, 'x'.repeat(100_000), secret);
  const bodies = await onlyBodies(caller);
  expect(bodies.request).toHaveLength(65_536);
  expect(bodies.request_bytes).toBeGreaterThan(100_000);
  expect(bodies.response).toContain(secret);
  expect(bodies.call_id).toBe((await onlySettledCall(caller.organizationId)).id);
});

test('[BOD5] what is too long to be redacted as a whole is not kept, but its size', async () => {
  const caller = await makeCaller('openai');
  await logBodies(caller, 'redacted');
  await ask(caller, `${'x'.repeat(300_000)} ${secret}`);
  expect(await onlyBodies(caller)).toMatchObject({ request: null, response: expect.any(String) });
});

test('[BOD6] members see none, admins do; the change is in the audit log', async () => {
  const caller = await makeCaller('openai');
  await logBodies(caller, 'full');
  await ask(caller, 'Hello');
  await onlyBodies(caller);
  const member = await addMember(caller.organizationId, caller.owner);
  expect(await readBodies({ ...caller, owner: member })).toEqual([]);
  const admin = await addMember(caller.organizationId, caller.owner, 'admin');
  expect(await readBodies({ ...caller, owner: admin })).toHaveLength(1);
  const tried = await member.db
    .from('projects')
    .update({ body_logging: 'none' })
    .eq('id', caller.projectId)
    .select();
  expect(tried.data ?? []).toEqual([]);
  const { data } = await caller.owner.db
    .from('audit_log')
    .select('actor_id, before, after')
    .eq('subject_id', caller.projectId)
    .eq('action', 'project.changed')
    .single();
  expect(data).toMatchObject({
    actor_id: caller.owner.userId,
    before: { body_logging: 'none' },
    after: { body_logging: 'full' },
  });
});

test('[BOD7] they are deleted when the days of their project are over', async () => {
  const caller = await makeCaller('openai');
  await logBodies(caller, 'full');
  await ask(caller, 'Hello');
  const { call_id } = await onlyBodies(caller);
  const sql = operatorSql();
  await sql`update public.call_bodies set created_at = now() - interval '10 days' where call_id = ${call_id}`;
  await sql`select private.purge_call_bodies()`;
  expect(await readBodies(caller)).toHaveLength(1);
  await caller.owner.db.from('projects').update({ body_days: 9 }).eq('id', caller.projectId);
  await sql`select private.purge_call_bodies()`;
  expect(await readBodies(caller)).toEqual([]);
  // What was said is gone, what it cost stays.
  expect(await onlySettledCall(caller.organizationId)).toMatchObject({ id: call_id, status: 'succeeded' });
});
