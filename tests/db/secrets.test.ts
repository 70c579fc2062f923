import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { makeCaller, type Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { settledLedger } from '../support/ledger.ts';
import { askOnce } from '../support/organization.ts';
import { anonymousDb } from '../support/person.ts';
import {
  doneEvent,
  encodeEvents,
  openaiChunks,
  openaiCompletion,
  openaiUsageChunk,
} from '../support/provider-answers.ts';
import { storeProviderKey } from '../support/provider-key.ts';
import { postToProxy } from '../support/proxy-request.ts';
import { readReady } from '../support/ready.ts';
import { connectReporting, makeReportingLogin, tellOf } from '../support/reporting-login.ts';
import {
  bytesStep,
  jsonScript,
  playScripts,
  readJournal,
  readUpstreamUrl,
  streamScript,
} from '../support/upstream-client.ts';
import { accessMatrix } from './access-matrix.ts';
import { findInDatabase, findInLogs, findInText, type Secrets } from './find-plaintext.ts';

const model = 'gpt-4o-mini';
const usage = { prompt_tokens: 21, completion_tokens: 7, total_tokens: 28 };

let caller: Caller;
let secrets: Secrets;
/** Everything that was answered after the secrets had been made. */
const answers: string[] = [];

beforeAll(async () => {
  caller = await makeCaller('openai');
  const password = caller.owner.password;
  const invitations = await invite();
  secrets = {
    'a proxy key': caller.proxyKey,
    'the secret part of a proxy key': caller.proxyKey.split('_')[2] ?? '',
    'a provider key': caller.upstreamKey,
    'a password': password,
    ...invitations,
  };
  await callInManyWays();
  secrets['a provider key after rotation'] = await rotate();
  secrets['the password of a SQL login'] = await useReportingLogin();
  await readEverything();
  await settledLedger(caller.organizationId);
  await operatorSql()`select private.fold_usage()`;
  // Log lines leave their process a moment after the answer.
  await wait(500);
});

/** One that stays open, one that is accepted by signing up, one that misses its address while signing up. */
async function invite(): Promise<Secrets> {
  const tokenFor = async (email: string): Promise<string> => {
    const { data } = await caller.owner.db.functions.invoke('tenancy/invitations', {
      body: { organizationId: caller.organizationId, email, role: 'member' },
    });
    return String(data.data.link).split('/').at(-1) ?? '';
  };
  const signUp = async (email: string, token: string) => {
    const options = { data: { invitation_token: token } };
    const { error } = await anonymousDb().auth.signUp({ email, password: randomUUID(), options });
    if (error) throw error;
  };
  const [open, accepted, missed] = await Promise.all(
    ['open', 'accepted', 'missed'].map((name) => tokenFor(`${name}-${caller.owner.userId}@example.com`)),
  );
  await signUp(`accepted-${caller.owner.userId}@example.com`, accepted ?? '');
  await signUp(`another-${caller.owner.userId}@example.com`, missed ?? '');
  answers.push(JSON.stringify(await anonymousDb().rpc('show_invitation', { token: open ?? '' })));
  return {
    'an open invitation’s token': open ?? '',
    'an accepted invitation’s token': accepted ?? '',
    'the token that someone else signed up with': missed ?? '',
  };
}

/** Well and badly, plain and streamed; once the provider's answer itself repeats the key. */
async function callInManyWays(): Promise<void> {
  const { organizationId, proxyKey, upstreamKey } = caller;
  await askOnce(organizationId);
  const stream = [...openaiChunks(model, [{ content: 'Hi' }]), openaiUsageChunk(model, usage), doneEvent];
  const scold = { error: { message: `Incorrect API key provided: ${upstreamKey}`, code: 'invalid_api_key' } };
  const scripts = [
    jsonScript(openaiCompletion(model, usage)),
    streamScript(encodeEvents(stream)),
    jsonScript({ error: { message: 'Overloaded' } }, 503),
    jsonScript(scold, 401),
    { steps: [bytesStep('{"cut'), { disconnect: true as const }] },
  ];
  await playScripts(readUpstreamUrl(), upstreamKey, ...scripts);
  for (const [index] of scripts.entries()) {
    const body = JSON.stringify({ model, stream: index === 1, messages: [{ role: 'user', content: 'Hi' }] });
    const response = await postToProxy(proxyKey, '/v1/chat/completions', body);
    answers.push(JSON.stringify([...response.headers]), await response.text().catch(String));
  }
  for (const [key, body] of [
    [`${proxyKey}0`, '{}'],
    [proxyKey, '{"model": 5'],
    [proxyKey, '{"model": "gpt-unknown", "messages": []}'],
  ] as const) {
    answers.push(await (await postToProxy(key, '/v1/chat/completions', body)).text());
  }
  const models = await fetch(`${readReady().proxyUrl}/v1/models`, { headers: { 'x-api-key': proxyKey } });
  answers.push(await models.text());
}

/** Replaces the provider key, tests the new one, and answers it. */
async function rotate(): Promise<string> {
  const { owner, organizationId } = caller;
  const apiKey = `sk-${randomUUID()}`;
  const { data } = await owner.db
    .from('provider_credentials')
    .select('id')
    .eq('organization_id', organizationId)
    .single();
  const path = `gateway/credentials/${data?.id}`;
  const rotated = await owner.db.functions.invoke(`${path}/rotate`, { body: { apiKey } });
  const tested = await owner.db.functions.invoke(`${path}/test`, { body: {} });
  expect(tested.data).toMatchObject({ success: true, data: { ok: true } });
  answers.push(JSON.stringify(rotated.data), JSON.stringify(tested.data));
  return apiKey;
}

/** Makes a SQL login, connects with it, and answers its password. */
async function useReportingLogin(): Promise<string> {
  const login = await makeReportingLogin(caller.organizationId, caller.owner);
  const sql = connectReporting(login);
  answers.push(await tellOf(sql, 'select * from usage'), await tellOf(sql, 'select * from pg_roles'));
  await sql.end({ timeout: 1 });
  return login.password;
}

/** All that the owner, who may see most, can read over the Data API. */
async function readEverything(): Promise<void> {
  const { url, publishableKey } = readReady();
  for (const relation of Object.keys(accessMatrix).filter((name) => name.startsWith('public.'))) {
    const response = await fetch(`${url}/rest/v1/${relation.replace('public.', '')}?select=*`, {
      headers: { apikey: publishableKey, authorization: `Bearer ${caller.owner.accessToken}` },
    });
    answers.push(await response.text());
  }
}

test('[SEC1] the secrets are real, and were in use', async () => {
  for (const [name, secret] of Object.entries(secrets))
    expect.soft(secret.length, name).toBeGreaterThanOrEqual(36);
  const journal = await readJournal(readUpstreamUrl(), caller.upstreamKey);
  expect(journal.filter(({ method }) => method === 'POST')).toHaveLength(5);
  expect(journal[0]?.headers['authorization']).toBe(`Bearer ${caller.upstreamKey}`);
  const statuses = (await settledLedger(caller.organizationId)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set(['succeeded', 'failed', 'refused']));
});

test('[SEC2] no row of any table of any schema has one of them in plain text', async () => {
  const { searched, finds } = await findInDatabase(secrets);
  const samples = ['auth.users', 'auth.identities', 'auth.sessions', 'vault.secrets', 'net._http_response'];
  const others = [
    'cron.job_run_details',
    'extensions.pg_stat_statements',
    'supabase_migrations.schema_migrations',
  ];
  const ours = ['public.audit_log', 'private.call_facts', 'private.proxy_key_hashes', 'public.open_calls'];
  expect(searched).toEqual(expect.arrayContaining([...samples, ...others, ...ours]));
  expect(finds).toEqual([]);
});

test('[SEC3] no log has one of them', async () => {
  const { searched, finds } = await findInLogs(secrets);
  expect(searched).toEqual(
    expect.arrayContaining(['proxy.log', 'gateway.log', 'tenancy.log', 'postgres.log']),
  );
  expect(finds).toEqual([]);
});

test('[SEC4] no answer after creation has one of them', () => {
  expect(answers.length).toBeGreaterThan(30);
  expect(answers.flatMap((answer, index) => findInText(`answer ${index}`, answer, secrets))).toEqual([]);
});

test('[SEC5] the search does find what is there', async () => {
  const [row] = await operatorSql()`select name from public.projects where id = ${caller.projectId}`;
  const word = `needle-${randomUUID()}`;
  await operatorSql()`update public.projects set name = ${word} where id = ${caller.projectId}`;
  const { finds } = await findInDatabase({ needle: word });
  await operatorSql()`update public.projects set name = ${String(row?.['name'])} where id = ${caller.projectId}`;
  expect(finds).toEqual(
    expect.arrayContaining([
      { where: 'public.projects', secret: 'needle' },
      { where: 'public.audit_log', secret: 'needle' },
    ]),
  );
  expect(findInText('text', Buffer.from(word).toString('base64'), { needle: word })).toHaveLength(1);
});

test('[SEC6] of a provider key its last four characters are kept, of a proxy key its public half', async () => {
  const { owner, organizationId, proxyKey } = caller;
  const credential = await owner.db
    .from('provider_credentials')
    .select('last_four')
    .eq('organization_id', organizationId)
    .single();
  expect(credential.data?.last_four).toBe(secrets['a provider key after rotation']?.slice(-4));
  const key = await owner.db
    .from('proxy_keys')
    .select('public_id')
    .eq('organization_id', organizationId)
    .single();
  expect(key.data?.public_id).toBe(proxyKey.split('_')[1]);
});

test('[SEC7] a sealed key opens for its own organization and credential only', async () => {
  const [mine, theirs] = [await makeCaller('openai'), await makeCaller('openai')];
  await swapSecrets(mine, theirs);
  for (const { proxyKey } of [mine, theirs]) {
    const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }] });
    const response = await postToProxy(proxyKey, '/v1/chat/completions', body);
    expect(response.status).toBeGreaterThanOrEqual(500);
  }
  for (const { upstreamKey } of [mine, theirs]) {
    const journal = await readJournal(readUpstreamUrl(), upstreamKey);
    expect(journal.filter(({ method }) => method === 'POST')).toEqual([]);
  }
  const { data } = await mine.owner.db.from('provider_credentials').select('id').single();
  const tested = await mine.owner.db.functions.invoke(`gateway/credentials/${data?.id}/test`, { body: {} });
  expect(tested.response?.status).toBe(500);
});

test('[SEC8] nor does it open for another credential of the same organization', async () => {
  const { owner, organizationId, proxyKey, upstreamKey } = await makeCaller('openai');
  const second = await storeProviderKey(organizationId, owner, 'openai');
  const rows = await operatorSql()`
    select credential_id, ciphertext from private.provider_credential_secrets
    join public.provider_credentials on id = credential_id where organization_id = ${organizationId}`;
  for (const [index, row] of rows.entries()) {
    await operatorSql()`update private.provider_credential_secrets set ciphertext = ${rows[1 - index]?.['ciphertext']}
      where credential_id = ${row['credential_id']}`;
  }
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }] });
  const response = await postToProxy(proxyKey, '/v1/chat/completions', body);
  expect(response.status).toBeGreaterThanOrEqual(500);
  for (const key of [upstreamKey, second]) {
    const journal = await readJournal(readUpstreamUrl(), key);
    expect(journal.filter(({ method }) => method === 'POST')).toEqual([]);
  }
});

async function swapSecrets(one: Caller, other: Caller): Promise<void> {
  await operatorSql()`
    with sealed as (
      select c.organization_id, s.* from private.provider_credential_secrets s
      join public.provider_credentials c on c.id = s.credential_id
      where c.organization_id in (${one.organizationId}, ${other.organizationId})
    )
    update private.provider_credential_secrets s set ciphertext = theirs.ciphertext
    from sealed mine join sealed theirs on theirs.organization_id <> mine.organization_id
    where s.credential_id = mine.credential_id`;
}
