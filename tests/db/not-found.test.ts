import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operatorSql } from '../support/database.ts';
import { mintProxyKey, makeProject, onlyOrganizationId } from '../support/organization.ts';
import { readReady } from '../support/ready.ts';
import { accessMatrix, type Access } from './access-matrix.ts';
import { makeFullOrganization, type FullOrganization } from './full-organization.ts';
import { aDay, type Ids, rpcQuestions } from './rpc-questions.ts';

let organization: FullOrganization;
/** What another tenant has, what nobody has, and what the caller has: the outsider's own. */
let foreign: Ids;
let missing: Ids;
let own: Ids;

beforeAll(async () => {
  organization = await makeFullOrganization();
  const { outsider, owner } = organization;
  foreign = { ...organization, userId: owner.userId, slug: await readSlug(organization.organizationId) };
  missing = inventIds();
  const organizationId = await onlyOrganizationId(outsider);
  const projectId = await makeProject(organizationId, outsider);
  await mintProxyKey(projectId, outsider);
  own = { ...inventIds(), organizationId, projectId, slug: await readSlug(organizationId) };
});
afterAll(() => organization.remove());

test('[HID1] every RPC that users may call is asked below', async () => {
  const rows = await operatorSql()`
    select proname from pg_proc where pronamespace = 'public'::regnamespace
      and has_function_privilege('authenticated', oid, 'execute')`;
  expect(rows.map(({ proname }) => String(proname)).toSorted()).toEqual(Object.keys(rpcQuestions).toSorted());
});

describe('[HID2] an RPC answers about what is another tenant’s as about what is not there:', () => {
  test.each(Object.entries(rpcQuestions))('%s', async (name, ask) => {
    for (const argumentsWith of ask) {
      const aboutForeign = await callRpc(
        name,
        argumentsWith(foreign, own),
        organization.outsider.accessToken,
      );
      const aboutMissing = await callRpc(
        name,
        argumentsWith(missing, own),
        organization.outsider.accessToken,
      );
      expect(aboutForeign).toEqual(aboutMissing);
      expect([200, 404]).toContain(aboutForeign.status);
      expect(aboutForeign.body).not.toContain(foreign.organizationId);
    }
  });
});

describe('[HID3] nobody who is not signed in gets an answer:', () => {
  test.each(Object.entries(rpcQuestions))('%s', async (name, ask) => {
    for (const argumentsWith of ask) {
      const aboutForeign = await callRpc(name, argumentsWith(foreign, own));
      expect(aboutForeign).toEqual(await callRpc(name, argumentsWith(missing, own)));
      expect(aboutForeign.status).toBe(401);
    }
  });
});

const reachable = Object.entries(accessMatrix).filter(
  ([relation]) => relation.startsWith('public.') && relation !== 'public.open_calls',
);

describe('[HID4] the Data API answers a stranger alike for rows of others and rows that are not there:', () => {
  const owned = reachable.filter(([, { owner }]) => owner !== null);
  test.each(owned)('%s', async (relation, access) => {
    const path = relation.replace('public.', '');
    const change = access.update ? { [access.update.columns[0] ?? '']: 'x' } : ownedBy(access, own);
    const name = access.insert ? { name: 'x' } : {};
    for (const method of ['GET', 'POST', 'PATCH', 'DELETE']) {
      for (const accessToken of [organization.outsider.accessToken, undefined]) {
        const about = (ids: Ids) => {
          if (method === 'POST')
            return callDataApi(method, path, { ...ownedBy(access, ids), ...name }, accessToken);
          const [[column, id] = []] = Object.entries(ownedBy(access, ids));
          const body = method === 'PATCH' ? change : undefined;
          return callDataApi(method, `${path}?${column}=eq.${id}`, body, accessToken);
        };
        const aboutForeign = await about(foreign);
        expect(aboutForeign).toEqual(await about(missing));
        expect(isEmptyOrRefused(aboutForeign)).toBe(true);
      }
    }
    expect((await callDataApi('GET', `${path}?select=*`, undefined)).status).toBe(401);
  });
});

const isEmptyOrRefused = ({ status, body }: { status: number; body: string }): boolean =>
  status === 200 ? body === '[]' : status >= 400;

test('[HID5] the rows that strangers asked for are still there, and their members see them', async () => {
  for (const [relation, access] of reachable) {
    const { accessToken } = organization.owner;
    const [[column, id] = []] = Object.entries(ownedBy(access, foreign));
    const filter = column === undefined ? '' : `${column}=eq.${id}&`;
    const path = `${relation.replace('public.', '')}?${filter}limit=1`;
    const answer = await callDataApi('GET', path, undefined, accessToken);
    expect.soft(answer.status, relation).toBe(200);
    // Deltas are folded meanwhile; the view has their sums then.
    expect.soft(JSON.parse(answer.body), relation).toHaveLength(1);
  }
});

/** What only functions call, with the service's key. */
const serviceCalls: Record<string, (ids: Ids) => Record<string, unknown>> = {
  admit_api_call: ({ organizationId }) => ({ key_id: 'a', key_hash: 'b', team_id: organizationId }),
  claim_billing_key: ({ billingKeyId }) => ({ billing_key_id: billingKeyId }),
  finish_billing_read: ({ billingKeyId }) => ({ id: billingKeyId, lease_until: aMoment }),
  import_model_prices: () => ({ models: [], prices: [], source: 'test' }),
  read_event_secret: ({ billingKeyId }) => ({ id: billingKeyId }),
  open_in_app_reporting_role: ({ organizationId }) => ({
    organization_id: organizationId,
    key_id: 'x',
    verifier: 'x',
  }),
  read_provider_credential_secret: ({ credentialId }) => ({ id: credentialId }),
  reconcile_days: ({ organizationId }) => ({ organization_id: organizationId, provider: 'openai', ...aSpan }),
  claim_alert_deliveries: () => ({ batch: 1, lease_seconds: 1 }),
  read_alert_channel_secret: ({ alertChannelId }) => ({ id: alertChannelId }),
  record_alert_delivery: ({ alertDeliveryId }) => ({ id: alertDeliveryId, leased_until: aDay.from_at }),
  record_credential_test: ({ credentialId }) => ({ id: credentialId, error: 'x' }),
  record_provider_event: ({ billingKeyId }) => ({ billing_key_id: billingKeyId, event_id: 'x', lines: [] }),
  claim_archive: () => ({}),
  claim_notification_mails: () => ({ batch: 1, lease_seconds: 1 }),
  claim_report_mails: () => ({ batch: 1, lease_seconds: 1 }),
  claim_restore: () => ({}),
  fail_restore: ({ organizationId }) => ({ ...aMonth(organizationId), error: 'x' }),
  finish_archive: ({ organizationId }) => ({ ...aMonth(organizationId), attempt: 1 }),
  forget_stale_objects: () => ({ bucket_id: 'board-images', paths: [] }),
  list_stale_objects: () => ({ bucket_id: 'board-images' }),
  read_archive_part: ({ organizationId }) => ({ ...aMonth(organizationId), attempt: 1, most_calls: 1 }),
  record_notification_mail: () => ({ notification_id: 1, leased_until: aDay.from_at, is_sent: true }),
  record_report_mail: ({ userId, savedReportId }) => ({
    saved_report_id: savedReportId,
    user_id: userId,
    leased_until: aDay.from_at,
  }),
  record_archive_part: ({ organizationId }) => ({ ...aMonth(organizationId), ...aPart }),
  restore_archive_part: ({ organizationId }) => ({ ...aMonth(organizationId), part: 1, lines: '' }),
  run_gateway_job: () => ({ verb: 'fold-usage' }),
  store_provider_balance: ({ billingKeyId }) => ({
    billing_key_id: billingKeyId,
    lease_until: aMoment,
    available_usd: 1,
  }),
  store_provider_report: ({ billingKeyId }) => ({
    billing_key_id: billingKeyId,
    lease_until: aMoment,
    ...aSpan,
    lines: [],
  }),
  admit_board_image: ({ boardId, userId }) => ({ board_id: boardId, user_id: userId }),
  begin_board_image: ({ boardId, userId }) => ({ board_id: boardId, user_id: userId, type: 'png', bytes: 1 }),
  board_push: ({ boardId }) => ({ board_id: boardId, pushes: [] }),
  read_board_records: ({ boardId, userId }) => ({ board_id: boardId, user_id: userId, ids: null }),
  upgrade_board: ({ boardId, userId }) => ({
    board_id: boardId,
    user_id: userId,
    from_clock: 0,
    schema_version: 1,
    schema: {},
    records: [],
  }),
  begin_step: ({ taskId }) => ({ ...aLease(taskId), kind: 'model' }),
  claim_task: () => ({ lease_seconds: 1 }),
  count_ended_call: () => ({}),
  finish_step: ({ taskId }) => ({ ...aLease(taskId), step_number: 1, text: '', output: {} }),
  give_up_task: ({ taskId }) => ({ ...aLease(taskId), code: 'x', message: 'x' }),
  hand_in_task: ({ taskId }) => ({ ...aLease(taskId), result: 'x' }),
  hand_on_task: ({ taskId }) => ({ ...aLease(taskId), step_number: 1, title: 'x', description: '' }),
  read_for_agent: ({ organizationId }) => ({ organization_id: organizationId, what: 'tasks' }),
  read_step_call: ({ taskId }) => ({ ...aLease(taskId), step_number: 1 }),
  register_internal_key: ({ projectId }) => ({
    project_id: projectId,
    public_id: 'internal-x',
    key_hash: 'x',
  }),
  release_task: ({ taskId }) => aLease(taskId),
  renew_task: ({ taskId }) => ({ ...aLease(taskId), lease_seconds: 1 }),
  service_health: () => ({}),
  service_metrics: () => ({}),
};
const aLease = (taskId: string) => ({ task_id: taskId, lease_token: randomUUID() });
const aMoment = '2026-01-01T00:00:00Z';
const aSpan = { first_day: '2026-01-01', last_day: '2026-01-02' };
const aMonth = (organizationId: string) => ({ organization_id: organizationId, month: '2026-01-01' });
const aPart = {
  attempt: 1,
  part: 1,
  path: 'x',
  calls: 0,
  cost_usd: '0',
  first_call_at: '2026-01-01T00:00:00Z',
  last_call_at: '2026-01-01T00:00:00Z',
  last_call_id: randomUUID(),
  bytes: 0,
  sha256: '0'.repeat(64),
};

test('[HID8] what functions call for themselves is refused to every user, owners of the thing too', async () => {
  const rows = await operatorSql()`
    select proname from pg_proc where pronamespace = 'public'::regnamespace
      and not has_function_privilege('authenticated', oid, 'execute')`;
  expect(rows.map(({ proname }) => String(proname)).toSorted()).toEqual(Object.keys(serviceCalls).toSorted());
  for (const [name, argumentsWith] of Object.entries(serviceCalls)) {
    const { accessToken } = organization.owner;
    expect.soft((await callRpc(name, argumentsWith(foreign), accessToken)).status, name).toBe(403);
    expect.soft((await callRpc(name, argumentsWith(foreign))).status, name).toBe(401);
  }
});

test.each(['private', 'reporting', 'auth', 'vault', 'net', 'cron', 'extensions'])(
  '[HID6] the Data API does not serve schema %s',
  async (schema) => {
    const { url, secretKey } = readReady();
    for (const path of ['proxy_key_hashes', 'users', 'secrets', 'decrypted_secrets', 'job', 'rpc/refuse']) {
      const response = await fetch(`${url}/rest/v1/${path}`, {
        headers: { apikey: secretKey, 'accept-profile': schema, 'content-profile': schema },
      });
      expect.soft(response.status, path).toBeGreaterThanOrEqual(400);
    }
  },
);

/** Functions that act for a user, with somebody's ids. */
const requests: [string, (ids: Ids) => { path: string; body: unknown }][] = [
  [
    'storing a provider key',
    ({ organizationId }) => ({
      path: 'gateway/credentials',
      body: { organizationId, provider: 'openai', name: 'OpenAI', apiKey: 'sk-test-0123456789' },
    }),
  ],
  [
    'rotating a provider key',
    ({ credentialId }) => ({
      path: `gateway/credentials/${credentialId}/rotate`,
      body: { apiKey: 'sk-test-0123456789' },
    }),
  ],
  [
    'testing a provider key',
    ({ credentialId }) => ({ path: `gateway/credentials/${credentialId}/test`, body: {} }),
  ],
  [
    'adding an alert channel',
    ({ organizationId }) => ({
      path: 'gateway/alert-channels',
      body: { type: 'mail', organizationId, name: 'Mail', kinds: ['error_rate'], addresses: [] },
    }),
  ],
  [
    'testing an alert channel',
    ({ alertChannelId }) => ({ path: `gateway/alert-channels/${alertChannelId}/test`, body: {} }),
  ],
  [
    'inviting',
    ({ organizationId }) => ({
      path: 'tenancy/invitations',
      body: { organizationId, email: 'a@example.com', role: 'member' },
    }),
  ],
  [
    'running a report',
    ({ organizationId }) => ({
      path: 'reporting/run',
      body: { organizationId, runId: randomUUID(), query: 'select 1' },
    }),
  ],
  [
    'sending an invitation again',
    ({ invitationId }) => ({ path: `tenancy/invitations/${invitationId}/resend`, body: {} }),
  ],
];

test.each(requests)('[HID7] %s is refused alike', async (_, describeRequest) => {
  const ask = async (ids: Ids, accessToken?: string) => {
    const { path, body } = describeRequest(ids);
    return call('POST', `functions/v1/${path}`, body, accessToken);
  };
  const { accessToken } = organization.outsider;
  const aboutForeign = await ask(foreign, accessToken);
  expect(aboutForeign).toEqual(await ask(missing, accessToken));
  expect(aboutForeign.status).toBe(404);
  expect((await ask(foreign)).status).toBe(401);
});

const ownedBy = ({ owner }: Access, ids: Ids): Record<string, string> =>
  owner === null ? {} : { [owner.column]: owner.is === 'organization' ? ids.organizationId : ids.userId };

const callRpc = (name: string, body: unknown, accessToken?: string) =>
  call('POST', `rest/v1/rpc/${name}`, body, accessToken);

const callDataApi = (method: string, path: string, body: unknown, accessToken?: string) =>
  call(method, `rest/v1/${path}`, body, accessToken);

async function call(method: string, path: string, body: unknown, accessToken?: string) {
  const { url, publishableKey } = readReady();
  const response = await fetch(`${url}/${path}`, {
    method,
    headers: {
      apikey: publishableKey,
      'content-type': 'application/json',
      prefer: 'return=representation',
      ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.text() };
}

function inventIds(): Ids {
  return {
    organizationId: randomUUID(),
    slug: `slug-${randomUUID().slice(0, 8)}`,
    userId: randomUUID(),
    projectId: randomUUID(),
    proxyKeyId: randomUUID(),
    credentialId: randomUUID(),
    budgetId: randomUUID(),
    budgetRequestId: randomUUID(),
    billingKeyId: randomUUID(),
    alertChannelId: randomUUID(),
    alertDeliveryId: randomUUID(),
    statementId: randomUUID(),
    reportingLoginId: randomUUID(),
    savedReportId: randomUUID(),
    invitationId: randomUUID(),
    invitationToken: randomUUID().replaceAll('-', '').repeat(2),
    agentId: randomUUID(),
    taskId: randomUUID(),
    boardId: randomUUID(),
    boardSnapshotId: randomUUID(),
  };
}

async function readSlug(organizationId: string): Promise<string> {
  const [row] = await operatorSql()`select slug from public.organizations where id = ${organizationId}`;
  return String(row?.['slug']);
}
