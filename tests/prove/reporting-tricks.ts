import type { FullOrganization } from '../db/full-organization.ts';
import { operatorSql } from '../support/database.ts';

export type Trick = {
  name: string;
  /** Postgres lets everyone do these; what counts is that nothing is seen by it. They come first. */
  allowed?: string[];
  refused?: string[];
};

type Targets = {
  own: FullOrganization;
  other: FullOrganization;
  login: { username: string };
  otherRole: string;
};

const readWrite = ['set default_transaction_read_only = off', 'set transaction_read_only = off'];

/** Everything that we could think of to see, or to touch, what is another organization's. */
export async function reportingTricks(targets: Targets): Promise<Trick[]> {
  const { tables, views, catalogue } = await readRelations();
  return [
    { name: 'reading the views' },
    { name: 'reading every table', refused: tables.map((table) => `select * from ${table}`) },
    { name: 'reading the catalogue', allowed: catalogue.map((name) => `select t::text from ${name} t`) },
    ...becomingSomebodyElse(targets),
    ...shadowingNames(),
    ...leaking(targets, views),
    ...writing(targets, tables),
    ...leavingTheDatabase(),
  ];
}

async function readRelations() {
  const rows = await operatorSql()`
    select format('%I.%I', n.nspname, c.relname) as name, n.nspname as schema
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^pg_(toast|temp)'`;
  const named = (matches: (schema: string) => boolean): string[] =>
    rows.filter(({ schema }) => matches(String(schema))).map(({ name }) => String(name));
  const isCatalogue = (schema: string) => schema === 'pg_catalog' || schema === 'information_schema';
  return {
    tables: named((schema) => !isCatalogue(schema) && schema !== 'reporting'),
    views: named((schema) => schema === 'reporting'),
    catalogue: named(isCatalogue),
  };
}

function becomingSomebodyElse({ other, otherRole, login }: Targets): Trick[] {
  const roles = [
    otherRole,
    'postgres',
    'authenticated',
    'service_role',
    'supabase_admin',
    'reporting',
    'proxy',
  ];
  const claims = JSON.stringify({ sub: other.owner.userId, role: 'authenticated' });
  return [
    { name: 'set role', refused: roles.map((role) => `set role ${role}`) },
    {
      name: 'set session authorization',
      refused: roles.map((role) => `set session authorization ${role}`),
    },
    {
      name: 'set_config of roles',
      refused: roles.flatMap((role) => [
        `select set_config('role', '${role}', false)`,
        `select set_config('session_authorization', '${role}', false)`,
      ]),
    },
    {
      name: 'claims of their owner',
      allowed: [
        `select length(set_config('request.jwt.claims', '${claims}', false))`,
        `select length(set_config('request.jwt.claim.sub', '${other.owner.userId}', false))`,
        `set app.organization_id = '${other.organizationId}'`,
      ],
      refused: [
        'select * from private.my_organization_ids()',
        `select * from public.spend_status('${other.organizationId}')`,
        `select auth.uid()`,
      ],
    },
    {
      name: 'more rights for itself',
      allowed: readWrite,
      refused: [
        `alter role ${login.username} superuser`,
        `alter role ${login.username} bypassrls`,
        `alter role ${login.username} createrole`,
        `alter role ${login.username} connection limit 1000`,
        `alter role ${login.username} rename to ${otherRole}x`,
        `grant ${otherRole} to ${login.username}`,
        `grant postgres to ${login.username}`,
        `grant pg_read_all_data to ${login.username}`,
        `alter role ${otherRole} password 'known'`,
        `insert into private.reporting_roles (role_name, organization_id, connections)
          values ('${login.username}', '${other.organizationId}', 1)`,
        `update private.reporting_roles set organization_id = '${other.organizationId}'`,
      ],
    },
    {
      name: 'prepared statements',
      allowed: [
        'prepare everything as select * from reporting.usage',
        'set row_security = off',
        'set plan_cache_mode = force_generic_plan',
        'execute everything',
        'discard plans',
        'execute everything',
      ],
    },
  ];
}

function shadowingNames(): Trick[] {
  return [
    {
      name: 'names of its own',
      allowed: readWrite,
      refused: [
        'create temp table reporting_roles (role_name name, organization_id uuid)',
        'create temp view organization as select 1',
        'create function pg_temp.session_user() returns name language sql as $$ select null::name $$',
        'create schema mine',
        'create table public.reporting_roles (role_name name)',
        'create table reporting.reporting_roles (role_name name)',
        'create function public.now() returns timestamptz language sql as $$ select null::timestamptz $$',
        'create or replace view reporting.usage as select * from public.ai_usage',
        'alter view reporting.usage set (security_barrier = false)',
        'create extension dblink',
        `do $$ begin execute 'create temp table x (y int)'; end $$`,
      ],
    },
    {
      name: 'search_path',
      allowed: [
        'set search_path = pg_temp, private, public, reporting, auth',
        'select * from usage',
        "select set_config('search_path', 'private, public', false)",
        'select * from organization',
      ],
    },
  ];
}

/** Functions that tell of what they are given, by their errors, their costs or what they do. */
function leaking({ other }: Targets, views: string[]): Trick[] {
  return [
    {
      name: 'errors that quote values',
      allowed: views.flatMap((view) => [
        `select * from ${view} t where t::text::int = 1`,
        `select * from ${view} t where to_jsonb(t)::text::numeric > 0 limit 1`,
        `select * from ${view} t where 1 / (length(t::text) - length(t::text)) = 1`,
      ]),
    },
    {
      name: 'conditions on what is theirs',
      allowed: [
        `select count(*)::int from reporting.usage where project_id::text = left('${other.projectId}', 36) || ''`,
        `select 1 / count(*) from reporting.usage where id = substr('${other.settledCallId}', 1, 36)::uuid`,
        `select * from reporting.projects where id = any (array[substr('${other.projectId}', 1)]::uuid[]) for share`,
      ].map((statement) => statement.replaceAll(/[0-9a-f-]{36}/g, (id) => id.toUpperCase())),
    },
    {
      name: 'plans',
      allowed: views.map((view) => `explain (analyze, verbose, costs, buffers) select * from ${view}`),
    },
    {
      name: 'functions of ours and of extensions',
      allowed: [
        `select pg_stat_get_backend_activity(pid) from pg_stat_activity`,
        `select pg_export_snapshot(), pg_current_wal_lsn()`,
      ],
      refused: [
        `select * from private.reserve_calls('[]')`,
        `select private.limit_of('${other.organizationId}', 'members')`,
        `select public.create_reporting_login('${other.organizationId}', 'Mine')`,
        `select public.open_in_app_reporting_role('${other.organizationId}', 'x', 'y')`,
        `select public.cancel_report('${other.organizationId}', gen_random_uuid())`,
        `select public.describe_reporting_views()`,
        `select private.end_reporting_offenders()`,
        `select net.http_get('http://127.0.0.1')`,
        `select cron.schedule('* * * * *', 'select 1')`,
        `select * from extensions.pg_stat_statements`,
        `select vault.create_secret('x')`,
        `select query_to_xml('select * from public.ai_usage', true, true, '')`,
        `select table_to_xml('private.reporting_roles', true, true, '')`,
        `select pg_terminate_backend(pid) from pg_stat_activity where usename <> session_user`,
        `select pg_cancel_backend(pid) from pg_stat_activity where usename <> session_user`,
        `select * from pg_logical_slot_peek_changes('x', null, null)`,
      ],
    },
  ];
}

function writing({ other, otherRole }: Targets, tables: string[]): Trick[] {
  return [
    {
      name: 'writing',
      allowed: readWrite,
      refused: [
        ...tables.flatMap((table) => [`delete from ${table}`, `truncate ${table}`]),
        'insert into reporting.projects (id, name) values (gen_random_uuid(), $$x$$)',
        'update reporting.budgets set limit_usd = 1000000',
        'delete from reporting.usage',
        'with gone as (delete from public.projects returning *) select * from gone',
        `copy reporting.projects from program 'true'`,
        `comment on view reporting.usage is 'mine'`,
        `comment on role ${otherRole} is 'mine'`,
        `drop owned by ${otherRole}`,
      ],
    },
    {
      name: 'locks',
      allowed: [...readWrite, `select pg_advisory_xact_lock(hashtext('${other.organizationId}'))`, 'begin'],
      refused: [
        'lock table reporting.usage in access exclusive mode nowait',
        'rollback; begin; select * from reporting.projects for update',
        ...tables.map((table) => `rollback; begin; lock table ${table} in access share mode nowait`),
      ],
    },
    {
      name: 'notifying and listening',
      allowed: [
        'listen call_freezes',
        `listen "${other.organizationId.toUpperCase()}"`,
        'notify call_freezes',
      ],
    },
    {
      name: 'large objects',
      allowed: [...readWrite, `select lo_get(oid) from pg_largeobject_metadata`],
      refused: [`select lo_export(loid, '/tmp/x') from pg_largeobject`, `select lo_import('/etc/passwd')`],
    },
  ];
}

function leavingTheDatabase(): Trick[] {
  return [
    {
      name: 'files, programs and other servers',
      refused: [
        `copy (select 1) to program 'cat'`,
        `copy (select 1) to '/tmp/reporting'`,
        `select pg_read_file('/etc/passwd')`,
        `select pg_read_binary_file('PG_VERSION')`,
        `select * from pg_ls_dir('.')`,
        `select * from pg_ls_logdir()`,
        `select dblink('host=127.0.0.1', 'select 1')`,
        `create server mine foreign data wrapper postgres_fdw`,
        `load 'auto_explain'`,
        `alter system set log_statement = 'all'`,
        `set log_statement = 'all'`,
        `set session_preload_libraries = 'x'`,
        `select * from pg_hba_file_rules`,
        `select * from pg_shadow`,
      ],
    },
  ];
}
