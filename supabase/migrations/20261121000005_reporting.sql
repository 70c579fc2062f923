-- Reporting: the organization's own SQL over its own figures, for psql, Metabase, Grafana and the Reports page.
--
-- A login sees the views of schema `reporting` and nothing else. They are tied to session_user, which nobody but a
-- superuser can change: settings and roles that a session sets prove nothing here. What a login may do beyond reading
-- (Postgres lets everyone lock, listen, and undo their own time-outs) is kept harmless by a watchdog.

create extension if not exists pg_stat_statements with schema extensions;

-- Whoever has a login is PUBLIC too. Temporary objects could shadow names, so only roles that are there keep that right.
do $$
declare
  known text;
begin
  for known in select rolname from pg_catalog.pg_roles where rolname !~ '^(pg_|khqr_|reporting$)' loop
    execute format('grant temporary on database %I to %I', current_database(), known);
  end loop;
  execute format('revoke temporary on database %I from public', current_database());
end $$;

-- pg_net gives PUBLIC its tables, where requests lie with their secrets. Where they are not ours to close, no login is
-- made: see private.reach_of_public.
do $$
begin
  if has_schema_privilege('public', 'net', 'usage') then
    revoke all on all tables in schema net from public;
    revoke all on all sequences in schema net from public;
    revoke usage on schema net from public;
  end if;
exception when insufficient_privilege then
  raise notice 'schema net stays open to PUBLIC';
end $$;

-- What every login is a member of, and what may read the views.
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'reporting') then
    create role reporting nologin;
  end if;
end $$;
create schema reporting;
comment on schema reporting is 'The organization''s calls, costs and limits, for SQL. Each login sees its own organization.';
grant usage on schema reporting to reporting;

-- § Settings ---------------------------------------------------------------------------------------------------

create table private.reporting_settings (
  is_only boolean primary key default true,
  -- Where clients connect; `npm start` and `npm run deploy` write it. Null: no login can be made yet.
  host text,
  port int,
  database text not null default current_database(),
  -- A pooler tells projects apart by the user's name: .<project reference>
  username_suffix text not null default '',
  -- A transaction that takes longer is ended.
  longest_seconds int not null default 60,
  -- What all logins together may open.
  most_connections int not null default current_setting('max_connections')::int / 2,
  constraint reporting_settings_is_only check (is_only),
  constraint reporting_settings_longest_positive check (longest_seconds > 0)
);
comment on table private.reporting_settings is 'One row: where SQL logins connect, and their bounds. Changed by the operator; the watchdog applies it.';
alter table private.reporting_settings enable row level security;
insert into private.reporting_settings default values;

-- § Roles ------------------------------------------------------------------------------------------------------

create table private.reporting_roles (
  role_name name primary key,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  -- The role that the Reports page works with: the id of the master key that its password is derived from.
  key_id text,
  connections int not null,
  -- Statements counted when last looked at: more mean that it was used.
  statements bigint not null default 0,
  constraint reporting_roles_name_opaque check (role_name ~ '^khqr_[0-9a-f]{16}$')
);
comment on table private.reporting_roles is 'Which organization a database role reports on. Deleting a row drops the role.';
create index reporting_roles_organization_index on private.reporting_roles (organization_id);
create unique index reporting_roles_one_in_app on private.reporting_roles (organization_id) where key_id is not null;
alter table private.reporting_roles enable row level security;

create function private.scram_verifier(password text) returns text
  language plpgsql volatile set search_path = '' as $$
declare
  rounds constant int := 4096;
  salt constant bytea := extensions.gen_random_bytes(16);
  secret constant bytea := convert_to(password, 'utf8');
  block bytea := extensions.hmac(salt || '\x00000001'::bytea, secret, 'sha256');
  sum bit(256) := ('x' || encode(block, 'hex'))::bit(256);
  salted bytea;
begin
  for round in 2..rounds loop
    block := extensions.hmac(block, secret, 'sha256');
    sum := sum # ('x' || encode(block, 'hex'))::bit(256);
  end loop;
  salted := decode((select string_agg(lpad(to_hex(substring(sum from n for 64)::bit(64)::bigint), 16, '0'), '' order by n)
    from generate_series(1, 193, 64) n), 'hex');
  return format('SCRAM-SHA-256$%s:%s$%s:%s', rounds, encode(salt, 'base64'),
    encode(sha256(extensions.hmac('Client Key'::bytea, salted, 'sha256')), 'base64'),
    encode(extensions.hmac('Server Key'::bytea, salted, 'sha256'), 'base64'));
end $$;
comment on function private.scram_verifier is 'What Postgres stores instead of a password, so that no statement carries the password itself (RFC 5802, 7677).';

create function private.reach_of_public() returns setof text
  language sql stable set search_path = '' as $$
  -- Of any schema that has something worth reading; of our own, which grants it nothing, the tests make sure.
  select format('%I.%I', n.nspname, c.relname)
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    and n.nspname not in ('reporting', 'pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
    and has_schema_privilege('reporting', n.oid, 'usage')
    and case when c.relkind = 'S' then has_sequence_privilege('reporting', c.oid, 'usage, select, update')
      else has_any_column_privilege('reporting', c.oid, 'select, insert, update, references')
        or has_table_privilege('reporting', c.oid, 'delete, truncate, trigger') end
  union all
  select p.oid::regprocedure::text
  from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
    and has_schema_privilege('reporting', n.oid, 'usage') and has_function_privilege('reporting', p.oid, 'execute')
  union all
  select 'temporary objects' where has_database_privilege('reporting', current_database(), 'temporary')
$$;
comment on function private.reach_of_public is 'What a SQL login could reach beside the views of schema reporting. Must be nothing: extensions sometimes grant to PUBLIC.';

create function private.reporting_defaults() returns text[]
  language sql stable set search_path = '' as $$
  select array['default_transaction_read_only=on', 'statement_timeout=' || longest_seconds || 's',
    'transaction_timeout=' || longest_seconds || 's', 'idle_in_transaction_session_timeout=10s',
    'idle_session_timeout=30min', 'lock_timeout=5s', 'client_connection_check_interval=2s',
    'max_parallel_workers_per_gather=0', 'search_path=reporting']
  from private.reporting_settings
$$;
comment on function private.reporting_defaults is 'What sessions of a SQL login begin with, as pg_db_role_setting writes it.';

create function private.set_reporting_defaults(role_name name) returns void
  language plpgsql set search_path = '' as $$
declare
  setting text;
begin
  execute format('alter role %I reset all', role_name);
  execute format('alter role %I in database %I reset all', role_name, current_database());
  foreach setting in array private.reporting_defaults() loop
    execute format('alter role %I set %I to %L', role_name, split_part(setting, '=', 1), split_part(setting, '=', 2));
  end loop;
end $$;
comment on function private.set_reporting_defaults is 'Gives a login its defaults, whatever it has set for itself.';

create function private.create_reporting_role(organization_id uuid, verifier text, connections int, key_id text default null)
  returns name
  language plpgsql set search_path = '' as $$
declare
  role_name constant name := 'khqr_' || substr(private.random_token(), 1, 16);
  reach text;
begin
  select r into reach from private.reach_of_public() r limit 1;
  if found then
    raise warning 'no SQL login is made: PUBLIC reaches %', reach;
    perform private.refuse(503, 'reporting_unavailable');
  end if;
  insert into private.reporting_roles (role_name, organization_id, key_id, connections)
  values (role_name, organization_id, key_id, connections);
  execute format('create role %I login connection limit %s password %L', role_name, connections, verifier);
  perform private.set_reporting_defaults(role_name);
  execute format('grant reporting to %I with inherit true, set false', role_name);
  -- What it may come to own is dropped with it, which takes its privileges.
  execute format('grant %I to current_user with inherit true, set false', role_name);
  return role_name;
end $$;
comment on function private.create_reporting_role is 'A role by a name that says nothing, which sees one organization''s figures.';

create function private.on_reporting_roles_delete() returns trigger
  -- definer: a deletion cascades to here with the rights of whoever began it
  language plpgsql security definer set search_path = '' as $$
begin
  if to_regrole(old.role_name::text) is null then
    return null;
  end if;
  execute format('alter role %I nologin connection limit 0', old.role_name);
  execute format('revoke reporting from %I', old.role_name);
  -- Who slips in before this is committed sees no organization, and is ended by the watchdog.
  perform pg_terminate_backend(a.pid, 2000) from pg_catalog.pg_stat_activity a where a.usename = old.role_name;
  execute format('drop owned by %I', old.role_name);
  begin
    execute format('drop role %I', old.role_name);
  exception when dependent_objects_still_exist then
    -- It made something in another database. What is left of it can neither log in nor read.
    execute format('alter role %I password null', old.role_name);
  end;
  return null;
end $$;
create trigger reporting_roles_delete after delete on private.reporting_roles
  for each row execute function private.on_reporting_roles_delete();

-- § Views ------------------------------------------------------------------------------------------------------
-- Barriers: a condition with a function that could tell of what it sees runs on rows of the organization only. Conditions
-- on days, times, ids and names are let through to the indexes. Names are expressions, so that estimates in EXPLAIN tell
-- nothing of how often other tenants use one. Sums come from the rollups; those of one dimension from the sums by day.

create view private.reporting_organization as
  select o.id, o.name, o.slug, o.plan, o.time_zone,
    case when coalesce(exception.is_unlimited, regular.is_unlimited) then '-infinity'
      else (date_trunc('day', now() at time zone o.time_zone)
        - make_interval(days => coalesce(exception.amount, regular.amount, 0)::int)) at time zone o.time_zone end as visible_from,
    c.organization_id is not null as has_days
  from private.reporting_roles r
  join public.organizations o on o.id = r.organization_id
  left join private.usage_calendars c on c.organization_id = o.id and c.time_zone = o.time_zone
  left join public.organization_plan_overrides exception
    on exception.organization_id = o.id and exception.resource = 'history_days'
  left join public.plan_limits regular on regular.plan = o.plan and regular.resource = 'history_days'
  where r.role_name = session_user;
comment on view private.reporting_organization is 'The organization of whoever is connected: no row but for SQL logins. has_days: whether its sums by day are of its present zone.';

-- Whoever asks for a name is told by EXPLAIN ANALYZE how many rows had it before they were joined: of these alone.
create view private.reporting_projects as
  select p.id, nullif(p.name, '') as name, p.description, p.created_at, p.archived_at
  from public.projects p
  where p.organization_id = (select o.id from private.reporting_organization o);
comment on view private.reporting_projects is 'Its projects.';

create view private.reporting_proxy_keys as
  select k.id, nullif(k.name, '') as name, k.project_id, k.allowed_models, k.created_at, k.last_used_at, k.expires_at,
    k.revoked_at
  from public.proxy_keys k
  where k.organization_id = (select o.id from private.reporting_organization o);
comment on view private.reporting_proxy_keys is 'Its proxy keys.';

create view private.reporting_days as
  select o.id as organization_id, at::date as day, at at time zone o.time_zone as start_at,
    (at + interval '1 day') at time zone o.time_zone as end_at
  from private.reporting_organization o
  cross join lateral generate_series(
    date_trunc('day', greatest(o.visible_from, (select coalesce(min(r.bucket_at), now()) from public.usage_rollups r
      where r.organization_id = o.id)) at time zone o.time_zone),
    date_trunc('day', now() at time zone o.time_zone), interval '1 day') at;
comment on view private.reporting_days is 'Its days since the first call.';

create view private.reporting_facts as
  select organization_id, bucket_at, project_id, proxy_key_id, user_id, agent_id, provider, model, calls, errors, refusals,
    input_tokens, cache_read_tokens, output_tokens, cost_usd
  from public.usage_rollups
  union all
  select organization_id, bucket_at, project_id, proxy_key_id, user_id, agent_id, provider, model, calls, errors, refusals,
    input_tokens, cache_read_tokens, output_tokens, cost_usd
  from private.usage_deltas;
comment on view private.reporting_facts is 'As public.usage_facts, of every organization, with the rights of whoever owns the views below.';

create view private.reporting_daily_facts as
  select d.day, f.project_id, f.proxy_key_id, nullif(f.user_id, '') as user_id, nullif(f.agent_id, '') as agent_id,
    nullif(f.provider, '') as provider, nullif(f.model, '') as model, f.calls, f.errors, f.refusals, f.input_tokens,
    f.cache_read_tokens, f.output_tokens, f.cost_usd
  from private.reporting_days d
  -- The offset keeps it a look into the index for each day, however the planner would rather join.
  cross join lateral (
    select * from private.reporting_facts f
    where f.organization_id = d.organization_id and f.bucket_at >= d.start_at and f.bucket_at < d.end_at offset 0
  ) f;
comment on view private.reporting_daily_facts is 'Its sums by quarter hour, each with its day; a condition on the day reads only that day''s.';

create view private.reporting_unsummed as
  select k.dimension, f.organization_id, f.bucket_at, k.key, f.calls, f.errors, f.input_tokens, f.output_tokens, f.cost_usd
  from (
    select organization_id, bucket_at, project_id, proxy_key_id, user_id, agent_id, provider, model, tags, calls, errors,
      input_tokens, output_tokens, cost_usd
    from private.usage_deltas
    union all
    select organization_id, bucket_at, project_id, proxy_key_id, user_id, agent_id, provider, model, null, calls, errors,
      input_tokens, output_tokens, cost_usd
    from public.usage_rollups where not (select o.has_days from private.reporting_organization o)
  ) f
  cross join lateral (
    values ('model', f.provider || '/' || f.model), ('project', f.project_id::text), ('proxy_key', f.proxy_key_id::text),
      ('user', f.user_id), ('agent', f.agent_id)
    union all select 'tag', t from (select distinct unnest(f.tags) as t) tags
  ) k (dimension, key)
  union all
  select 'tag', organization_id, bucket_at, tag, calls, errors, input_tokens, output_tokens, cost_usd
  from public.usage_tag_rollups where not (select o.has_days from private.reporting_organization o);
comment on view private.reporting_unsummed is 'What its sums by day lack: what is not folded yet; while its days are counted anew in another zone, everything.';

create view private.reporting_daily_sums as
  select s.dimension, s.day, s.key, s.calls, s.errors, s.input_tokens, s.output_tokens, s.cost_usd
  from public.usage_sums s
  where s.organization_id = (select o.id from private.reporting_organization o where o.has_days) and s.span_days = 1
    and s.day >= (select (o.visible_from at time zone o.time_zone)::date from private.reporting_organization o)
  union all
  select u.dimension, (u.bucket_at at time zone (select o.time_zone from private.reporting_organization o))::date, u.key,
    u.calls, u.errors, u.input_tokens, u.output_tokens, u.cost_usd
  from private.reporting_unsummed u
  where u.organization_id = (select o.id from private.reporting_organization o)
    and u.bucket_at >= (select o.visible_from from private.reporting_organization o);
comment on view private.reporting_daily_sums is 'Its sums by day, one dimension at a time: as many rows however many calls there were.';

create view reporting.organization with (security_barrier) as
  select id, name, slug, plan, time_zone, visible_from from private.reporting_organization;
comment on view reporting.organization is 'The organization itself, one row.';
comment on column reporting.organization.id is 'The organization''s id';
comment on column reporting.organization.name is 'Its name';
comment on column reporting.organization.slug is 'Its name in the dashboard''s addresses';
comment on column reporting.organization.plan is 'What it has bought: free, pro, enterprise';
comment on column reporting.organization.time_zone is 'The zone in which its days and months are counted';
comment on column reporting.organization.visible_from is 'As far back as the plan shows; -infinity: everything';

create view reporting.days with (security_barrier) as
  select day, start_at, end_at from private.reporting_days;
comment on view reporting.days is 'Every day since the first call, today included: join it to see days without calls.';
comment on column reporting.days.day is 'Calendar day in the organization''s time zone';
comment on column reporting.days.start_at is 'Its first instant';
comment on column reporting.days.end_at is 'The next day''s first instant';

create view reporting.usage with (security_barrier) as
  select u.id, u.created_at, u.settled_at, u.status::text as status, u.http_status, u.error_code,
    u.project_id, p.name as project, u.proxy_key_id, k.name as proxy_key,
    nullif(u.user_id, '') as user_id, nullif(u.agent_id, '') as agent_id, nullif(u.task_id, '') as task_id, u.tags || '{}' as tags,
    nullif(u.provider, '') as provider, nullif(u.model, '') as model, nullif(u.served_model, '') as served_model,
    u.dialect, u.operation, u.is_stream, u.is_sandbox, u.usage_source::text as usage_source, u.input_tokens,
    u.cache_read_tokens, u.cache_write_5m_tokens + u.cache_write_1h_tokens as cache_write_tokens, u.output_tokens,
    u.reasoning_tokens, u.cost_usd, u.held_usd, u.latency_ms, u.first_byte_ms, u.request_id, u.upstream_request_id,
    u.is_cached, u.saved_usd
  from public.ai_usage u
  left join private.reporting_projects p on p.id = u.project_id
  left join private.reporting_proxy_keys k on k.id = u.proxy_key_id
  where u.organization_id = (select o.id from private.reporting_organization o)
    and u.created_at >= (select o.visible_from from private.reporting_organization o);
comment on view reporting.usage is 'The ledger: one row per call, those in flight included. Ask for a span of created_at: it is long.';
comment on column reporting.usage.id is 'The call''s id';
comment on column reporting.usage.created_at is 'When it was made';
comment on column reporting.usage.settled_at is 'When it was closed and priced; null while it is in flight';
comment on column reporting.usage.status is 'reserved, succeeded, failed, aborted, refused, expired';
comment on column reporting.usage.http_status is 'What the client was answered';
comment on column reporting.usage.error_code is 'What went wrong; null: nothing';
comment on column reporting.usage.project_id is 'The project''s id';
comment on column reporting.usage.project is 'The project''s present name; null when it is gone';
comment on column reporting.usage.proxy_key_id is 'The proxy key''s id';
comment on column reporting.usage.proxy_key is 'The proxy key''s present name; null when it is gone';
comment on column reporting.usage.user_id is 'Who the call was made for, as the client named them; null: nobody was named';
comment on column reporting.usage.agent_id is 'Which agent made it, as the client named it; null: none was named';
comment on column reporting.usage.task_id is 'Which task it was for, as the client named it';
comment on column reporting.usage.tags is 'The client''s own labels';
comment on column reporting.usage.provider is 'Who was asked: openai, anthropic, moonshot';
comment on column reporting.usage.model is 'The model that was asked for';
comment on column reporting.usage.served_model is 'The model that answered, as the provider names it';
comment on column reporting.usage.dialect is 'The API that was spoken';
comment on column reporting.usage.operation is 'What was called';
comment on column reporting.usage.is_stream is 'Whether the answer was streamed';
comment on column reporting.usage.is_sandbox is 'Whether the sandbox answered';
comment on column reporting.usage.usage_source is 'reported by the provider, or estimated';
comment on column reporting.usage.input_tokens is 'Tokens sent, cached ones included';
comment on column reporting.usage.cache_read_tokens is 'Of these, read from the provider''s cache';
comment on column reporting.usage.cache_write_tokens is 'Of these, written to the provider''s cache';
comment on column reporting.usage.output_tokens is 'Tokens received, reasoning included';
comment on column reporting.usage.reasoning_tokens is 'Of these, reasoning';
comment on column reporting.usage.cost_usd is 'Dollars, to the tenth decimal; null while in flight, or without a price';
comment on column reporting.usage.held_usd is 'Dollars held for it before it was made';
comment on column reporting.usage.latency_ms is 'Milliseconds until the whole answer';
comment on column reporting.usage.first_byte_ms is 'Milliseconds until its first byte';
comment on column reporting.usage.request_id is 'Our id of the request';
comment on column reporting.usage.upstream_request_id is 'The provider''s id of the request';
comment on column reporting.usage.is_cached is 'Whether the response cache answered; then nobody was asked, and it cost nothing';
comment on column reporting.usage.saved_usd is 'What the call cost whose answer it was';

create view reporting.costs with (security_barrier) as
  select f.bucket_at as at, f.project_id, p.name as project, f.proxy_key_id, k.name as proxy_key,
    nullif(f.user_id, '') as user_id, nullif(f.agent_id, '') as agent_id, nullif(f.provider, '') as provider,
    nullif(f.model, '') as model, f.calls, f.errors, f.refusals,
    f.input_tokens, f.cache_read_tokens, f.output_tokens, f.cost_usd
  from private.reporting_facts f
  left join private.reporting_projects p on p.id = f.project_id
  left join private.reporting_proxy_keys k on k.id = f.proxy_key_id
  where f.organization_id = (select o.id from private.reporting_organization o)
    and f.bucket_at >= (select o.visible_from from private.reporting_organization o);
comment on view reporting.costs is 'Sums of settled calls by quarter hour. The quickest way to any total; add up what you need. The same quarter hour may have several rows.';
comment on column reporting.costs.at is 'Start of the quarter hour';
comment on column reporting.costs.project_id is 'The project''s id';
comment on column reporting.costs.project is 'The project''s present name; null when it is gone';
comment on column reporting.costs.proxy_key_id is 'The proxy key''s id';
comment on column reporting.costs.proxy_key is 'The proxy key''s present name; null when it is gone';
comment on column reporting.costs.user_id is 'Who the call was made for, as the client named them; null: nobody was named';
comment on column reporting.costs.agent_id is 'Which agent made it, as the client named it; null: none was named';
comment on column reporting.costs.provider is 'Who was asked: openai, anthropic, moonshot';
comment on column reporting.costs.model is 'The model that was asked for';
comment on column reporting.costs.calls is 'Settled calls, refused ones included';
comment on column reporting.costs.errors is 'Calls that failed at the provider';
comment on column reporting.costs.refusals is 'Calls that were refused before the provider was asked';
comment on column reporting.costs.input_tokens is 'Tokens sent, cached ones included';
comment on column reporting.costs.cache_read_tokens is 'Of these, read from the provider''s cache';
comment on column reporting.costs.output_tokens is 'Tokens received, reasoning included';
comment on column reporting.costs.cost_usd is 'Dollars, to the tenth decimal';

create view reporting.daily_costs with (security_barrier) as
  select f.day, f.project_id, p.name as project, f.proxy_key_id, k.name as proxy_key, f.user_id, f.agent_id, f.provider,
    f.model, sum(f.calls)::bigint as calls, sum(f.errors)::bigint as errors, sum(f.refusals)::bigint as refusals,
    sum(f.input_tokens)::bigint as input_tokens, sum(f.cache_read_tokens)::bigint as cache_read_tokens,
    sum(f.output_tokens)::bigint as output_tokens, sum(f.cost_usd) as cost_usd
  from private.reporting_daily_facts f
  left join private.reporting_projects p on p.id = f.project_id
  left join private.reporting_proxy_keys k on k.id = f.proxy_key_id
  group by 1, 2, 3, 4, 5, 6, 7, 8, 9;
comment on view reporting.daily_costs is 'Sums of settled calls by day in the organization''s zone, and by everything that a call is attributed to but its tags.';
comment on column reporting.daily_costs.day is 'Calendar day in the organization''s time zone';
comment on column reporting.daily_costs.project_id is 'The project''s id';
comment on column reporting.daily_costs.project is 'The project''s present name; null when it is gone';
comment on column reporting.daily_costs.proxy_key_id is 'The proxy key''s id';
comment on column reporting.daily_costs.proxy_key is 'The proxy key''s present name; null when it is gone';
comment on column reporting.daily_costs.user_id is 'Who the call was made for, as the client named them; null: nobody was named';
comment on column reporting.daily_costs.agent_id is 'Which agent made it, as the client named it; null: none was named';
comment on column reporting.daily_costs.provider is 'Who was asked: openai, anthropic, moonshot';
comment on column reporting.daily_costs.model is 'The model that was asked for';
comment on column reporting.daily_costs.calls is 'Settled calls, refused ones included';
comment on column reporting.daily_costs.errors is 'Calls that failed at the provider';
comment on column reporting.daily_costs.refusals is 'Calls that were refused before the provider was asked';
comment on column reporting.daily_costs.input_tokens is 'Tokens sent, cached ones included';
comment on column reporting.daily_costs.cache_read_tokens is 'Of these, read from the provider''s cache';
comment on column reporting.daily_costs.output_tokens is 'Tokens received, reasoning included';
comment on column reporting.daily_costs.cost_usd is 'Dollars, to the tenth decimal';

create view reporting.project_costs with (security_barrier) as
  select f.day, f.key::uuid as project_id, p.name as project, sum(f.calls)::bigint as calls, sum(f.errors)::bigint as errors,
    sum(f.input_tokens)::bigint as input_tokens, sum(f.output_tokens)::bigint as output_tokens, sum(f.cost_usd) as cost_usd
  from private.reporting_daily_sums f
  left join private.reporting_projects p on p.id::text = f.key
  where f.dimension = 'project'
  group by f.day, f.key, p.name;
comment on view reporting.project_costs is 'What each project cost, by day.';
comment on column reporting.project_costs.day is 'Calendar day in the organization''s time zone';
comment on column reporting.project_costs.project_id is 'The project''s id';
comment on column reporting.project_costs.project is 'The project''s present name; null when it is gone';
comment on column reporting.project_costs.calls is 'Settled calls, refused ones included';
comment on column reporting.project_costs.errors is 'Calls that failed at the provider';
comment on column reporting.project_costs.input_tokens is 'Tokens sent, cached ones included';
comment on column reporting.project_costs.output_tokens is 'Tokens received, reasoning included';
comment on column reporting.project_costs.cost_usd is 'Dollars, to the tenth decimal';

create view reporting.proxy_key_costs with (security_barrier) as
  select f.day, f.key::uuid as proxy_key_id, k.name as proxy_key, k.project_id, sum(f.calls)::bigint as calls, sum(f.errors)::bigint as errors,
    sum(f.input_tokens)::bigint as input_tokens, sum(f.output_tokens)::bigint as output_tokens, sum(f.cost_usd) as cost_usd
  from private.reporting_daily_sums f
  left join private.reporting_proxy_keys k on k.id::text = f.key
  where f.dimension = 'proxy_key'
  group by f.day, f.key, k.name, k.project_id;
comment on view reporting.proxy_key_costs is 'What each proxy key cost, by day.';
comment on column reporting.proxy_key_costs.day is 'Calendar day in the organization''s time zone';
comment on column reporting.proxy_key_costs.proxy_key_id is 'The proxy key''s id';
comment on column reporting.proxy_key_costs.proxy_key is 'The proxy key''s present name; null when it is gone';
comment on column reporting.proxy_key_costs.project_id is 'The id of the project that it belongs to; null when the key is gone';
comment on column reporting.proxy_key_costs.calls is 'Settled calls, refused ones included';
comment on column reporting.proxy_key_costs.errors is 'Calls that failed at the provider';
comment on column reporting.proxy_key_costs.input_tokens is 'Tokens sent, cached ones included';
comment on column reporting.proxy_key_costs.output_tokens is 'Tokens received, reasoning included';
comment on column reporting.proxy_key_costs.cost_usd is 'Dollars, to the tenth decimal';

create view reporting.user_costs with (security_barrier) as
  select f.day, nullif(f.key, '') as user_id, sum(f.calls)::bigint as calls, sum(f.errors)::bigint as errors,
    sum(f.input_tokens)::bigint as input_tokens, sum(f.output_tokens)::bigint as output_tokens, sum(f.cost_usd) as cost_usd
  from private.reporting_daily_sums f
  where f.dimension = 'user'
  group by f.day, f.key;
comment on view reporting.user_costs is 'What each user cost, by day.';
comment on column reporting.user_costs.day is 'Calendar day in the organization''s time zone';
comment on column reporting.user_costs.user_id is 'Who the call was made for, as the client named them; null: nobody was named';
comment on column reporting.user_costs.calls is 'Settled calls, refused ones included';
comment on column reporting.user_costs.errors is 'Calls that failed at the provider';
comment on column reporting.user_costs.input_tokens is 'Tokens sent, cached ones included';
comment on column reporting.user_costs.output_tokens is 'Tokens received, reasoning included';
comment on column reporting.user_costs.cost_usd is 'Dollars, to the tenth decimal';

create view reporting.agent_costs with (security_barrier) as
  select f.day, nullif(f.key, '') as agent_id, sum(f.calls)::bigint as calls, sum(f.errors)::bigint as errors,
    sum(f.input_tokens)::bigint as input_tokens, sum(f.output_tokens)::bigint as output_tokens, sum(f.cost_usd) as cost_usd
  from private.reporting_daily_sums f
  where f.dimension = 'agent'
  group by f.day, f.key;
comment on view reporting.agent_costs is 'What each agent cost, by day.';
comment on column reporting.agent_costs.day is 'Calendar day in the organization''s time zone';
comment on column reporting.agent_costs.agent_id is 'Which agent made it, as the client named it; null: none was named';
comment on column reporting.agent_costs.calls is 'Settled calls, refused ones included';
comment on column reporting.agent_costs.errors is 'Calls that failed at the provider';
comment on column reporting.agent_costs.input_tokens is 'Tokens sent, cached ones included';
comment on column reporting.agent_costs.output_tokens is 'Tokens received, reasoning included';
comment on column reporting.agent_costs.cost_usd is 'Dollars, to the tenth decimal';

create view reporting.model_costs with (security_barrier) as
  select f.day, nullif(split_part(f.key, '/', 1), '') as provider, nullif(substr(f.key, strpos(f.key, '/') + 1), '') as model,
    sum(f.calls)::bigint as calls, sum(f.errors)::bigint as errors,
    sum(f.input_tokens)::bigint as input_tokens, sum(f.output_tokens)::bigint as output_tokens, sum(f.cost_usd) as cost_usd
  from private.reporting_daily_sums f
  where f.dimension = 'model'
  group by f.day, f.key;
comment on view reporting.model_costs is 'What each model cost, by day.';
comment on column reporting.model_costs.day is 'Calendar day in the organization''s time zone';
comment on column reporting.model_costs.provider is 'Who was asked: openai, anthropic, moonshot';
comment on column reporting.model_costs.model is 'The model that was asked for';
comment on column reporting.model_costs.calls is 'Settled calls, refused ones included';
comment on column reporting.model_costs.errors is 'Calls that failed at the provider';
comment on column reporting.model_costs.input_tokens is 'Tokens sent, cached ones included';
comment on column reporting.model_costs.output_tokens is 'Tokens received, reasoning included';
comment on column reporting.model_costs.cost_usd is 'Dollars, to the tenth decimal';

create view reporting.tag_costs with (security_barrier) as
  select f.day, f.key as tag, sum(f.calls)::bigint as calls, sum(f.errors)::bigint as errors,
    sum(f.input_tokens)::bigint as input_tokens, sum(f.output_tokens)::bigint as output_tokens, sum(f.cost_usd) as cost_usd
  from private.reporting_daily_sums f
  where f.dimension = 'tag' and f.key <> ''
  group by f.day, f.key;
comment on view reporting.tag_costs is 'What calls with each tag cost, by day. A call with two tags counts at both.';
comment on column reporting.tag_costs.day is 'Calendar day in the organization''s time zone';
comment on column reporting.tag_costs.tag is 'The label';
comment on column reporting.tag_costs.calls is 'Settled calls, refused ones included';
comment on column reporting.tag_costs.errors is 'Calls that failed at the provider';
comment on column reporting.tag_costs.input_tokens is 'Tokens sent, cached ones included';
comment on column reporting.tag_costs.output_tokens is 'Tokens received, reasoning included';
comment on column reporting.tag_costs.cost_usd is 'Dollars, to the tenth decimal';

create view reporting.latencies with (security_barrier) as
  select l.bucket_at as at, round(10 * 1.25 ^ l.latency_bucket, 1) as from_ms, round(10 * 1.25 ^ (l.latency_bucket + 1), 1) as to_ms, l.calls
  from public.usage_latency_rollups l
  where l.organization_id = (select o.id from private.reporting_organization o)
    and l.bucket_at >= (select o.visible_from from private.reporting_organization o);
comment on view reporting.latencies is 'How many succeeded calls took how long, by quarter hour. Up to some seconds behind.';
comment on column reporting.latencies.at is 'Start of the quarter hour';
comment on column reporting.latencies.from_ms is 'At least so many milliseconds';
comment on column reporting.latencies.to_ms is 'Less than so many';
comment on column reporting.latencies.calls is 'Succeeded calls';

create view reporting.daily_latencies with (security_barrier) as
  select f.day, round(10 * 1.25 ^ f.latency_bucket, 1) as from_ms, round(10 * 1.25 ^ (f.latency_bucket + 1), 1) as to_ms,
    sum(f.calls)::bigint as calls
  from (
    select s.day, s.latency_bucket, s.calls from public.usage_latency_sums s
    where s.organization_id = (select o.id from private.reporting_organization o where o.has_days) and s.span_days = 1
      and s.day >= (select (o.visible_from at time zone o.time_zone)::date from private.reporting_organization o)
    union all
    select (u.bucket_at at time zone (select o.time_zone from private.reporting_organization o))::date, u.latency_bucket,
      u.calls
    from (
      select organization_id, bucket_at, latency_bucket, calls from private.usage_deltas where latency_bucket is not null
      union all
      select organization_id, bucket_at, latency_bucket, calls from public.usage_latency_rollups
      where not (select o.has_days from private.reporting_organization o)
    ) u
    where u.organization_id = (select o.id from private.reporting_organization o)
      and u.bucket_at >= (select o.visible_from from private.reporting_organization o)
  ) f
  group by f.day, f.latency_bucket;
comment on view reporting.daily_latencies is 'How many succeeded calls took how long, by day.';
comment on column reporting.daily_latencies.day is 'Calendar day in the organization''s time zone';
comment on column reporting.daily_latencies.from_ms is 'At least so many milliseconds';
comment on column reporting.daily_latencies.to_ms is 'Less than so many';
comment on column reporting.daily_latencies.calls is 'Succeeded calls';

create view reporting.budgets with (security_barrier) as
  select b.id, b.scope, b.scope_id,
    coalesce(p.name, k.name, case when b.scope in ('user', 'agent', 'tag') then b.scope_id end) as scope_name,
    b.period, b.mode, b.limit_usd, b.spent_usd, b.held_usd, greatest(b.limit_usd - b.spent_usd - b.held_usd, 0) as left_usd,
    nullif(b.window_start, '-infinity') as window_start, nullif(b.window_end, 'infinity') as window_end, b.raised_until,
    b.created_at
  from public.budgets b
  left join private.reporting_projects p on b.scope = 'project' and p.id::text = b.scope_id
  left join private.reporting_proxy_keys k on b.scope = 'proxy_key' and k.id::text = b.scope_id
  where b.organization_id = (select o.id from private.reporting_organization o);
comment on view reporting.budgets is 'Limits of spending as they stand now.';
comment on column reporting.budgets.id is 'The budget''s id';
comment on column reporting.budgets.scope is 'What it binds: organization, project, proxy_key, user, agent, tag';
comment on column reporting.budgets.scope_id is 'Which one';
comment on column reporting.budgets.scope_name is 'Its name';
comment on column reporting.budgets.period is 'day, week, month or total';
comment on column reporting.budgets.mode is 'hard refuses, soft warns';
comment on column reporting.budgets.limit_usd is 'Dollars that may be spent in the period';
comment on column reporting.budgets.spent_usd is 'Dollars spent in it';
comment on column reporting.budgets.held_usd is 'Dollars held for calls in flight';
comment on column reporting.budgets.left_usd is 'Dollars left';
comment on column reporting.budgets.window_start is 'When the period began; null: always';
comment on column reporting.budgets.window_end is 'When it ends; null: never';
comment on column reporting.budgets.raised_until is 'While the limit is raised for a time: until when';
comment on column reporting.budgets.created_at is 'When it was made';

create view reporting.budget_warnings with (security_barrier) as
  select w.created_at, w.budget_id, w.percent, w.spent_usd, w.limit_usd, nullif(w.window_start, '-infinity') as window_start
  from public.budget_warnings w
  where w.organization_id = (select o.id from private.reporting_organization o);
comment on view reporting.budget_warnings is 'That a budget passed a percentage that it warns at.';
comment on column reporting.budget_warnings.created_at is 'When';
comment on column reporting.budget_warnings.budget_id is 'The budget''s id';
comment on column reporting.budget_warnings.percent is 'Percent of the limit';
comment on column reporting.budget_warnings.spent_usd is 'Dollars spent by then';
comment on column reporting.budget_warnings.limit_usd is 'The limit by then';
comment on column reporting.budget_warnings.window_start is 'When that period began';

create view reporting.projects with (security_barrier) as
  select id, name, description, created_at, archived_at from private.reporting_projects;
comment on view reporting.projects is 'Applications and services that use AI.';
comment on column reporting.projects.id is 'The project''s id';
comment on column reporting.projects.name is 'Its name';
comment on column reporting.projects.description is 'What it is';
comment on column reporting.projects.created_at is 'When it was made';
comment on column reporting.projects.archived_at is 'When it was archived; null: it is in use';

create view reporting.proxy_keys with (security_barrier) as
  select k.id, k.name, k.project_id, p.name as project, k.allowed_models, k.created_at, k.last_used_at, k.expires_at, k.revoked_at
  from private.reporting_proxy_keys k join private.reporting_projects p on p.id = k.project_id;
comment on view reporting.proxy_keys is 'Keys that applications call with, revoked ones included.';
comment on column reporting.proxy_keys.id is 'The proxy key''s id';
comment on column reporting.proxy_keys.name is 'Its name';
comment on column reporting.proxy_keys.project_id is 'The project''s id';
comment on column reporting.proxy_keys.project is 'The project''s name';
comment on column reporting.proxy_keys.allowed_models is 'Models it may call; null: any';
comment on column reporting.proxy_keys.created_at is 'When it was made';
comment on column reporting.proxy_keys.last_used_at is 'When it was last used; null: never';
comment on column reporting.proxy_keys.expires_at is 'When it ends; null: never';
comment on column reporting.proxy_keys.revoked_at is 'When it was revoked; null: it was not';

create view reporting.members with (security_barrier) as
  select m.user_id as id, f.email, f.full_name, m.role, m.created_at as joined_at
  from public.organization_members m
  -- The offset keeps it a look for each member, so that nobody learns who else has an account.
  cross join lateral (
    select p.email, p.full_name from public.profiles p where p.user_id = m.user_id offset 0
  ) f
  where m.organization_id = (select o.id from private.reporting_organization o);
comment on view reporting.members is 'People of the organization.';
comment on column reporting.members.id is 'The person''s id';
comment on column reporting.members.email is 'Their address';
comment on column reporting.members.full_name is 'Their name';
comment on column reporting.members.role is 'owner, admin or member';
comment on column reporting.members.joined_at is 'Since when';

create view reporting.audit_log with (security_barrier) as
  select a.created_at, a.actor_email, a.action, a.subject_type, a.subject_id, a.before, a.after
  from public.audit_log a
  where a.organization_id = (select o.id from private.reporting_organization o)
    and a.created_at >= (select o.visible_from from private.reporting_organization o);
comment on view reporting.audit_log is 'Who changed what.';
comment on column reporting.audit_log.created_at is 'When';
comment on column reporting.audit_log.actor_email is 'Who; null: nobody of the organization';
comment on column reporting.audit_log.action is 'What was done';
comment on column reporting.audit_log.subject_type is 'To what kind of thing';
comment on column reporting.audit_log.subject_id is 'Its id';
comment on column reporting.audit_log.before is 'As it was';
comment on column reporting.audit_log.after is 'As it is since';

create view reporting.model_prices with (security_barrier) as
  select p.provider, p.model, p.service_tier, p.valid_from, p.input_usd_per_mtok, p.cache_read_usd_per_mtok,
    p.cache_write_5m_usd_per_mtok, p.cache_write_1h_usd_per_mtok, p.output_usd_per_mtok, p.media_rates,
    p.organization_id is not null as is_own
  from public.model_prices p
  where not p.is_superseded and exists (select from private.reporting_organization)
    and (p.organization_id is null or p.organization_id = (select o.id from private.reporting_organization o));
comment on view reporting.model_prices is 'Dated list prices; a row holds until the next one of the same model and tier.';
comment on column reporting.model_prices.provider is 'Who sells it';
comment on column reporting.model_prices.model is 'The model''s name';
comment on column reporting.model_prices.service_tier is 'The provider''s tier';
comment on column reporting.model_prices.valid_from is 'From when on';
comment on column reporting.model_prices.input_usd_per_mtok is 'Dollars per million input tokens';
comment on column reporting.model_prices.cache_read_usd_per_mtok is 'Per million read from cache; null: as input';
comment on column reporting.model_prices.cache_write_5m_usd_per_mtok is 'Per million written to cache for five minutes; null: as input';
comment on column reporting.model_prices.cache_write_1h_usd_per_mtok is 'Per million written to cache for an hour; null: as for five minutes';
comment on column reporting.model_prices.output_usd_per_mtok is 'Dollars per million output tokens';
comment on column reporting.model_prices.media_rates is 'What is not text: images and audio in dollars per million tokens, audio_hour in dollars';
comment on column reporting.model_prices.is_own is 'A price of the organization''s own, which goes before the list''s';

grant select on all tables in schema reporting to reporting;

create function public.describe_reporting_views()
  returns table (view_name text, view_comment text, column_name text, column_type text, column_comment text)
  language sql stable set search_path = '' as $$
  select c.relname::text, obj_description(c.oid, 'pg_class'), a.attname::text, format_type(a.atttypid, a.atttypmod),
    col_description(c.oid, a.attnum)
  from pg_catalog.pg_class c
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relnamespace = (select n.oid from pg_catalog.pg_namespace n where n.nspname = 'reporting') and c.relkind = 'v'
  order by c.oid, a.attnum
$$;
comment on function public.describe_reporting_views is 'The views of schema reporting and their columns, for whoever writes queries.';
grant execute on function public.describe_reporting_views to authenticated;

-- § Logins -----------------------------------------------------------------------------------------------------

create table public.reporting_logins (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  name text not null,
  role_name name not null references private.reporting_roles (role_name) on delete cascade,
  -- As clients write it, with what a pooler wants to have behind it.
  username text not null,
  created_by uuid references public.profiles (user_id) on delete set null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  constraint reporting_logins_role_unique unique (role_name),
  constraint reporting_logins_name_length check (char_length(btrim(name)) between 1 and 100)
);
comment on table public.reporting_logins is 'SQL logins that admins made. The password was shown once; Postgres has its verifier.';
create index reporting_logins_organization_index on public.reporting_logins (organization_id, created_at desc);
create index reporting_logins_created_by_index on public.reporting_logins (created_by);
create trigger reporting_logins_audit after insert or update or delete on public.reporting_logins
  for each row execute function private.on_audited_change('reporting_login', 'last_used_at');
alter table public.reporting_logins enable row level security;
create policy "admins read reporting logins" on public.reporting_logins
  for select to authenticated using (organization_id in (select private.organizations_where_i_am('admin')));
grant select on public.reporting_logins to authenticated;

create function public.create_reporting_login(organization_id uuid, name text)
  returns table (id uuid, username text, password text, host text, port int, database text)
  -- definer: makes a database role
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  connections constant int := 4;
  most_logins constant int := 10;
  new_password constant text := private.random_token();
  new_role name;
  login public.reporting_logins;
  settings private.reporting_settings;
begin
  -- The role is asked under the lock, so that no login outlives a removal that is under way.
  perform from public.organizations o where o.id = create_reporting_login.organization_id for no key update;
  perform private.require_role(create_reporting_login.organization_id, 'admin');
  if coalesce(char_length(btrim(create_reporting_login.name)), 0) not between 1 and 100 then
    perform private.refuse(400, 'name_invalid');
  end if;
  -- The lock makes two that are made at once see each other, whoever's they are.
  select * into settings from private.reporting_settings for update;
  if settings.host is null then
    perform private.refuse(503, 'reporting_unavailable');
  end if;
  if (select count(*) from public.reporting_logins l where l.organization_id = create_reporting_login.organization_id)
      >= most_logins then
    perform private.refuse(409, 'too_many_reporting_logins', jsonb_build_object('limit', most_logins));
  end if;
  if (select coalesce(sum(r.connections), 0) from private.reporting_roles r where r.key_id is null) + connections
      > settings.most_connections then
    perform private.refuse(503, 'reporting_connections_exhausted');
  end if;
  new_role := private.create_reporting_role(create_reporting_login.organization_id,
    private.scram_verifier(new_password), connections);
  insert into public.reporting_logins (organization_id, name, role_name, username, created_by)
  values (create_reporting_login.organization_id, btrim(create_reporting_login.name), new_role,
    new_role || settings.username_suffix, auth.uid())
  returning * into login;
  return query select login.id, login.username, new_password, settings.host, settings.port, settings.database;
end $$;
comment on function public.create_reporting_login is 'A read-only SQL login that sees this organization alone. The password is answered this once.';

create function public.revoke_reporting_login(id uuid) returns void
  -- definer: drops a database role
  language plpgsql security definer set search_path = '' as $$
declare
  login public.reporting_logins;
begin
  select * into login from public.reporting_logins l
  where l.id = revoke_reporting_login.id and l.organization_id in (select private.my_organization_ids());
  if not found then
    perform private.refuse(404, 'reporting_login_not_found');
  end if;
  perform private.require_role(login.organization_id, 'admin');
  delete from private.reporting_roles r where r.role_name = login.role_name;
end $$;
comment on function public.revoke_reporting_login is 'Ends the login''s connections and drops it. There is no way back.';

create function private.on_organization_members_delete_logins() returns trigger
  -- definer: drops database roles
  language plpgsql security definer set search_path = '' as $$
begin
  -- One that is being made is there after this.
  perform from public.organizations o where o.id = old.organization_id for no key update;
  delete from private.reporting_roles r using public.reporting_logins l
  where l.role_name = r.role_name and l.organization_id = old.organization_id and l.created_by = old.user_id;
  return null;
end $$;
comment on function private.on_organization_members_delete_logins is 'Whoever leaves has seen the passwords of the logins that they made.';
create trigger organization_members_delete_logins after delete on public.organization_members
  for each row execute function private.on_organization_members_delete_logins();

create function private.on_profiles_delete_logins() returns trigger
  -- definer: drops database roles
  language plpgsql security definer set search_path = '' as $$
begin
  -- As when they leave, the organizations first.
  perform from public.organizations o
  where o.id in (select m.organization_id from public.organization_members m where m.user_id = old.user_id)
  order by o.id for no key update;
  delete from private.reporting_roles r using public.reporting_logins l
  where l.role_name = r.role_name and l.created_by = old.user_id;
  return old;
end $$;
comment on function private.on_profiles_delete_logins is 'The logins of a person who is deleted, while it is known which they made: memberships go after that is forgotten.';
create trigger profiles_delete_logins before delete on public.profiles
  for each row execute function private.on_profiles_delete_logins();

create function public.administer_reports(organization_id uuid) returns void
  language sql set search_path = '' as $$
  select private.require_role(organization_id, 'admin')
$$;
comment on function public.administer_reports is 'Nothing, to an admin; 404 and 403 otherwise. functions/reporting asks before it runs a query.';

create function public.open_in_app_reporting_role(organization_id uuid, key_id text, verifier text) returns text
  -- definer: makes a database role
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  connections constant int := 3;
  known private.reporting_roles;
begin
  -- All organizations' reports together leave connections to everything else.
  if (select count(*) from pg_catalog.pg_stat_activity a join private.reporting_roles r on r.role_name = a.usename
      where r.key_id is not null) >= (select s.most_connections / 2 from private.reporting_settings s) then
    perform private.refuse(429, 'reports_busy');
  end if;
  select * into known from private.reporting_roles r
  where r.organization_id = open_in_app_reporting_role.organization_id and r.key_id is not null;
  if known.key_id = open_in_app_reporting_role.key_id then
    return known.role_name;
  end if;
  -- Two first uses at once make one role.
  perform from public.organizations o where o.id = open_in_app_reporting_role.organization_id for no key update;
  if not found then
    perform private.refuse(404, 'organization_not_found');
  end if;
  select * into known from private.reporting_roles r
  where r.organization_id = open_in_app_reporting_role.organization_id and r.key_id is not null;
  if known.role_name is null then
    known.role_name := private.create_reporting_role(open_in_app_reporting_role.organization_id,
      open_in_app_reporting_role.verifier, connections, open_in_app_reporting_role.key_id);
  elsif known.key_id <> open_in_app_reporting_role.key_id then
    execute format('alter role %I password %L', known.role_name, open_in_app_reporting_role.verifier);
    update private.reporting_roles r set key_id = open_in_app_reporting_role.key_id where r.role_name = known.role_name;
  end if;
  return known.role_name;
end $$;
comment on function public.open_in_app_reporting_role is 'For functions/reporting with the service role: the role that the Reports page works with, made at its first use.';

create function public.cancel_report(organization_id uuid, run_id uuid) returns boolean
  -- definer: ends another session
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  perform private.require_role(cancel_report.organization_id, 'admin');
  return coalesce((select bool_or(pg_terminate_backend(a.pid))
    from pg_catalog.pg_stat_activity a join private.reporting_roles r on r.role_name = a.usename
    where r.organization_id = cancel_report.organization_id and r.key_id is not null
      and a.application_name = 'report ' || cancel_report.run_id), false);
end $$;
comment on function public.cancel_report is 'Ends a query that the Reports page runs; false when it is over already.';

grant execute on function public.create_reporting_login, public.revoke_reporting_login, public.administer_reports,
  public.cancel_report to authenticated;

-- § Saved reports ----------------------------------------------------------------------------------------------

create table public.saved_reports (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  name text not null,
  query text not null,
  chart text not null default 'none',
  created_by uuid default auth.uid() references public.profiles (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint saved_reports_name_length check (char_length(btrim(name)) between 1 and 100),
  constraint saved_reports_query_length check (char_length(btrim(query)) between 1 and 20000),
  constraint saved_reports_chart_known check (chart in ('none', 'bars', 'lines'))
);
comment on table public.saved_reports is 'Queries over the views of schema reporting that admins keep, and how they are drawn.';
create index saved_reports_organization_index on public.saved_reports (organization_id, created_at desc);
create index saved_reports_created_by_index on public.saved_reports (created_by);
create trigger saved_reports_touch before update on public.saved_reports
  for each row execute function private.touch_updated_at();
create trigger saved_reports_audit after insert or update or delete on public.saved_reports
  for each row execute function private.on_audited_change('saved_report');
alter table public.saved_reports enable row level security;
create policy "admins read saved reports" on public.saved_reports
  for select to authenticated using (organization_id in (select private.organizations_where_i_am('admin')));
create policy "admins create saved reports" on public.saved_reports
  for insert to authenticated with check (organization_id in (select private.organizations_where_i_am('admin')));
create policy "admins change saved reports" on public.saved_reports
  for update to authenticated
  using (organization_id in (select private.organizations_where_i_am('admin')))
  with check (organization_id in (select private.organizations_where_i_am('admin')));
create policy "admins delete saved reports" on public.saved_reports
  for delete to authenticated using (organization_id in (select private.organizations_where_i_am('admin')));
grant select, insert (organization_id, name, query, chart), update (name, query, chart), delete
  on public.saved_reports to authenticated;

-- § The watchdog -----------------------------------------------------------------------------------------------

create function private.end_reporting_offenders() returns int
  language plpgsql set search_path = '' as $$
declare
  settings private.reporting_settings;
  ended int;
begin
  select * into settings from private.reporting_settings;
  select count(*) filter (where pg_terminate_backend(a.pid)) into ended
  from pg_catalog.pg_stat_activity a left join private.reporting_roles r on r.role_name = a.usename
  where a.backend_type = 'client backend' and (
    -- Its role was dropped a moment ago.
    (a.usesysid <> 0 and a.usename is null)
    or (r.role_name is not null and (
      a.datname <> current_database()
      or clock_timestamp() - a.xact_start > make_interval(secs => settings.longest_seconds)
      -- A block may commit as it goes: each of its transactions is young.
      or (a.state not like 'idle%' and clock_timestamp() - a.query_start > make_interval(secs => settings.longest_seconds))
      or (a.state like 'idle in transaction%' and clock_timestamp() - a.state_change > interval '10 seconds')
      or exists (select from pg_catalog.pg_locks l where l.pid = a.pid and l.locktype = 'advisory'))));
  -- Anyone may change their own defaults.
  perform private.set_reporting_defaults(r.role_name)
  from private.reporting_roles r join pg_catalog.pg_roles o on o.rolname = r.role_name
  left join pg_catalog.pg_db_role_setting here on here.setrole = o.oid and here.setdatabase <> 0
  left join pg_catalog.pg_db_role_setting everywhere on everywhere.setrole = o.oid and everywhere.setdatabase = 0
  where here.setrole is not null or everywhere.setconfig is distinct from private.reporting_defaults();
  -- Anyone may make large objects; nobody here has a use for them.
  perform lo_unlink(m.oid)
  from pg_catalog.pg_largeobject_metadata m
  join pg_catalog.pg_roles o on o.oid = m.lomowner
  join private.reporting_roles r on r.role_name = o.rolname;
  return ended;
end $$;
comment on function private.end_reporting_offenders is 'Ends what SQL logins let run, wait or lock for too long, whatever they set, and takes back what they set and made; answers how many sessions.';

create function private.note_reporting_use() returns int
  language plpgsql set search_path = '' as $$
declare
  used int;
begin
  with counted as (
    select r.role_name, r.statements as known, coalesce(sum(s.calls), 0) as statements
    from private.reporting_roles r
    left join extensions.pg_stat_statements(false) s on s.userid = to_regrole(r.role_name::text)
    group by r.role_name
  ), moved as (
    -- Fewer than before: the statistics were reset, or forgot the rarest.
    update private.reporting_roles r set statements = c.statements
    from counted c where c.role_name = r.role_name and c.statements <> c.known
    returning r.role_name, c.statements > c.known as is_used
  )
  update public.reporting_logins l set last_used_at = now()
  from moved m where m.role_name = l.role_name and m.is_used;
  get diagnostics used = row_count;
  return used;
end $$;
comment on function private.note_reporting_use is 'Notes which SQL logins ran statements since it last looked; answers how many.';

select cron.schedule('end-reporting-offenders', '5 seconds', 'select private.end_reporting_offenders()');
select cron.schedule('note-reporting-use', '* * * * *', 'select private.note_reporting_use()');
