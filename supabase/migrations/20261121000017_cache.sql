-- The response cache: answers that are given again to the same call, where a key or the call itself asks for that.
--
-- Answers are sealed by the proxy with what was asked, which is kept nowhere: who reads the database reads none of them, short
-- of guessing the whole call. They go with the key that left them, or when that stops asking for them.
--
-- A call is the same if every byte of it is, in the same project and by the same model. It is admitted as any other; then
-- one more question finds its answer, and settling marks it as cached, at no cost, with what it saved. Nothing here is
-- written while a counter is held, but for the savings.

create table private.cached_answers (
  project_id uuid not null references public.projects (id) on delete cascade,
  -- SHA-256 of who answers (provider and model) and of all that was asked, made by the proxy. What was asked is not kept.
  digest text not null,
  proxy_key_id uuid not null references public.proxy_keys (id) on delete cascade,
  -- The call that was paid for it.
  call_id uuid not null,
  cost_usd numeric(20, 10),
  content_type text not null,
  -- As it left, byte for byte; a stream whole. AES-256-GCM with its nonce before and its tag behind: 28 bytes more.
  body bytea not null,
  size int not null generated always as (octet_length(body)) stored,
  created_at timestamptz not null,
  -- The latest that its key asked for; who reads says how old it may be.
  expires_at timestamptz not null,
  primary key (project_id, digest),
  constraint cached_answers_digest_is_sha256 check (digest ~ '^[0-9a-f]{64}$'),
  constraint cached_answers_bounded check (octet_length(body) <= 262144 + 28)
);
comment on table private.cached_answers is 'Whole answers by what was asked, for the time that keys or calls ask for. Read by the proxy alone, through find_cached_answers.';
create index cached_answers_proxy_key_index on private.cached_answers (proxy_key_id);
create index cached_answers_expires_at_index on private.cached_answers (expires_at);
alter table private.cached_answers enable row level security;

create table private.cache_sizes (
  project_id uuid primary key references public.projects (id) on delete cascade,
  bytes bigint not null
);
comment on table private.cache_sizes is 'How much each project''s response cache had when it was measured last. Written by measure_caches.';
alter table private.cache_sizes enable row level security;

create function private.find_cached_answers(wishes jsonb, at timestamptz default clock_timestamp()) returns jsonb
  -- definer: the proxy's login sees no table
  language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select jsonb_agg(case when c.digest is not null then jsonb_build_object('content_type', c.content_type,
      'body', encode(c.body, 'base64'), 'cost_usd', c.cost_usd::text) end order by w.ordinality)
    from rows from (jsonb_to_recordset(wishes) as (project_id uuid, digest text, max_age_seconds int)) with ordinality w
    left join private.cached_answers c on c.project_id = w.project_id and c.digest = w.digest
      and c.expires_at > at and c.created_at > at - make_interval(secs => w.max_age_seconds));
end $$;
comment on function private.find_cached_answers is 'What is remembered for each of these calls and not too old; null where nothing is. Same order in and out.';

create function private.remember_answers(answers jsonb, at timestamptz default clock_timestamp()) returns jsonb
  -- definer: as above
  language plpgsql security definer set search_path = '' as $$
declare
  kept uuid[];
begin
  -- A key that is being revoked, or asks for no answers any more, waits for this, or is seen as it is then.
  perform from public.proxy_keys k where k.id in (select h.proxy_key_id from jsonb_array_elements(answers) a
    join private.proxy_key_hashes h on h.public_id = a ->> 'key_id')
  order by k.id for share;
  with asked as (
    select distinct on (a.project_id, a.digest) a.*, k.id as proxy_key_id from rows from (jsonb_to_recordset(answers) as (call_id uuid,
      project_id uuid, digest text, cost_usd numeric, content_type text, body text, max_age_seconds int, key_id text, is_own_wish boolean)) with ordinality a
    -- Since the call was admitted its project or key may have gone, or the key may not want it any more.
    join public.projects p on p.id = a.project_id and p.archived_at is null
    join private.proxy_key_hashes h on h.public_id = a.key_id
    join public.proxy_keys k on k.id = h.proxy_key_id and k.project_id = p.id and k.revoked_at is null
      and (a.is_own_wish or k.cache_seconds is not null)
    -- What is full takes nothing up until the purge has made room.
    where not exists (select from private.cache_sizes s where s.project_id = a.project_id and s.bytes > 100 * 1024 * 1024)
    -- In one order, so that batches cannot deadlock.
    order by a.project_id, a.digest, a.ordinality desc
  ), written as (
    insert into private.cached_answers as c (project_id, digest, proxy_key_id, call_id, cost_usd, content_type, body, created_at, expires_at)
    select a.project_id, a.digest, a.proxy_key_id, a.call_id, a.cost_usd, left(a.content_type, 200), decode(a.body, 'base64'), at,
      at + make_interval(secs => a.max_age_seconds)
    from asked a
    on conflict (project_id, digest) do update set proxy_key_id = excluded.proxy_key_id, call_id = excluded.call_id, cost_usd = excluded.cost_usd,
      content_type = excluded.content_type, body = excluded.body, created_at = excluded.created_at,
      expires_at = case when c.proxy_key_id = excluded.proxy_key_id then greatest(c.expires_at, excluded.expires_at)
        else excluded.expires_at end
    returning c.call_id
  )
  select array_agg(w.call_id) into kept from written w;
  return (select jsonb_agg((a ->> 'call_id')::uuid = any (coalesce(kept, '{}')) order by a.ordinality)
    from jsonb_array_elements(answers) with ordinality as a (a, ordinality));
end $$;
comment on function private.remember_answers is 'Remembers answers, the latest of each call; says of each whether it was kept. Same order in and out.';
grant execute on function private.find_cached_answers, private.remember_answers to proxy;

create function public.forget_cached_answers(project_id uuid) returns int
  -- definer: nobody reads or writes them directly
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  organization constant uuid := (select p.organization_id from public.projects p where p.id = forget_cached_answers.project_id);
  forgotten int;
begin
  if organization is null or organization not in (select private.my_organization_ids()) then
    perform private.refuse(404, 'project_not_found');
  end if;
  perform private.require_role(organization, 'admin');
  delete from private.cached_answers c where c.project_id = forget_cached_answers.project_id;
  get diagnostics forgotten = row_count;
  return forgotten;
end $$;
comment on function public.forget_cached_answers is 'Empties a project''s response cache; answers how many answers were in it.';
grant execute on function public.forget_cached_answers to authenticated;

create function private.forget_answers_of(keys uuid[]) returns void
  language plpgsql set search_path = '' as $$
begin
  -- In the order of remember_answers, so that they cannot deadlock.
  perform from private.cached_answers c where c.proxy_key_id = any (keys) order by c.project_id, c.digest for update;
  delete from private.cached_answers c where c.proxy_key_id = any (keys);
end $$;
comment on function private.forget_answers_of is 'Deletes what keys left in the response cache. Their rows are locked before, so that they leave nothing more meanwhile.';

create function private.on_proxy_keys_cache_off() returns trigger
  -- definer: nobody reads or writes them directly
  language plpgsql security definer set search_path = '' as $$
begin
  perform private.forget_answers_of(array[new.id]);
  return null;
end $$;
create trigger proxy_keys_cache_off after update of cache_seconds, revoked_at on public.proxy_keys
  for each row when (old.cache_seconds is not null and new.cache_seconds is null
    or old.revoked_at is null and new.revoked_at is not null)
  execute function private.on_proxy_keys_cache_off();

create function private.on_projects_archive_cache() returns trigger
  -- definer: as above
  language plpgsql security definer set search_path = '' as $$
begin
  delete from private.cached_answers c where c.project_id = new.id;
  return null;
end $$;
create trigger projects_archive_cache after update of archived_at on public.projects
  for each row when (old.archived_at is null and new.archived_at is not null)
  execute function private.on_projects_archive_cache();

create function private.purge_cached_answers(at timestamptz) returns int
  language plpgsql set search_path = '' as $$
declare
  purged int;
begin
  -- A few thousand at a time, so that nobody waits. Of a project the newest 100 MB stay. What was written in the moment
  -- in which its key was revoked goes here.
  delete from private.cached_answers c using (
    select e.project_id, e.digest from (
      select project_id, digest, proxy_key_id, expires_at, sum(size) over (partition by project_id order by created_at desc, digest) as up_to
      from private.cached_answers
    ) e
    join public.proxy_keys k on k.id = e.proxy_key_id
    where e.expires_at <= at or e.up_to > 100 * 1024 * 1024 or k.revoked_at is not null
    limit 5000
  ) old
  where c.project_id = old.project_id and c.digest = old.digest;
  get diagnostics purged = row_count;
  return purged;
end $$;
comment on function private.purge_cached_answers is 'Deletes answers whose time is over, and those beyond what a project may keep; answers how many.';

create function private.measure_caches() returns int
  language plpgsql set search_path = '' as $$
declare
  measured int;
begin
  delete from private.cache_sizes s
  where not exists (select from private.cached_answers c where c.project_id = s.project_id);
  insert into private.cache_sizes as s (project_id, bytes)
  select c.project_id, sum(c.size) from private.cached_answers c group by c.project_id order by c.project_id
  on conflict (project_id) do update set bytes = excluded.bytes where s.bytes <> excluded.bytes;
  get diagnostics measured = row_count;
  return measured;
end $$;
comment on function private.measure_caches is 'Measures the response caches, so that a full one takes nothing up until it is purged; answers how many have another size.';

select cron.schedule('purge-cached-answers', '*/5 * * * *', 'select private.purge_cached_answers(now())');
select cron.schedule('measure-caches', '20 seconds', 'select private.measure_caches()');

create table public.cache_savings (
  -- No foreign key: settlement would check it while it holds the counter. Deleting the organization deletes its rows.
  organization_id uuid not null,
  bucket_at timestamptz not null,
  calls bigint not null,
  saved_usd numeric(20, 10) not null,
  primary key (organization_id, bucket_at)
) with (fillfactor = 70);
comment on table public.cache_savings is 'Calls that the response cache answered, and what they saved, by quarter hour.';
alter table public.cache_savings enable row level security;
create policy "members read cache savings as far back as their plan shows" on public.cache_savings
  for select to authenticated using (organization_id in (select private.my_organization_ids())
    and bucket_at >= ((select private.my_history_starts()) ->> organization_id::text)::timestamptz);
grant select on public.cache_savings to authenticated;

create function private.add_to_savings(entries public.ai_usage[], organization uuid) returns void
  language plpgsql set search_path = '' as $$
begin
  insert into public.cache_savings as s (organization_id, bucket_at, calls, saved_usd)
  select e.organization_id, date_bin('15 minutes', e.created_at, '2000-01-01Z'), count(*), coalesce(sum(e.saved_usd), 0)
  from unnest(entries) e where e.organization_id = organization and e.is_cached
  group by 1, 2
  on conflict (organization_id, bucket_at) do update set calls = s.calls + excluded.calls,
    saved_usd = s.saved_usd + excluded.saved_usd;
end $$;
comment on function private.add_to_savings is 'Adds what an organization''s settled calls saved. Its counter is locked before.';

create function private.sum_savings(organization_id uuid, from_at timestamptz, to_at timestamptz, out calls bigint,
  out saved_usd numeric)
  language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  select coalesce(sum(s.calls), 0), coalesce(sum(s.saved_usd), 0) into sum_savings.calls, sum_savings.saved_usd
  from public.cache_savings s
  where s.organization_id = sum_savings.organization_id and s.bucket_at >= from_at and s.bucket_at < to_at;
end $$;
comment on function private.sum_savings is 'Calls that the response cache answered between two instants (quarter-hour grain), and what they saved.';
