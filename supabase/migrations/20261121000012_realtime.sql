-- Realtime: which channels there are, and who hears them.
--
-- Postgres orders, broadcast only hints: what is sent may be lost, so every stream can be read from the database too.
-- Topics are `org:<organization>:<stream>:<epoch>` and `user:<person>`; a board has one of its own (whiteboard). The
-- epoch moves on when a member leaves: hosted Realtime asks policies when a channel is joined, and again only when its
-- token changes, so who is gone is left behind on a topic that nothing is sent to any more.

create function private.organization_topic(organization_id uuid, stream text) returns text
  language sql stable set search_path = '' as $$
  select format('org:%s:%s:%s', o.id, stream, o.topic_epoch)
  from public.organizations o where o.id = organization_topic.organization_id
$$;
comment on function private.organization_topic is 'The topic on which a stream (costs, office) of this organization is sent now.';

create function private.send_to_organization(organization_id uuid, stream text, event text, payload jsonb) returns void
  language plpgsql set search_path = '' as $$
begin
  perform realtime.send(payload, event, private.organization_topic(send_to_organization.organization_id, stream));
end $$;
comment on function private.send_to_organization is 'Tells everyone who has this stream of the organization open, after commit, at most once.';

create function private.send_to_person(user_id uuid, event text, payload jsonb) returns void
  language plpgsql set search_path = '' as $$
begin
  perform realtime.send(payload, event, 'user:' || user_id);
end $$;
comment on function private.send_to_person is 'Tells all open tabs of one person, after commit, at most once.';

create function private.is_my_topic(topic text, streams text[]) returns boolean
  -- definer: the caller reads organizations past their policies
  language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.organizations o
    join public.organization_members m on m.organization_id = o.id and m.user_id = auth.uid()
    where topic like 'org:%' and o.id::text = split_part(topic, ':', 2)
      and split_part(topic, ':', 3) = any (streams)
      and topic = format('org:%s:%s:%s', o.id, split_part(topic, ':', 3), o.topic_epoch)
  )
$$;
comment on function private.is_my_topic is 'Whether this is the topic of now of one of these streams of an organization of the caller.';
grant execute on function private.is_my_topic to authenticated;

create policy "members hear their organizations" on realtime.messages
  for select to authenticated using (
    extension in ('broadcast', 'presence') and private.is_my_topic((select realtime.topic()), array['costs', 'office', 'people']));
-- What the database tells has topics on which nobody else may speak.
create policy "members show themselves to their colleagues" on realtime.messages
  for insert to authenticated with check (
    extension in ('broadcast', 'presence') and private.is_my_topic((select realtime.topic()), array['people']));
create policy "people hear what is for them" on realtime.messages
  for select to authenticated using (
    extension = 'broadcast' and (select realtime.topic()) = 'user:' || (select auth.uid()));

create function private.on_member_delete() returns trigger
  -- definer: clients may not change epochs
  language plpgsql security definer set search_path = '' as $$
declare
  epoch int;
begin
  update public.organizations o set topic_epoch = o.topic_epoch + 1 where o.id = old.organization_id
  returning o.topic_epoch into epoch;
  perform private.send_to_person(m.user_id, 'topics_moved',
    jsonb_build_object('organization_id', old.organization_id, 'topic_epoch', epoch))
  from public.organization_members m where m.organization_id = old.organization_id and epoch is not null;
  return null;
end $$;
comment on function private.on_member_delete is 'Moves an organization to new topics when someone leaves, and tells who stays.';
create trigger organization_members_move_topics after delete on public.organization_members
  for each row execute function private.on_member_delete();

-- § Costs ------------------------------------------------------------------------------------------------------
-- Calls tell nobody: once a second a job looks which counters moved since they were last told, so that an organization
-- gets one message a second at most, and the last state always. The calls themselves are not slowed by it.

create table private.costs_told (
  organization_id uuid primary key references public.organizations (id) on delete cascade,
  -- The counter, and the calls of the month, as they were told.
  version bigint not null default 0,
  spent_usd numeric(20, 10) not null default 0,
  held_usd numeric(20, 10) not null default 0,
  month_calls bigint not null default 0,
  -- Refused calls moved no counter, and were folded since.
  has_refusals boolean not null default false,
  looked_at timestamptz not null default '-infinity'
) with (fillfactor = 50);
comment on table private.costs_told is 'What each organization''s open dashboards were told of its costs.';
alter table private.costs_told enable row level security;

create function private.on_organizations_insert_costs_told() returns trigger
  -- definer: written by nobody else
  language plpgsql security definer set search_path = '' as $$
begin
  insert into private.costs_told (organization_id) values (new.id);
  return null;
end $$;
create trigger organizations_insert_costs_told after insert on public.organizations
  for each row execute function private.on_organizations_insert_costs_told();

create function private.on_usage_deltas_delete() returns trigger
  language plpgsql set search_path = '' as $$
begin
  update private.costs_told t set has_refusals = true
  where not t.has_refusals and t.organization_id in (select d.organization_id from folded d where d.refusals > 0);
  return null;
end $$;
create trigger usage_deltas_delete after delete on private.usage_deltas
  referencing old table as folded for each statement execute function private.on_usage_deltas_delete();

create function private.tell_costs_of(organizations uuid[]) returns int
  language plpgsql set search_path = '' as $$
declare
  news record;
  told int := 0;
begin
  for news in
    with moved as (
      select t.organization_id, t.month_calls as told_calls, c.version, c.spent_usd, c.held_usd,
        (c.version, c.spent_usd, c.held_usd) is distinct from (t.version, t.spent_usd, t.held_usd) as has_moved
      from private.costs_told t join private.spend_counters c using (organization_id)
      where t.organization_id = any (organizations)
    ), looked_at as (
      select m.*, s as status from moved m cross join lateral public.spend_status(m.organization_id) s
    ), noted as (
      update private.costs_told t
      set version = l.version, spent_usd = l.spent_usd, held_usd = l.held_usd, month_calls = (l.status).month_calls,
        has_refusals = false, looked_at = clock_timestamp()
      from looked_at l where t.organization_id = l.organization_id
    )
    select l.organization_id, to_jsonb(l.status) as status from looked_at l
    where l.has_moved or (l.status).month_calls <> l.told_calls
  loop
    perform private.send_to_organization(news.organization_id, 'costs', 'costs_moved', news.status);
    told := told + 1;
  end loop;
  return told;
end $$;
comment on function private.tell_costs_of is 'Tells open dashboards what public.spend_status says of these organizations, and notes that it did; answers how many had moved.';

create function private.tell_costs() returns int
  language plpgsql set search_path = '' as $$
declare
  -- A run is to be over before the next one is due; who waited longest is first.
  organizations_at_once constant int := 200;
  organizations constant uuid[] := array(
    select t.organization_id from private.costs_told t join private.spend_counters c using (organization_id)
    where (c.version, c.spent_usd, c.held_usd) is distinct from (t.version, t.spent_usd, t.held_usd) or t.has_refusals
      or t.organization_id in (select d.organization_id from private.usage_deltas d where d.refusals > 0)
    order by t.looked_at limit organizations_at_once
    -- Not to wait for the deletion of an organization.
    for update of t skip locked);
  organization uuid;
  told int := 0;
begin
  begin
    return private.tell_costs_of(organizations);
  exception when others then
    raise warning 'costs are told one by one: % (%)', sqlerrm, sqlstate;
  end;
  foreach organization in array organizations loop
    begin
      told := told + private.tell_costs_of(array[organization]);
    exception when others then
      -- The others are not to wait for it, and it is not to be first for ever.
      update private.costs_told t set looked_at = clock_timestamp() where t.organization_id = organization;
      raise warning 'costs of organization % cannot be told: % (%)', organization, sqlerrm, sqlstate;
    end;
  end loop;
  return told;
end $$;
comment on function private.tell_costs is 'Tells open dashboards of organizations whose costs moved since they were told; answers how many there were. One whose costs cannot be told holds up nobody.';

-- Hosted pg_cron leaves out a run while the one before still goes.
select cron.schedule('tell-costs', '1 second', 'select private.tell_costs()');

-- § Alerts and freezes -----------------------------------------------------------------------------------------
-- Few and far between, they are told as they happen: that something moved, not what. On the topic that dashboards hear
-- anyway.

create function private.on_rows_moved() returns trigger
  -- definer: whoever freezes may not speak on the topic
  language plpgsql security definer set search_path = '' as $$
begin
  perform private.send_to_organization(m.organization_id, 'costs', tg_argv[0], '{}')
  from (select distinct r.organization_id from moved r) m
  -- A deleted organization takes its rows along.
  join public.organizations o on o.id = m.organization_id;
  return null;
end $$;
comment on function private.on_rows_moved is 'Tells open dashboards that rows of this kind moved, once for each statement and organization.';
create trigger freezes_insert_told after insert on public.freezes
  referencing new table as moved for each statement execute function private.on_rows_moved('freezes_moved');
create trigger freezes_delete_told after delete on public.freezes
  referencing old table as moved for each statement execute function private.on_rows_moved('freezes_moved');
create trigger alerts_insert_told after insert on public.alerts
  referencing new table as moved for each statement execute function private.on_rows_moved('alerts_moved');
create trigger alerts_update_told after update on public.alerts
  referencing new table as moved for each statement execute function private.on_rows_moved('alerts_moved');
