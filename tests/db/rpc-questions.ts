import { randomUUID } from 'node:crypto';

/** What questions name. */
export type Ids = {
  organizationId: string;
  slug: string;
  userId: string;
  projectId: string;
  proxyKeyId: string;
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
  boardId: string;
  boardSnapshotId: string;
  agentId: string;
  taskId: string;
};

export const aDay = { from_at: '2026-01-01T00:00:00Z', to_at: '2100-01-01T00:00:00Z' };
const aSecret = { ciphertext: 'v1:none:AAAA:AAAA', last_four: 'abcd' };

/**
 * For each RPC that users may call what to ask of it with somebody's ids; several, where one kind of id hides behind
 * another. `own` is the caller's.
 */
export const rpcQuestions: Record<string, ((ids: Ids, own: Ids) => Record<string, unknown>)[]> = {
  accept_invitation: [({ invitationToken }) => ({ token: invitationToken })],
  administer_billing_key: [({ billingKeyId }) => ({ id: billingKeyId })],
  administer_reports: [({ organizationId }) => ({ organization_id: organizationId })],
  administer_provider_credential: [({ credentialId }) => ({ id: credentialId })],
  approve_task: [({ taskId }) => ({ id: taskId, result_hash: '0' })],
  assign_task: [
    ({ organizationId }) => ({ organization_id: organizationId, title: 'Task' }),
    ({ agentId }, own) => ({ organization_id: own.organizationId, agent_id: agentId, title: 'Task' }),
    ({ userId }, own) => ({ organization_id: own.organizationId, approver_id: userId, title: 'Task' }),
    ({ boardId }, own) => ({
      organization_id: own.organizationId,
      source: { kind: 'note', board_id: boardId, note_id: 'shape:note' },
      title: 'Task',
    }),
  ],
  begin_alert_channel_test: [({ alertChannelId }) => ({ id: alertChannelId })],
  board_pull: [({ boardId }) => ({ board_id: boardId, since: 0 })],
  break_down_usage: [
    ({ organizationId }) => ({ organization_id: organizationId, ...aDay, dimension: 'model' }),
  ],
  cancel_report: [({ organizationId }) => ({ organization_id: organizationId, run_id: randomUUID() })],
  change_member_role: [
    ({ organizationId, userId }) => ({ organization_id: organizationId, user_id: userId, role: 'admin' }),
    ({ userId }, own) => ({ organization_id: own.organizationId, user_id: userId, role: 'admin' }),
  ],
  create_agent: [({ projectId }) => ({ project_id: projectId, name: 'Ada', model: 'gpt-4o', budget_usd: 1 })],
  create_board: [({ organizationId }) => ({ organization_id: organizationId, name: 'Board' })],
  delete_board_snapshot: [({ boardSnapshotId }) => ({ id: boardSnapshotId })],
  export_board: [({ boardId }) => ({ board_id: boardId })],
  save_board_snapshot: [({ boardId }) => ({ board_id: boardId, name: 'Version' })],
  create_invitation: [
    ({ organizationId }) => ({ organization_id: organizationId, email: 'a@example.com', role: 'member' }),
  ],
  close_month: [({ organizationId }) => ({ organization_id: organizationId, month: '2026-01-01' })],
  // Names nothing that is there.
  create_organization: [],
  create_reporting_login: [({ organizationId }) => ({ organization_id: organizationId, name: 'Metabase' })],
  decide_budget_request: [({ budgetRequestId }) => ({ id: budgetRequestId, is_granted: true })],
  delete_organization: [({ organizationId, slug }) => ({ organization_id: organizationId, slug })],
  // Answers what the caller has, whoever asks.
  describe_teams: [],
  dry_run_budget: [
    ({ organizationId, projectId }) => ({
      organization_id: organizationId,
      scope: 'project',
      scope_id: projectId,
      period: 'day',
      limit_usd: 1,
    }),
  ],
  // The views themselves are no secret.
  describe_reporting_views: [],
  enable_sandbox: [({ organizationId }) => ({ organization_id: organizationId })],
  forget_cached_answers: [({ projectId }) => ({ project_id: projectId })],
  list_daily_costs: [
    ({ organizationId }) => ({
      organization_id: organizationId,
      from_day: '2026-01-01',
      to_day: '2100-01-01',
    }),
  ],
  list_prices: [({ organizationId }) => ({ organization_id: organizationId })],
  mark_notifications_read: [],
  mail_report: [({ savedReportId }) => ({ saved_report_id: savedReportId, every: 'week' })],
  mark_alerts_seen: [({ organizationId }) => ({ organization_id: organizationId })],
  mint_personal_key: [({ projectId }) => ({ project_id: projectId, name: 'Key' })],
  mint_proxy_key: [({ projectId }) => ({ project_id: projectId, name: 'Key' })],
  office_state: [({ organizationId }) => ({ organization_id: organizationId })],
  office_events_between: [
    ({ organizationId }) => ({
      organization_id: organizationId,
      from_at: '2026-01-01T00:00:00Z',
      to_at: '2026-01-02T00:00:00Z',
    }),
  ],
  office_events_since: [({ organizationId }) => ({ organization_id: organizationId, seq: 0 })],
  place_agent: [({ agentId }) => ({ agent_id: agentId, x: 1, y: 1 })],
  preview_repricing: [({ organizationId }) => ({ organization_id: organizationId, ...aDay })],
  next_statement: [({ organizationId }) => ({ organization_id: organizationId })],
  preview_statement: [({ organizationId }) => ({ organization_id: organizationId })],
  statement_csv: [({ statementId }) => ({ id: statementId })],
  reassign_task: [({ taskId }) => ({ id: taskId, agent_id: null })],
  remove_member: [
    ({ organizationId, userId }) => ({ organization_id: organizationId, user_id: userId }),
    ({ userId }, own) => ({ organization_id: own.organizationId, user_id: userId }),
  ],
  reprice_usage: [({ organizationId }) => ({ organization_id: organizationId, ...aDay })],
  request_budget_increase: [
    ({ budgetId }) => ({ budget_id: budgetId, limit_usd: 1000, reason: 'More to do' }),
  ],
  restart_alert_delivery: [({ alertDeliveryId }) => ({ id: alertDeliveryId })],
  restart_task: [({ taskId }) => ({ id: taskId })],
  resume_alert_channel: [({ alertChannelId }) => ({ id: alertChannelId })],
  restore_usage_archive: [({ organizationId }) => ({ organization_id: organizationId, month: '2026-01-01' })],
  return_task: [({ taskId }) => ({ id: taskId, comment: 'Again' })],
  revoke_proxy_key: [({ proxyKeyId }) => ({ id: proxyKeyId })],
  revoke_reporting_login: [({ reportingLoginId }) => ({ id: reportingLoginId })],
  rotate_proxy_key: [({ proxyKeyId }) => ({ id: proxyKeyId, grace: '1 day' })],
  rotate_provider_credential: [({ credentialId }) => ({ id: credentialId, ...aSecret })],
  save_office_place: [({ organizationId }) => ({ organization_id: organizationId, x: 1, y: 1 })],
  // Answers what is the caller's, whoever asks.
  set_mail_preference: [],
  set_rate_limit: [
    ({ organizationId }) => ({
      organization_id: organizationId,
      scope: 'organization',
      scope_id: organizationId,
    }),
    ({ projectId }, own) => ({ organization_id: own.organizationId, scope: 'project', scope_id: projectId }),
    ({ proxyKeyId }, own) => ({
      organization_id: own.organizationId,
      scope: 'proxy_key',
      scope_id: proxyKeyId,
    }),
    ({ credentialId }, own) => ({
      organization_id: own.organizationId,
      scope: 'credential',
      scope_id: credentialId,
    }),
  ],
  // Whoever holds a token, 256 random bits, may see what it is for.
  show_invitation: [],
  show_rate_limits: [({ organizationId }) => ({ organization_id: organizationId })],
  spend_status: [({ organizationId }) => ({ organization_id: organizationId })],
  stop_task: [({ taskId }) => ({ id: taskId })],
  store_alert_channel: [
    ({ organizationId }) => ({
      id: randomUUID(),
      organization_id: organizationId,
      type: 'slack',
      name: 'Chat',
      kinds: ['error_rate'],
      url_host: 'chat.example.com',
      ciphertext: 'v1:none:AAAA:AAAA',
    }),
  ],
  store_billing_key: [
    ({ organizationId }) => ({
      id: randomUUID(),
      organization_id: organizationId,
      provider: 'openai',
      kind: 'admin',
      ...aSecret,
    }),
  ],
  // `id` is one that functions/gateway draws; that an id is taken is not hidden, since ids hold 122 random bits.
  store_provider_credential: [
    ({ organizationId }) => ({
      id: randomUUID(),
      organization_id: organizationId,
      provider: 'openai',
      name: 'OpenAI',
      ...aSecret,
    }),
  ],
  summarize_usage: [({ organizationId }) => ({ organization_id: organizationId, ...aDay })],
  transfer_organization: [
    ({ organizationId, userId }) => ({ organization_id: organizationId, user_id: userId }),
    ({ userId }, own) => ({ organization_id: own.organizationId, user_id: userId }),
  ],
};
