-- Retention: after 90 days the ledger's rows go to a storage bucket, in numbered parts per organization and month, and
-- their month is dropped. Rollups stay. Archives go after two years, and with their organization.
--
-- functions/gateway/jobs/archive-calls moves the bytes; what is due, what was written and whether it is complete is
-- decided here. A month is dropped only when every row of it is in a part whose count and sum were compared.

-- § Archives ---------------------------------------------------------------------------------------------------

insert into storage.buckets (id, name, public) values ('usage-archives', 'usage-archives', false);

create table public.usage_archives (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  -- Its first day (UTC), by settled_at.
  month date not null,
  part int not null,
  path text not null,
  calls int not null,
  cost_usd numeric(20, 10) not null,
  first_call_at timestamptz not null,
  last_call_at timestamptz not null,
  last_call_id uuid not null,
  bytes bigint not null,
  sha256 text not null,
  created_at timestamptz not null default now(),
  constraint usage_archives_part_unique unique (organization_id, month, part),
  constraint usage_archives_path_unique unique (path),
  constraint usage_archives_is_sha256 check (sha256 ~ '^[0-9a-f]{64}$')
);
comment on table public.usage_archives is 'Parts of the ledger in the bucket usage-archives: gzipped lines of JSON, one a call, in the order of created_at and id.';
alter table public.usage_archives enable row level security;
create policy "admins read archives as far back as their plan shows" on public.usage_archives
  for select to authenticated using (organization_id in (select private.organizations_where_i_am('admin'))
    and first_call_at >= ((select private.my_history_starts()) ->> organization_id::text)::timestamptz);
grant select on public.usage_archives to authenticated, service_role;

create view public.usage_archive_months with (security_invoker = true) as
  select organization_id, month, count(*)::int as parts, sum(calls)::bigint as calls, sum(cost_usd) as cost_usd,
    sum(bytes)::bigint as bytes
  from public.usage_archives group by organization_id, month;
comment on view public.usage_archive_months is 'What is archived, by month.';
grant select on public.usage_archive_months to authenticated;

-- Who may see a part may load it.
create policy "admins download archives" on storage.objects
  for select to authenticated using (bucket_id = 'usage-archives' and name in (select path from public.usage_archives));

create table private.stale_objects (
  bucket_id text not null,
  path text not null,
  remove_after timestamptz not null default now(),
  primary key (bucket_id, path)
);
comment on table private.stale_objects is 'Stored objects that are to go: of archives and images that are no more, and, after an hour, of parts that were begun and never recorded. Functions remove them: rows of storage.objects alone would leave the bytes.';
alter table private.stale_objects enable row level security;

create function private.on_usage_archives_delete() returns trigger
  -- definer: nobody writes the list directly
  language plpgsql security definer set search_path = '' as $$
begin
  insert into private.stale_objects (bucket_id, path) values ('usage-archives', old.path)
  on conflict (bucket_id, path) do update set remove_after = excluded.remove_after;
  return null;
end $$;
create trigger usage_archives_delete after delete on public.usage_archives
  for each row execute function private.on_usage_archives_delete();

create table private.archive_tasks (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  month date not null,
  attempts int not null default 0,
  lease_until timestamptz,
  done_at timestamptz,
  primary key (organization_id, month)
);
comment on table private.archive_tasks is 'An organization''s month that is to be archived. attempts tells the one who holds the lease from those before.';
alter table private.archive_tasks enable row level security;

create function private.usage_partition(month date) returns text
  language plpgsql immutable set search_path = '' as $$
begin
  return 'ai_usage_' || to_char(month, 'YYYY_MM');
end $$;

create function private.old_usage_months(at timestamptz) returns setof date
  language plpgsql stable set search_path = '' as $$
begin
  return query
    select m.month from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
    cross join lateral (select to_date(substr(c.relname, 10), 'YYYY_MM') as month) m
    where i.inhparent = 'public.ai_usage'::regclass and c.relname ~ '^ai_usage_\d{4}_\d{2}$'
      and (m.month + interval '1 month') at time zone 'UTC' <= at - interval '90 days'
    order by 1;
end $$;
comment on function private.old_usage_months is 'The months of the ledger whose rows are all older than 90 days.';

create function public.claim_archive(at timestamptz default now())
  returns table (organization_id uuid, month date, attempt int)
  -- definer: nobody reads or writes the months directly
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  old_month date;
begin
  -- A month that is over so long gets no more calls: whose it has is found out once.
  for old_month in
    select m from private.old_usage_months(at) m where not exists (select from private.archive_tasks t where t.month = m)
  loop
    execute format('insert into private.archive_tasks (organization_id, month)
      select distinct u.organization_id, $1 from private.%I u join public.organizations o on o.id = u.organization_id
      on conflict do nothing', private.usage_partition(old_month)) using old_month;
  end loop;
  return query
    update private.archive_tasks t set attempts = t.attempts + 1, lease_until = clock_timestamp() + interval '5 minutes'
    where (t.organization_id, t.month) = (
      select d.organization_id, d.month from private.archive_tasks d
      where d.done_at is null and coalesce(d.lease_until, '-infinity') < clock_timestamp()
      -- Those that failed before come last, so that they hold up no other.
      order by d.attempts, d.month limit 1 for update skip locked)
    returning t.organization_id, t.month, t.attempts;
end $$;
comment on function public.claim_archive is 'For functions/gateway with the service role: the next month of an organization that is to be archived, under a lease of five minutes.';

create function private.require_archive_lease(organization_id uuid, month date, attempt int) returns void
  language plpgsql set search_path = '' as $$
begin
  -- Before the task: who deletes an organization has its row, and then waits for its tasks.
  perform from public.organizations o where o.id = organization_id for key share;
  -- What is written under the lease renews it.
  update private.archive_tasks t set lease_until = clock_timestamp() + interval '5 minutes'
  where t.organization_id = require_archive_lease.organization_id and t.month = require_archive_lease.month
    and t.attempts = attempt and t.done_at is null;
  if not found then
    perform private.refuse(409, 'lease_lost');
  end if;
end $$;

create function public.read_archive_part(organization_id uuid, month date, attempt int, most_calls int)
  returns table (part int, path text, lines text, calls int, cost_usd text, first_call_at timestamptz,
    last_call_at timestamptz, last_call_id uuid)
  -- definer: nobody reads or writes the months directly
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  last_part public.usage_archives;
begin
  perform private.require_archive_lease(organization_id, month, attempt);
  select * into last_part from public.usage_archives a
  where a.organization_id = read_archive_part.organization_id and a.month = read_archive_part.month
  order by a.part desc limit 1;
  part := coalesce(last_part.part, 0) + 1;
  -- Each attempt writes objects of its own: one that was given up may still be under way, or about to be removed.
  path := format('%s/%s/%s-%s.ndjson.gz', organization_id, to_char(month, 'YYYY-MM'), lpad(part::text, 4, '0'), attempt);
  -- Each line ends, so that parts can be joined.
  execute format('select string_agg(to_json(u)::text || %1$L, %3$L order by created_at, id), count(*)::int,
      coalesce(sum(cost_usd), 0)::text, min(created_at), max(created_at), (array_agg(id order by created_at desc, id desc))[1]
    from (select * from private.%2$I where organization_id = $1 and (created_at, id) > ($2, $3)
      order by created_at, id limit $4) u', E'\n', private.usage_partition(month), '')
  into lines, calls, cost_usd, first_call_at, last_call_at, last_call_id
  using organization_id, coalesce(last_part.last_call_at, '-infinity'),
    coalesce(last_part.last_call_id, '00000000-0000-0000-0000-000000000000'), most_calls;
  if calls = 0 then
    return;
  end if;
  insert into private.stale_objects values ('usage-archives', path, clock_timestamp() + interval '1 hour')
  on conflict (bucket_id, path) do update set remove_after = excluded.remove_after;
  return next;
end $$;
comment on function public.read_archive_part is 'For functions/gateway with the service role: the next part, and where it belongs; nothing when all is recorded. An object that is not recorded within an hour is removed.';

create function public.record_archive_part(organization_id uuid, month date, attempt int, part int, path text,
  calls int, cost_usd text, first_call_at timestamptz, last_call_at timestamptz, last_call_id uuid, bytes bigint, sha256 text)
  returns void
  -- definer: nobody reads or writes the months directly
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  last_part public.usage_archives;
  counted record;
begin
  perform private.require_archive_lease(organization_id, month, attempt);
  select * into last_part from public.usage_archives a
  where a.organization_id = record_archive_part.organization_id and a.month = record_archive_part.month
  order by a.part desc limit 1;
  execute format('select count(*) as calls, coalesce(sum(u.cost_usd), 0) as cost_usd from private.%I u
    where u.organization_id = $1 and (u.created_at, u.id) > ($2, $3) and (u.created_at, u.id) <= ($4, $5)',
    private.usage_partition(month))
  into counted
  using organization_id, coalesce(last_part.last_call_at, '-infinity'),
    coalesce(last_part.last_call_id, '00000000-0000-0000-0000-000000000000'), last_call_at, last_call_id;
  if (counted.calls, counted.cost_usd) is distinct from (record_archive_part.calls::bigint, record_archive_part.cost_usd::numeric)
    or part <> coalesce(last_part.part, 0) + 1 then
    perform private.refuse(409, 'archive_differs', to_jsonb(counted));
  end if;
  insert into public.usage_archives (organization_id, month, part, path, calls, cost_usd, first_call_at, last_call_at,
    last_call_id, bytes, sha256)
  values (organization_id, month, part, path, calls, cost_usd::numeric, first_call_at, last_call_at, last_call_id, bytes, sha256);
  delete from private.stale_objects s where s.bucket_id = 'usage-archives' and s.path = record_archive_part.path;
end $$;
comment on function public.record_archive_part is 'For functions/gateway with the service role: that a part was stored and read back. Refuses what is not exactly the ledger''s next rows.';

create function private.is_archived(month date) returns boolean
  language plpgsql set search_path = '' as $$
declare
  differs boolean;
begin
  -- At most: of a month that was brought back for a time, parts may be there only.
  execute format('select exists (
    select from (select u.organization_id, count(*) as calls, coalesce(sum(u.cost_usd), 0) as cost_usd
      from private.%I u group by 1) kept
    left join (select a.organization_id, sum(a.calls) as calls, sum(a.cost_usd) as cost_usd
      from public.usage_archives a where a.month = $1 group by 1) archived using (organization_id)
    left join private.archive_tasks t on t.organization_id = kept.organization_id and t.month = $1
    where archived.calls is null or kept.calls > archived.calls or kept.cost_usd > archived.cost_usd or t.done_at is null)',
    private.usage_partition(month)) into differs using month;
  return not differs;
end $$;
comment on function private.is_archived is 'Whether all that a month of the ledger has is in archives.';

create function public.finish_archive(organization_id uuid, month date, attempt int) returns void
  -- definer: nobody reads or writes the months directly
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  kept bigint;
begin
  perform private.require_archive_lease(organization_id, month, attempt);
  execute format('select count(*) from private.%I where organization_id = $1', private.usage_partition(month))
  into kept using organization_id;
  if kept <> (select coalesce(sum(a.calls), 0) from public.usage_archives a
      where a.organization_id = finish_archive.organization_id and a.month = finish_archive.month) then
    perform private.refuse(409, 'archive_differs', jsonb_build_object('calls', kept));
  end if;
  update private.archive_tasks t set done_at = clock_timestamp(), lease_until = null
  where t.organization_id = finish_archive.organization_id and t.month = finish_archive.month;
end $$;
comment on function public.finish_archive is 'For functions/gateway with the service role: that an organization''s month is archived. Refuses when rows are missing.';

-- § Restoring --------------------------------------------------------------------------------------------------

create table public.usage_restores (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  month date not null,
  parts int not null,
  parts_done int not null default 0,
  restored_until timestamptz not null,
  requested_by uuid references public.profiles (user_id) on delete set null,
  requested_at timestamptz not null default now(),
  lease_until timestamptz,
  error text,
  primary key (organization_id, month)
);
comment on table public.usage_restores is 'Archived months that an admin brought back into the ledger for a time, and how far that is.';
create index usage_restores_requested_by_index on public.usage_restores (requested_by);
alter table public.usage_restores enable row level security;
create policy "admins read restores" on public.usage_restores
  for select to authenticated using (organization_id in (select private.organizations_where_i_am('admin')));
grant select on public.usage_restores to authenticated;

create function public.restore_usage_archive(organization_id uuid, month date) returns void
  -- definer: restores are not writable by clients
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  -- What the plan shows of a month is its end: the last part's number is how many there are.
  parts constant int := (select coalesce(max(a.part), 0) from public.usage_archives a
    where a.organization_id = restore_usage_archive.organization_id and a.month = restore_usage_archive.month
      and a.first_call_at >= private.history_start(a.organization_id));
begin
  perform private.require_role(organization_id, 'admin');
  if parts = 0 then
    perform private.refuse(404, 'archive_not_found');
  end if;
  insert into public.usage_restores as r (organization_id, month, parts, restored_until, requested_by)
  values (organization_id, month, parts, now() + interval '14 days', auth.uid())
  on conflict (organization_id, month) do update set restored_until = excluded.restored_until, error = null,
    requested_by = excluded.requested_by, requested_at = now();
  -- Now, rather than when the scheduler asks next.
  perform private.call_job('gateway', 'archive-calls');
end $$;
comment on function public.restore_usage_archive is 'Brings an archived month back into the ledger for 14 days; asking again prolongs that.';
grant execute on function public.restore_usage_archive to authenticated;

create function public.claim_restore() returns table (organization_id uuid, month date, path text, sha256 text, part int)
  -- definer: nobody reads or writes the months directly
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  claimed public.usage_restores;
begin
  update public.usage_restores r set lease_until = clock_timestamp() + interval '5 minutes'
  where (r.organization_id, r.month) = (
    select d.organization_id, d.month from public.usage_restores d
    where d.parts_done < d.parts and d.error is null and coalesce(d.lease_until, '-infinity') < clock_timestamp()
    order by d.requested_at limit 1 for update skip locked)
  returning * into claimed;
  return query
    select a.organization_id, a.month, a.path, a.sha256, a.part from public.usage_archives a
    where a.organization_id = claimed.organization_id and a.month = claimed.month and a.part > claimed.parts_done
    order by a.part limit 1;
end $$;
comment on function public.claim_restore is 'For functions/gateway with the service role: the next part to bring back, under a lease of five minutes.';

create function public.restore_archive_part(organization_id uuid, month date, part int, lines text) returns int
  -- definer: nobody reads or writes the months directly
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  restored int;
begin
  -- One that was just detached stands in the way of a new one.
  perform private.drop_detached_months();
  perform private.ensure_usage_partitions(month::timestamp at time zone 'UTC', month::timestamp at time zone 'UTC');
  insert into public.ai_usage
  select u.* from regexp_split_to_table(lines, E'\n') line
  cross join lateral jsonb_populate_record(null::public.ai_usage, line::jsonb) u
  where line <> '' and u.organization_id = restore_archive_part.organization_id
    and not exists (select from public.ai_usage present where present.id = u.id and present.organization_id = u.organization_id);
  get diagnostics restored = row_count;
  update public.usage_restores r set parts_done = restore_archive_part.part, lease_until = null
  where r.organization_id = restore_archive_part.organization_id and r.month = restore_archive_part.month
    and r.parts_done = restore_archive_part.part - 1;
  return restored;
end $$;
comment on function public.restore_archive_part is 'For functions/gateway with the service role: writes a part''s rows back, those that are there already left alone; answers how many. Rollups have counted them before.';

create function public.fail_restore(organization_id uuid, month date, error text) returns void
  language sql set search_path = '' as $$
  update public.usage_restores r set error = fail_restore.error, lease_until = null
  where r.organization_id = fail_restore.organization_id and r.month = fail_restore.month
$$;
comment on function public.fail_restore is 'For functions/gateway with the service role: that a part cannot be brought back, and why.';

-- § Removing ---------------------------------------------------------------------------------------------------

create function public.list_stale_objects(bucket_id text) returns setof text
  language sql stable set search_path = '' as $$
  select s.path from private.stale_objects s
  where s.bucket_id = list_stale_objects.bucket_id and s.remove_after < now() order by s.remove_after limit 500
$$;
comment on function public.list_stale_objects is 'For functions with the service role: objects of a bucket that are to be removed.';

create function public.forget_stale_objects(bucket_id text, paths text[]) returns void
  language sql set search_path = '' as $$
  delete from private.stale_objects s where s.bucket_id = forget_stale_objects.bucket_id and s.path = any (paths)
$$;
comment on function public.forget_stale_objects is 'For functions with the service role: that these objects are gone.';

create function private.expire_archives(at timestamptz) returns int
  language plpgsql set search_path = '' as $$
declare
  expired int;
begin
  delete from public.usage_archives a
  where (a.month + interval '1 month') at time zone 'UTC' <= at - interval '2 years';
  get diagnostics expired = row_count;
  return expired;
end $$;
comment on function private.expire_archives is 'Gives up archives that are two years old; their objects go with the next removal.';

create function private.detach_usage_partition(partition text) returns boolean
  -- Whoever waits for this lock lets every later call wait behind it: rather not got than waited for.
  language plpgsql set search_path = '' set lock_timeout = '50ms' as $$
begin
  for attempt in 1..10 loop
    begin
      execute format('alter table public.ai_usage detach partition private.%I', partition);
      return true;
    exception when lock_not_available then
      -- The calls that came meanwhile go first.
      perform pg_sleep(0.1 + random() * 0.2);
    end;
  end loop;
  return false;
end $$;
comment on function private.detach_usage_partition is 'Takes a month out of the ledger without making a call wait for longer than a moment; false when it was too busy, to be tried again.';

create function private.drop_detached_months() returns int
  language plpgsql set search_path = '' as $$
declare
  partition text;
  dropped int := 0;
begin
  -- One at a time: the schedule's and a restore's would drop the same.
  perform pg_advisory_xact_lock(hashtextextended('private.drop_detached_months', 0));
  for partition in
    select c.relname from pg_catalog.pg_class c
    where c.relnamespace = 'private'::regnamespace and c.relkind = 'r' and c.relname ~ '^ai_usage_\d{4}_\d{2}$'
      and not c.relispartition
  loop
    -- An organization that was deleted meanwhile took its archives along, and its rows in the ledger only.
    execute format('delete from private.%I u where not exists (select from public.organizations o where o.id = u.organization_id)',
      partition);
    if private.is_archived(to_date(substr(partition, 10), 'YYYY_MM')) then
      execute format('drop table private.%I', partition);
      dropped := dropped + 1;
    end if;
  end loop;
  return dropped;
end $$;
comment on function private.drop_detached_months is 'Drops months that were taken out of the ledger, in a transaction of its own, which no call waits for.';

create function private.retire_usage_months(at timestamptz) returns int
  language plpgsql set search_path = '' as $$
declare
  old_month date;
begin
  delete from public.usage_restores r where r.restored_until <= at;
  -- One a run: each takes the ledger's lock for a moment.
  for old_month in select m from private.old_usage_months(at) m loop
    if not exists (select from public.usage_restores r where r.month = old_month)
      and not exists (select from private.archive_tasks t where t.month = old_month and t.done_at is null)
      and private.is_archived(old_month) then
      return private.detach_usage_partition(private.usage_partition(old_month))::int;
    end if;
  end loop;
  return 0;
end $$;
comment on function private.retire_usage_months is 'Takes the oldest month that is archived as a whole, and was not brought back, out of the ledger; answers how many (one or none).';

grant select, delete on private.stale_objects to service_role;
grant update, select on public.usage_restores to service_role;
grant execute on function public.claim_archive, public.read_archive_part, public.record_archive_part, public.finish_archive,
  public.claim_restore, public.restore_archive_part, public.fail_restore, public.list_stale_objects,
  public.forget_stale_objects to service_role;

-- § Jobs -------------------------------------------------------------------------------------------------------

select cron.schedule('archive-calls', '*/5 * * * *', $$select private.call_job('gateway', 'archive-calls')$$);
select cron.schedule('drop-detached-months', '* * * * *', 'select private.drop_detached_months()');
select cron.schedule('retire-usage-months', '* * * * *', 'select private.retire_usage_months(now())');
select cron.schedule('expire-archives', '15 3 * * *', 'select private.expire_archives(now())');
