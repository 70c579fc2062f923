import { makePricedModel } from './priced-model.ts';
import { makeOrganization, makeProject, mintProxyKey, type Organization } from '../support/organization.ts';
import { addPastCall } from '../support/add-past-call.ts';
import { operatorSql } from '../support/database.ts';
import { makeReportingLogin } from '../support/reporting-login.ts';
import { describeCall, describeSettlement } from './ledger-call.ts';
import { openProxyLedger } from './proxy-ledger.ts';
import type { Session } from './act-as.ts';
import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import { makeNote } from '../support/board-shapes.ts';

export type FullOrganization = Organization & {
  proxyKey: string;
  proxyKeyId: string;
  publicKeyId: string;
  credentialId: string;
  budgetId: string;
  budgetRequestId: string;
  billingKeyId: string;
  alertChannelId: string;
  alertDeliveryId: string;
  statementId: string;
  reportingLoginId: string;
  savedReportId: string;
  invitationId: string;
  invitationToken: string;
  agentId: string;
  taskId: string;
  boardId: string;
  boardSnapshotId: string;
  model: string;
  settledCallId: string;
  openCallId: string;
  /** Takes away what stands outside of the organization. */
  remove: () => Promise<void>;
};

/** An organization with something in every table. What a job moves on within seconds is added by `addPassingRows`. */
export async function makeFullOrganization(): Promise<FullOrganization> {
  const organization = await makeOrganization();
  const { organizationId, projectId, admin, member } = organization;
  const { model, remove } = await makePricedModel();
  const proxyKey = await mintProxyKey(projectId, admin);
  const credentialId = randomUUID();
  const stored = await admin.db.rpc('store_provider_credential', {
    id: credentialId,
    organization_id: organizationId,
    provider: 'openai',
    name: 'OpenAI',
    ciphertext: 'v1:none:AAAA:AAAA',
    last_four: 'abcd',
  });
  if (stored.error) throw stored.error;
  const invited = await admin.db
    .rpc('create_invitation', {
      organization_id: organizationId,
      email: `invited-${randomUUID()}@example.com`,
      role: 'member',
    })
    .single();
  if (invited.error) throw invited.error;
  const budgeted = await admin.db
    .from('budgets')
    // So small that the first call passes a percentage that it warns at.
    .insert({
      organization_id: organizationId,
      scope: 'project',
      scope_id: projectId,
      period: 'month',
      limit_usd: 0.2,
      mode: 'soft',
    })
    .select('id')
    .single();
  if (budgeted.error) throw budgeted.error;
  const budgetId = budgeted.data.id;
  const asked = await member.db.rpc('request_budget_increase', {
    budget_id: budgetId,
    limit_usd: 5,
    reason: 'More to do',
  });
  if (asked.error) throw asked.error;
  const frozen = await admin.db.from('freezes').insert({
    organization_id: organizationId,
    scope: 'project',
    scope_id: await makeProject(organizationId, admin, 'Frozen'),
    reason: 'Looks odd',
  });
  if (frozen.error) throw frozen.error;
  const aliased = await admin.db
    .from('model_aliases')
    .insert({ organization_id: organizationId, name: 'smart', targets: ['openai/gpt-4o'] });
  if (aliased.error) throw aliased.error;
  await operatorSql()`
    insert into public.credential_health (credential_id, organization_id, failures_in_a_row)
    values (${credentialId}, ${organizationId}, 1)`;
  const alertChannelId = randomUUID();
  const channel = await admin.db.rpc('store_alert_channel', {
    id: alertChannelId,
    organization_id: organizationId,
    type: 'slack',
    name: 'Chat',
    kinds: ['budget_threshold'],
    url_host: 'chat.example.com',
    ciphertext: 'v1:none:AAAA:AAAA',
  });
  if (channel.error) throw channel.error;
  const billingKeyId = await makeBilled(organization);
  const month = new Date(new Date().setUTCDate(0)).toISOString().slice(0, 8);
  await addPastCall(organization, { at: new Date(`${month}10T12:00:00Z`), costUsd: '0.1' });
  const closed = await admin.db.rpc('close_month', { organization_id: organizationId, month: `${month}01` });
  if (closed.error) throw closed.error;
  const login = await makeReportingLogin(organizationId, admin);
  const report = { organization_id: organizationId, name: 'Report', query: 'select 1' };
  const saved = await admin.db.from('saved_reports').insert(report).select('id').single().throwOnError();
  await organization.owner.db
    .rpc('mail_report', { saved_report_id: saved.data.id, every: 'month' })
    .throwOnError();
  const calls = await makeCalls(proxyKey, model);
  await makeRepriced(organization, model);
  await operatorSql()`insert into public.call_bodies (call_id, organization_id, project_id, logging, request)
    values (${calls.settledCallId}, ${organizationId}, ${projectId}, 'full', '{}')`;
  await addCached(calls.settledCallId, organization);
  // The budget has warned: at once rather than when the schedule sees it.
  await operatorSql()`select private.detect_alerts(clock_timestamp())`;
  const [delivery] = await operatorSql()`
    select id from public.alert_deliveries where channel_id = ${alertChannelId}`;
  await addArchive(organizationId);
  const worked = await makeWorked(organization);
  const drawn = await makeDrawn(organization);
  const [key] = await operatorSql()`
    select id, public_id from public.proxy_keys where organization_id = ${organizationId}`;
  const proxyKeyId = String(key?.['id']);
  await operatorSql()`
    insert into private.output_estimates (proxy_key_id, model, output_tokens) values (${proxyKeyId}, ${model}, 100)`;
  return {
    ...organization,
    ...calls,
    ...worked,
    ...drawn,
    proxyKey,
    proxyKeyId,
    publicKeyId: String(key?.['public_id']),
    credentialId,
    budgetId,
    budgetRequestId: asked.data,
    billingKeyId,
    alertChannelId,
    alertDeliveryId: String(delivery?.['id']),
    statementId: closed.data,
    reportingLoginId: login.id,
    savedReportId: saved.data.id,
    invitationId: invited.data.id,
    invitationToken: invited.data.token,
    model,
    remove: async () => {
      // Logins take connections of a number that is limited.
      await operatorSql()`delete from private.reporting_roles where organization_id = ${organizationId}`;
      await remove();
    },
  };
}

/** A board with a note, of which one was removed, and a version of it. */
async function makeDrawn({ organizationId, member }: Organization) {
  const board = await member.db.rpc('create_board', { organization_id: organizationId, name: 'Board' });
  if (board.error) throw board.error;
  const boardId = board.data;
  const note = makeNote('shape:note', { parentId: 'page:vision', x: 0, y: 0 }, 'Note');
  const sql = operatorSql();
  const changes = [
    { id: note.id, op: ['put', note], state: note },
    { id: 'page:ideas', op: ['remove'], state: null },
  ];
  const push = { user_id: member.userId, client_id: boardId, client_clock: 1, schema_version: 0, changes };
  await sql`select public.board_push(${boardId}, ${sql.json([asJson(push)])})`;
  await sql`select public.begin_board_image(${boardId}, ${member.userId}, 'png', 1)`;
  const version = await member.db.rpc('save_board_snapshot', { board_id: boardId, name: 'Version' });
  if (version.error) throw version.error;
  return { boardId, boardSnapshotId: version.data };
}

/** Guarantee: it was written for this. */
function asJson(value: object): postgres.JSONValue {
  return value as postgres.JSONValue;
}

/** A task with a step, of an agent that is paused so that nobody goes on with it; and somebody in the office. */
async function makeWorked({ organizationId, projectId, admin, member }: Organization) {
  const made = await admin.db.rpc('create_agent', {
    project_id: projectId,
    name: 'Ada',
    model: 'gpt-4o',
    budget_usd: 1,
  });
  if (made.error) throw made.error;
  const agentId = made.data;
  await admin.db.from('agents').update({ is_active: false }).eq('id', agentId).throwOnError();
  const assigned = await member.db.rpc('assign_task', {
    organization_id: organizationId,
    title: 'Task',
    agent_id: agentId,
  });
  if (assigned.error) throw assigned.error;
  const callId = randomUUID();
  const sql = operatorSql();
  await sql`
    insert into public.task_steps (organization_id, task_id, agent_id, number, kind, call_id)
    values (${organizationId}, ${assigned.data}, ${agentId}, 1, 'model', ${callId})`;
  await sql`
    insert into private.internal_calls (call_id, organization_id, task_id, created_at)
    values (${callId}, ${organizationId}, ${assigned.data}, now())`;
  await member.db.rpc('save_office_place', { organization_id: organizationId, x: 1, y: 1 }).throwOnError();
  return { agentId, taskId: assigned.data };
}

/** A provider that pushes its events, one of them, and a balance. */
async function makeBilled({ organizationId, admin }: Organization): Promise<string> {
  const id = randomUUID();
  const stored = await admin.db.rpc('store_billing_key', {
    id,
    organization_id: organizationId,
    provider: 'openai',
    kind: 'events',
    ciphertext: 'v1:none:AAAA:AAAA',
    last_four: 'abcd',
  });
  if (stored.error) throw stored.error;
  const sql = operatorSql();
  const charge = { day: '2026-01-01', kind: 'cost', line_item: 'gpt-4o, input', cost_usd: '1.5' };
  await sql`select public.record_provider_event(${id}, 'event', ${sql.json([charge])})`;
  await sql`insert into public.provider_balances values (${organizationId}, 'moonshot', now(), 40)`;
  return id;
}

/** A discount, by which what was called so far is priced again. */
async function makeRepriced({ organizationId, admin }: Organization, model: string): Promise<void> {
  const price = { organization_id: organizationId, provider: 'openai', model, discount_percent: 10 };
  await admin.db
    .from('organization_prices')
    .insert({ ...price, valid_from: '2026-01-01' })
    .throwOnError();
  const hourMs = 3_600_000;
  await admin.db
    .rpc('reprice_usage', {
      organization_id: organizationId,
      from_at: new Date(Date.now() - hourMs).toISOString(),
      to_at: new Date(Date.now() + hourMs).toISOString(),
    })
    .throwOnError();
  await operatorSql()`select private.fold_usage()`;
}

/** One call that is settled and in the rollups, and one that stays open for an hour. */
async function makeCalls(proxyKey: string, model: string) {
  const ledger = openProxyLedger(1);
  try {
    const settled = describeCall(proxyKey, model);
    const open = describeCall(proxyKey, model, { lease_seconds: 3600 });
    const [reservation] = await ledger.reserve(settled, open);
    if (reservation?.ok !== true) throw new Error(`Not reserved: ${JSON.stringify(reservation)}`);
    await ledger.settle(
      describeSettlement(
        { id: settled.id, created_at: reservation.created_at },
        { input_tokens: 1000, output_tokens: 50 },
      ),
    );
    await operatorSql()`select private.fold_usage()`;
    return { settledCallId: settled.id, openCallId: open.id };
  } finally {
    await ledger.close();
  }
}

/** A month that is archived and brought back. */
async function addCached(callId: string, { organizationId, projectId }: Organization): Promise<void> {
  await operatorSql()`
    insert into private.cached_answers (project_id, digest, proxy_key_id, call_id, content_type, body, created_at, expires_at)
    select ${projectId}, ${'0'.repeat(64)}, k.id, ${callId}, 'application/json', '{}', now(), now() + interval '1 day'
    from public.proxy_keys k where k.project_id = ${projectId} limit 1`;
  await operatorSql()`insert into private.cache_sizes values (${projectId}, 2) on conflict do nothing`;
  await operatorSql()`
    insert into public.cache_savings values (${organizationId}, date_bin('15 minutes', now(), '2000-01-01Z'), 1, 0.01)`;
}

async function addArchive(organizationId: string): Promise<void> {
  const sql = operatorSql();
  await sql`insert into private.archive_tasks values (${organizationId}, '2020-01-01', 1, null, now())`;
  await sql`
    insert into public.usage_archives (organization_id, month, part, path, calls, cost_usd, first_call_at, last_call_at,
      last_call_id, bytes, sha256)
    values (${organizationId}, '2020-01-01', 1, ${`${organizationId}/2020-01/0001-1.ndjson.gz`}, 1, 0, '2020-01-01',
      '2020-01-02', gen_random_uuid(), 1, ${'0'.repeat(64)})`;
  await sql`
    insert into public.usage_restores (organization_id, month, parts, parts_done, restored_until)
    values (${organizationId}, '2020-01-01', 1, 1, now() + interval '1 day')`;
}

/** Rows that would not stay: deltas are folded within seconds, mails sent, remembered names forgotten with every price list. */
export async function addPassingRows(
  session: Session,
  { settledCallId, model, organizationId, owner }: FullOrganization,
) {
  await session`select private.notify(${organizationId}, ${owner.userId}, 'task_failed', 'a task')`;
  await session`select private.write_deltas(array[u], 1) from public.ai_usage u where u.id = ${settledCallId}`;
  await session`insert into private.stale_objects values ('board-images', 'stale') on conflict do nothing`;
  await session`insert into private.model_names values ('openai', ${model}, ${model}) on conflict do nothing`;
}
