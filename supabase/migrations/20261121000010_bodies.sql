-- Bodies: what calls said and were answered, where a project logs that. Apart from the ledger, which never has them,
-- for admins only, and for as many days as the project says.

create table public.call_bodies (
  call_id uuid primary key,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  project_id uuid not null references public.projects (id) on delete cascade,
  -- Redacted by the proxy: what was taken out has never been here.
  logging text not null,
  -- The first 64 Ki characters; a stream as the text that it adds up to. Null where there was none, or none to keep.
  request text,
  response text,
  request_bytes bigint not null default 0,
  response_bytes bigint not null default 0,
  created_at timestamptz not null default now(),
  constraint call_bodies_logging_known check (logging in ('redacted', 'full')),
  constraint call_bodies_bounded check (char_length(request) <= 65536 and char_length(response) <= 65536)
);
comment on table public.call_bodies is 'Bodies of calls by the call''s id. Written by the proxy after the answer, purged when the project''s days are over.';
create index call_bodies_organization_index on public.call_bodies (organization_id);
create index call_bodies_project_index on public.call_bodies (project_id, created_at);
alter table public.call_bodies enable row level security;
create policy "admins read call bodies" on public.call_bodies
  for select to authenticated using (organization_id in (select private.organizations_where_i_am('admin')));
grant select on public.call_bodies to authenticated;

create function private.log_bodies(bodies jsonb) returns jsonb
  -- definer: the proxy's login sees no table
  language plpgsql security definer set search_path = '' as $$
declare
  written uuid[];
begin
  with kept as (
    insert into public.call_bodies (call_id, organization_id, project_id, logging, request, response, request_bytes,
      response_bytes)
    select b.id, p.organization_id, p.id, b.logging, left(b.request, 65536), left(b.response, 65536), b.request_bytes,
      b.response_bytes
    from jsonb_to_recordset(bodies) as b (id uuid, organization_id uuid, project_id uuid, logging text, request text,
      response text, request_bytes bigint, response_bytes bigint)
    -- Since the call was admitted its project may have been told to keep less.
    join public.projects p on p.id = b.project_id and p.organization_id = b.organization_id
      and p.body_logging in (b.logging, 'full')
    on conflict (call_id) do nothing
    returning call_id
  )
  select array_agg(k.call_id) into written from kept k;
  return (select jsonb_agg((b ->> 'id')::uuid = any (coalesce(written, '{}')) order by b.ordinality)
    from jsonb_array_elements(bodies) with ordinality as b (b, ordinality));
end $$;
comment on function private.log_bodies is 'Keeps bodies of calls where their projects still log them; answers of each whether it was written, in the same order.';
grant execute on function private.log_bodies to proxy;

create function private.purge_call_bodies() returns int
  language plpgsql set search_path = '' as $$
declare
  purged int;
begin
  -- Shorter days hold for what is there already. A few thousand at a time, so that nobody waits.
  delete from public.call_bodies b where b.call_id in (
    select old.call_id from public.projects p
    join public.call_bodies old on old.project_id = p.id and old.created_at < now() - make_interval(days => p.body_days)
    limit 5000 for update of old skip locked
  );
  get diagnostics purged = row_count;
  return purged;
end $$;
comment on function private.purge_call_bodies is 'Deletes bodies whose project''s days are over; answers how many.';
select cron.schedule('purge-call-bodies', '* * * * *', 'select private.purge_call_bodies()');
