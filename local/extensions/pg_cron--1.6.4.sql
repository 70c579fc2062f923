\echo Use "CREATE EXTENSION pg_cron" to load this file. \quit

create schema cron;

create table cron.job (
  jobid bigserial primary key,
  schedule text not null,
  command text not null,
  nodename text not null default 'localhost',
  nodeport int not null default coalesce(inet_server_port(), 5432),
  database text not null default current_database(),
  username text not null default current_user,
  active boolean not null default true,
  jobname text,
  constraint jobname_username_uniq unique (jobname, username)
);
alter table cron.job enable row level security;
create policy cron_job_policy on cron.job using (username = current_user);

create table cron.job_run_details (
  jobid bigint,
  runid bigserial primary key,
  job_pid int,
  database text,
  username text,
  command text,
  status text,
  return_message text,
  start_time timestamptz,
  end_time timestamptz
);
alter table cron.job_run_details enable row level security;
create policy cron_job_run_details_policy on cron.job_run_details using (username = current_user);

create function cron._notify_worker() returns trigger
language plpgsql set search_path = '' as $$
begin
  perform pg_notify('pg_cron', '');
  return null;
end $$;

create trigger job_change after insert or update or delete or truncate on cron.job
  for each statement execute function cron._notify_worker();

-- One field of a cron expression: lists of *, n, n-m and names, each with an optional /step.
create function cron._is_field(field text, lowest int, highest int, names text[]) returns boolean
language plpgsql immutable set search_path = '' as $$
declare
  part text;
  bounds text[];
  bound text;
  bound_number int;
begin
  foreach part in array string_to_array(lower(field), ',') loop
    if part !~ '^(\*|[a-z0-9]+(-[a-z0-9]+)?)(/[1-9][0-9]{0,3})?$' then
      return false;
    end if;
    bounds := string_to_array(split_part(part, '/', 1), '-');
    foreach bound in array bounds loop
      continue when bound = '*' or bound = any (names);
      if bound !~ '^[0-9]{1,4}$' then
        return false;
      end if;
      bound_number := bound::int;
      if bound_number < lowest or bound_number > highest then
        return false;
      end if;
    end loop;
  end loop;
  return coalesce(array_length(string_to_array(field, ','), 1), 0) > 0;
end $$;

create function cron._check_schedule(schedule text) returns void
language plpgsql immutable set search_path = '' as $$
declare
  trimmed text := lower(btrim(schedule, E' \t\n'));
  fields text[] := regexp_split_to_array(trimmed, '\s+');
begin
  if trimmed ~ '^([1-9]|[1-5][0-9]) seconds?$'
    or trimmed in ('@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly') then
    return;
  end if;
  if coalesce(array_length(fields, 1), 0) <> 5
    or not cron._is_field(fields[1], 0, 59, '{}')
    or not cron._is_field(fields[2], 0, 23, '{}')
    or not (fields[3] = '$' or cron._is_field(fields[3], 1, 31, '{}'))
    or not cron._is_field(fields[4], 1, 12, '{jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec}')
    or not cron._is_field(fields[5], 0, 7, '{sun,mon,tue,wed,thu,fri,sat}') then
    raise exception 'invalid schedule: %', schedule
      using errcode = 'invalid_parameter_value', hint = 'Use cron format (e.g. 5 4 * * *), or interval format ''[1-59] seconds''';
  end if;
end $$;

-- The owner of the tables writes them, in the name of a role that the caller is or could become.
create function cron._save_job(
  job_name text, schedule text, command text, database text, username text, active boolean, caller text
) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  saved_id bigint;
begin
  if not (pg_has_role(session_user, caller, 'member') and pg_has_role(caller, username, 'member')) then
    raise exception 'permission denied to schedule a job for role %', username using errcode = 'insufficient_privilege';
  end if;
  perform cron._check_schedule(schedule);
  insert into cron.job as job (schedule, command, database, username, active, jobname)
  values (schedule, command, database, username, active, job_name)
  on conflict on constraint jobname_username_uniq do update
    set schedule = excluded.schedule, command = excluded.command, database = excluded.database, active = excluded.active
  returning job.jobid into saved_id;
  return saved_id;
end $$;

create function cron.schedule(schedule text, command text) returns bigint
language sql set search_path = '' as $$
  select cron._save_job(null, schedule, command, current_database(), current_user, true, current_user)
$$;

create function cron.schedule(job_name text, schedule text, command text) returns bigint
language sql set search_path = '' as $$
  select cron._save_job(job_name, schedule, command, current_database(), current_user, true, current_user)
$$;

create function cron.schedule_in_database(
  job_name text, schedule text, command text, database text, username text default null, active boolean default true
) returns bigint
language sql set search_path = '' as $$
  select cron._save_job(
    job_name, schedule, command, database, coalesce(username, current_user), active, current_user)
$$;

create function cron._delete_job(job_id bigint, job_name text, caller text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  if not pg_has_role(session_user, caller, 'member') then
    raise exception 'permission denied' using errcode = 'insufficient_privilege';
  end if;
  delete from cron.job as job
  where job.username = caller and (job.jobid = job_id or job.jobname = job_name);
  if not found then
    raise exception 'could not find valid entry for job ''%''', coalesce(job_name, job_id::text);
  end if;
  return true;
end $$;

create function cron.unschedule(job_id bigint) returns boolean
language sql set search_path = '' as 'select cron._delete_job(job_id, null, current_user)';

create function cron.unschedule(job_name text) returns boolean
language sql set search_path = '' as 'select cron._delete_job(null, job_name, current_user)';

create function cron._alter_job(
  job_id bigint, new_schedule text, new_command text, new_database text, new_username text, new_active boolean, caller text
) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if not pg_has_role(session_user, caller, 'member')
    or (new_username is not null and not pg_has_role(caller, new_username, 'member')) then
    raise exception 'permission denied to alter job %', job_id using errcode = 'insufficient_privilege';
  end if;
  if new_schedule is not null then
    perform cron._check_schedule(new_schedule);
  end if;
  update cron.job as job set
    schedule = coalesce(new_schedule, job.schedule),
    command = coalesce(new_command, job.command),
    database = coalesce(new_database, job.database),
    username = coalesce(new_username, job.username),
    active = coalesce(new_active, job.active)
  where job.jobid = job_id and job.username = caller;
  if not found then
    raise exception 'Job % does not exist or you don''t own it', job_id;
  end if;
end $$;

create function cron.alter_job(
  job_id bigint, schedule text default null, command text default null, database text default null,
  username text default null, active boolean default null
) returns void
language sql set search_path = '' as $$
  select cron._alter_job(job_id, schedule, command, database, username, active, current_user)
$$;

grant usage on schema cron to postgres with grant option;
grant select on cron.job to postgres with grant option;
grant select, delete on cron.job_run_details to postgres with grant option;
