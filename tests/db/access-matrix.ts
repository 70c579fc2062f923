/** Each may what those before may, and more. The outsider is signed in and owns another organization. */
export const actors = ['anonymous', 'outsider', 'member', 'admin', 'owner'] as const;
export type Actor = (typeof actors)[number];

/** The least of them who may. */
type Least = Actor | 'nobody';

export type Access = {
  /** The column that says whose a row is, and whose id stands in it; null for what belongs to no tenant. */
  owner: { column: string; is: 'organization' | 'person' } | null;
  select: Least;
  insert?: { by: Actor; columns: string[] };
  update?: { by: Actor; columns: string[] };
  delete?: Actor;
};

const organizations: Access['owner'] = { column: 'organization_id', is: 'organization' };

/** Who may do what to which rows. What is not listed is nobody's; a relation that is missing here fails the tests. */
export const accessMatrix: Record<string, Access> = {
  // Tenancy
  'public.plans': { owner: null, select: 'anonymous' },
  'public.plan_limits': { owner: null, select: 'anonymous' },
  'public.profiles': {
    owner: { column: 'user_id', is: 'person' },
    select: 'member',
    // The person is the owner: people change themselves only.
    update: { by: 'owner', columns: ['full_name', 'preferences'] },
  },
  'public.organizations': {
    owner: { column: 'id', is: 'organization' },
    select: 'member',
    update: {
      by: 'admin',
      columns: [
        'name',
        'slug',
        'time_zone',
        'on_client_abort',
        'allows_unpriced_models',
        'max_attempts',
        'drift_alarm_percent',
        'drift_alarm_usd',
        'personal_key_limit_usd',
        'sends_weekly_report',
        'preferences',
      ],
    },
  },
  'public.organization_members': { owner: organizations, select: 'member' },
  'public.organization_plan_overrides': { owner: organizations, select: 'member' },
  'public.audit_log': { owner: organizations, select: 'admin' },
  'public.invitations': { owner: organizations, select: 'admin', delete: 'admin' },
  'public.projects': {
    owner: organizations,
    select: 'member',
    insert: { by: 'admin', columns: ['organization_id', 'name', 'description'] },
    update: { by: 'admin', columns: ['name', 'description', 'archived_at', 'body_logging', 'body_days'] },
  },

  // Gateway
  'public.provider_credentials': {
    owner: organizations,
    select: 'member',
    update: { by: 'admin', columns: ['name', 'is_active', 'priority', 'weight'] },
    delete: 'admin',
  },
  'public.proxy_keys': {
    owner: organizations,
    select: 'member',
    update: { by: 'admin', columns: ['name', 'allowed_models', 'cache_seconds', 'expires_at'] },
  },
  'public.models': { owner: null, select: 'outsider' },
  'public.model_prices': { owner: null, select: 'outsider' },
  'public.ai_usage': { owner: organizations, select: 'member' },
  'public.usage_logs': { owner: { column: 'organization', is: 'organization' }, select: 'member' },
  // A part of the ledger: the Data API serves the whole only.
  'public.open_calls': { owner: organizations, select: 'member' },
  'public.freezes': {
    owner: organizations,
    select: 'member',
    insert: { by: 'admin', columns: ['organization_id', 'scope', 'scope_id', 'reason'] },
    delete: 'admin',
  },
  'public.budgets': {
    owner: organizations,
    select: 'member',
    insert: {
      by: 'admin',
      columns: ['organization_id', 'scope', 'scope_id', 'period', 'limit_usd', 'mode', 'warn_at'],
    },
    update: { by: 'admin', columns: ['limit_usd', 'mode', 'warn_at'] },
    delete: 'admin',
  },
  'public.model_aliases': {
    owner: organizations,
    select: 'member',
    insert: { by: 'admin', columns: ['organization_id', 'name', 'targets'] },
    update: { by: 'admin', columns: ['name', 'targets'] },
    delete: 'admin',
  },
  'public.credential_health': { owner: organizations, select: 'member' },
  'public.budget_requests': { owner: organizations, select: 'member' },
  'public.rate_limits': { owner: organizations, select: 'member' },
  'public.budget_warnings': { owner: organizations, select: 'member' },
  'public.alerts': { owner: organizations, select: 'member' },
  'public.alert_channels': {
    owner: organizations,
    select: 'admin',
    update: { by: 'admin', columns: ['name', 'kinds', 'addresses', 'is_active'] },
    delete: 'admin',
  },
  'public.alert_deliveries': { owner: organizations, select: 'admin' },
  'public.usage_rollups': { owner: organizations, select: 'member' },
  'public.usage_latency_rollups': { owner: organizations, select: 'member' },
  'public.usage_tag_rollups': { owner: organizations, select: 'member' },
  'public.cache_savings': { owner: organizations, select: 'member' },
  'public.call_bodies': { owner: organizations, select: 'admin' },
  'public.statements': { owner: organizations, select: 'admin' },
  'public.statement_lines': { owner: organizations, select: 'admin' },
  'public.usage_quarters': { owner: organizations, select: 'member' },
  'public.usage_sums': { owner: organizations, select: 'member' },
  'public.usage_latency_sums': { owner: organizations, select: 'member' },
  'public.team_costs_daily': { owner: { column: 'team_id', is: 'organization' }, select: 'member' },
  'public.usage_archives': { owner: organizations, select: 'admin' },
  'public.usage_archive_months': { owner: organizations, select: 'admin' },
  'public.usage_restores': { owner: organizations, select: 'admin' },
  'public.usage_facts': { owner: organizations, select: 'member' },

  // Prices
  'public.organization_prices': {
    owner: organizations,
    select: 'member',
    insert: {
      by: 'admin',
      columns: [
        'organization_id',
        'provider',
        'model',
        'discount_percent',
        'input_usd_per_mtok',
        'cache_read_usd_per_mtok',
        'cache_write_5m_usd_per_mtok',
        'cache_write_1h_usd_per_mtok',
        'output_usd_per_mtok',
        'valid_from',
      ],
    },
    delete: 'admin',
  },
  'public.repricings': { owner: organizations, select: 'member' },
  'public.usage_adjustments': { owner: organizations, select: 'member' },

  // Reconciliation
  'public.billing_keys': { owner: organizations, select: 'member', delete: 'admin' },
  'public.provider_report_lines': { owner: organizations, select: 'member' },
  'public.provider_balances': { owner: organizations, select: 'member' },
  'public.reconciliations': { owner: organizations, select: 'member' },
  'public.reconciliation_lines': { owner: organizations, select: 'member' },
  // Reporting
  'public.reporting_logins': { owner: organizations, select: 'admin' },
  // As with notifications, the person is the owner.
  'public.report_mails': { owner: { column: 'user_id', is: 'person' }, select: 'owner' },
  'public.saved_reports': {
    owner: organizations,
    select: 'admin',
    insert: { by: 'admin', columns: ['organization_id', 'name', 'query', 'chart'] },
    update: { by: 'admin', columns: ['name', 'query', 'chart'] },
    delete: 'admin',
  },

  // Agents
  'public.agents': {
    owner: organizations,
    select: 'member',
    update: {
      by: 'admin',
      columns: [
        'project_id',
        'name',
        'role',
        'avatar',
        'model',
        'system_prompt',
        'uses_tools',
        'is_active',
        'max_steps',
        'max_task_usd',
        'max_minutes',
        'archived_at',
      ],
    },
  },
  'public.tasks': { owner: organizations, select: 'member' },
  'public.task_steps': { owner: organizations, select: 'member' },
  'public.office_events': { owner: organizations, select: 'member' },

  // Notifications
  // The person is the owner: nobody reads what others were told.
  'public.notifications': { owner: { column: 'user_id', is: 'person' }, select: 'owner' },

  // Office
  'public.office_sessions': { owner: organizations, select: 'member' },

  // Whiteboard
  'public.boards': {
    owner: organizations,
    select: 'member',
    update: { by: 'admin', columns: ['name', 'is_locked'] },
    delete: 'admin',
  },
  'public.board_records': { owner: organizations, select: 'member' },
  'public.board_snapshots': { owner: organizations, select: 'member' },
  'public.whiteboard_notes': { owner: organizations, select: 'member' },

  // Not reachable through the Data API, which shows `public` only; the first three are read by views and RPCs.
  'private.spend_counters': { owner: organizations, select: 'member' },
  'private.usage_deltas': { owner: organizations, select: 'member' },
  'private.usage_calendars': { owner: organizations, select: 'member' },
  'private.costs_told': { owner: null, select: 'nobody' },
  'private.notification_mails': { owner: null, select: 'nobody' },
  'private.archive_tasks': { owner: null, select: 'nobody' },
  'private.stale_objects': { owner: null, select: 'nobody' },
  'private.invitation_hashes': { owner: null, select: 'nobody' },
  'private.provider_credential_secrets': { owner: null, select: 'nobody' },
  'private.alert_channel_secrets': { owner: null, select: 'nobody' },
  'private.proxy_key_hashes': { owner: null, select: 'nobody' },
  'private.output_estimates': { owner: null, select: 'nobody' },
  'private.billing_key_secrets': { owner: null, select: 'nobody' },
  'private.provider_events': { owner: null, select: 'nobody' },
  'private.board_images': { owner: null, select: 'nobody' },
  'private.board_tombstones': { owner: null, select: 'nobody' },
  'private.board_operations': { owner: null, select: 'nobody' },
  'private.internal_calls': { owner: null, select: 'nobody' },
  'private.office_counters': { owner: null, select: 'nobody' },
  'private.call_facts': { owner: null, select: 'nobody' },
  'private.cached_answers': { owner: null, select: 'nobody' },
  'private.cache_sizes': { owner: null, select: 'nobody' },
  'private.model_names': { owner: null, select: 'nobody' },
  'private.reporting_roles': { owner: null, select: 'nobody' },
  'private.reporting_settings': { owner: null, select: 'nobody' },
};

export function may(actor: Actor, least: Least | undefined): boolean {
  return least !== undefined && least !== 'nobody' && actors.indexOf(actor) >= actors.indexOf(least);
}
