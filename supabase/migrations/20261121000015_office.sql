-- The office: who is there, and the log of agents and tasks as a picture that everyone draws for themselves.
--
-- Nothing is sent while figures walk: where an agent is follows from office_events, which all have. People say where they go
-- on the topic `office`; here only their last places are kept. A snapshot begins a minute back, so that who comes late sees
-- walks that are under way. `before` is what each task became last until then; the events after it make the rest.

-- § Last places ------------------------------------------------------------------------------------------------

create table public.office_sessions (
  organization_id uuid not null,
  user_id uuid not null,
  -- Where the person stood last, in units of the wide floor plan; null before they first moved.
  x int,
  y int,
  -- Idle agents that this person put somewhere in the lounge: {"<agent>": {"x": …, "y": …, "at": …}}, in thousandths of it.
  agent_positions jsonb not null default '{}',
  last_activity timestamptz not null default now(),
  primary key (organization_id, user_id),
  constraint office_sessions_member foreign key (organization_id, user_id)
    references public.organization_members (organization_id, user_id) on delete cascade,
  constraint office_sessions_on_the_plan check (x between 0 and 1000 and y between 0 and 1000),
  constraint office_sessions_agent_positions_is_object check (jsonb_typeof(agent_positions) = 'object')
);
comment on table public.office_sessions is 'Where each person was in the office last, and where they put agents. Everyone writes their own, by RPCs.';
create index office_sessions_user_index on public.office_sessions (user_id);
alter table public.office_sessions enable row level security;
create policy "members read office sessions" on public.office_sessions
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
grant select on public.office_sessions to authenticated;

create function public.save_office_place(organization_id uuid, x int, y int) returns void
  -- definer: writes the caller's own row, whatever a client would say
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  perform private.require_role(save_office_place.organization_id, 'member');
  if save_office_place.x is null or save_office_place.y is null
      or save_office_place.x not between 0 and 1000 or save_office_place.y not between 0 and 1000 then
    perform private.refuse(400, 'place_invalid');
  end if;
  insert into public.office_sessions (organization_id, user_id, x, y)
  values (save_office_place.organization_id, auth.uid(), save_office_place.x, save_office_place.y)
  on conflict (organization_id, user_id) do update set x = excluded.x, y = excluded.y, last_activity = now();
end $$;
comment on function public.save_office_place is 'Keeps where the caller stands, for when they come back and for who comes late.';

create function public.place_agent(agent_id uuid, x int, y int) returns void
  -- definer: as above
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  organization constant uuid := (select a.organization_id from public.agents a
    where a.id = place_agent.agent_id and a.archived_at is null
      and a.organization_id in (select private.my_organization_ids()));
  at constant timestamptz := clock_timestamp();
  place jsonb;
begin
  if organization is null then
    perform private.refuse(404, 'agent_not_found');
  end if;
  if place_agent.x is null or place_agent.y is null
      or place_agent.x not between 0 and 1000 or place_agent.y not between 0 and 1000 then
    perform private.refuse(400, 'place_invalid');
  end if;
  place := jsonb_build_object('x', place_agent.x, 'y', place_agent.y, 'at', at);
  insert into public.office_sessions as s (organization_id, user_id, agent_positions)
  values (organization, auth.uid(), jsonb_build_object(place_agent.agent_id, place))
  on conflict (organization_id, user_id)
    do update set agent_positions = s.agent_positions || excluded.agent_positions, last_activity = now();
  perform private.send_to_organization(organization, 'office', 'agent_placed', place || jsonb_build_object('agent_id', place_agent.agent_id));
end $$;
comment on function public.place_agent is 'Puts an agent somewhere in the lounge, in thousandths of it, where it stays while it is idle; tells all who have the office open.';

create function private.read_placements(organization_id uuid) returns jsonb
  language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(latest.place || jsonb_build_object('agent_id', latest.agent_id)), '[]') from (
    select distinct on (a.id) a.id as agent_id, put.place
    from public.office_sessions s
    cross join lateral jsonb_each(s.agent_positions) as put (agent, place)
    join public.agents a on a.id::text = put.agent and a.archived_at is null
    where s.organization_id = read_placements.organization_id
    order by a.id, put.place ->> 'at' desc
  ) latest
$$;
comment on function private.read_placements is 'Where agents were put last, by whomever.';

-- § The log, as it is drawn ------------------------------------------------------------------------------------

create function private.describe_office_event(event public.office_events) returns jsonb
  language sql immutable set search_path = '' as $$
  select jsonb_build_object('seq', event.seq, 'kind', event.kind, 'agent_id', event.agent_id, 'task_id', event.task_id,
    'cost_usd', event.cost_usd::text, 'details', event.details, 'at', event.at)
$$;

create function private.most_office_tasks() returns int
  language sql immutable set search_path = '' as 'select 500';

create function private.tasks_in_office(organization_id uuid, at timestamptz) returns table (task_id uuid, place bigint)
  language sql stable set search_path = '' as $$
  select t.id, row_number() over (order by t.own_place, t.updated_at desc, t.id) from (
    select own.id, own.updated_at,
      row_number() over (partition by own.agent_id, own.status order by own.updated_at desc, own.id) as own_place
    from public.tasks own
    where own.organization_id = tasks_in_office.organization_id
      -- As far back as the log goes.
      and own.updated_at >= tasks_in_office.at - interval '90 days'
      and (own.finished_at is null or own.status = 'failed' or own.updated_at >= tasks_in_office.at)
  ) t
$$;
comment on function private.tasks_in_office is 'The tasks that are to be seen in the office, the most telling first: of each agent the latest of every status, then whatever is newest.';

create function private.office_before(organization_id uuid, first_seq bigint, at timestamptz) returns jsonb
  language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(private.describe_office_event(change.event) || jsonb_build_object('cost_usd', latest.cost_usd::text)
    order by (change.event).seq), '[]')
  from private.tasks_in_office(organization_id, at) t
  cross join lateral (
    select e as event from public.office_events e
    where e.organization_id = office_before.organization_id and e.task_id = t.task_id and e.seq < first_seq
      and starts_with(e.kind, 'task_') and e.kind <> 'task_cost'
    order by e.seq desc limit 1
  ) change
  cross join lateral (
    select e.cost_usd from public.office_events e
    where e.organization_id = office_before.organization_id and e.task_id = t.task_id and e.seq < first_seq
    order by e.seq desc limit 1
  ) latest
  where t.place <= private.most_office_tasks()
$$;
comment on function private.office_before is 'What each task that was still to be seen at an instant became last before an event, with what it had cost by then: of five hundred tasks at most.';

create function private.office_spent_today(organization_id uuid) returns numeric
  language sql stable set search_path = '' as $$
  select coalesce(sum(t.cost_usd - coalesce(yesterday.cost_usd, 0)), 0)
  from public.organizations o
  cross join lateral (select private.day_start((now() at time zone o.time_zone)::date, o.time_zone) as at) midnight
  join public.tasks t on t.organization_id = o.id and t.updated_at >= midnight.at
  left join lateral (
    select e.cost_usd from public.office_events e
    where e.organization_id = t.organization_id and e.task_id = t.id and e.at < midnight.at
    order by e.seq desc limit 1
  ) yesterday on true
  where o.id = office_spent_today.organization_id
$$;
comment on function private.office_spent_today is 'What the agents'' tasks have cost since midnight in the organization''s zone.';

create function public.office_state(organization_id uuid) returns jsonb
  -- definer: asks for the membership once, not for every event
  language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  organization constant uuid := office_state.organization_id;
  most_events constant int := 1000;
  since constant timestamptz := now() - interval '1 minute';
  last_seq constant bigint := coalesce((select c.seq from private.office_counters c where c.organization_id = organization), 0);
  first_seq constant bigint := greatest(last_seq + 1 - most_events, coalesce((select min(e.seq) from public.office_events e
    where e.organization_id = organization and e.at >= since), last_seq + 1));
begin
  perform private.require_role(organization, 'member');
  return jsonb_build_object('seq', last_seq, 'now', clock_timestamp(),
    'spent_today_usd', trim_scale(private.office_spent_today(organization))::text,
    'agents', (select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name, 'role', a.role, 'avatar', a.avatar,
        'model', a.model, 'is_active', a.is_active) order by a.created_at, a.id), '[]')
      from public.agents a where a.organization_id = organization and a.archived_at is null),
    'people', (select coalesce(jsonb_agg(jsonb_build_object('user_id', m.user_id, 'name', coalesce(nullif(p.full_name, ''), p.email),
        'role', m.role) order by array_position(array['owner', 'admin', 'member'], m.role), m.created_at, m.user_id), '[]')
      from public.organization_members m join public.profiles p using (user_id) where m.organization_id = organization),
    'before', private.office_before(organization, first_seq, since),
    'left_out', (select count(*) filter (where t.place > private.most_office_tasks())
      from private.tasks_in_office(organization, since) t),
    'events', (select coalesce(jsonb_agg(private.describe_office_event(e) order by e.seq), '[]')
      from public.office_events e where e.organization_id = organization and e.seq between first_seq and last_seq),
    'leases', (select coalesce(jsonb_object_agg(t.id, t.lease_until), '{}') from public.tasks t
      where t.organization_id = organization and t.lease_until is not null),
    'placements', private.read_placements(organization),
    'places', (select coalesce(jsonb_object_agg(s.user_id, jsonb_build_object('x', s.x, 'y', s.y)), '{}')
      from public.office_sessions s where s.organization_id = organization and s.x is not null));
end $$;
comment on function public.office_state is 'All that a browser needs to draw the office, as of the event numbered seq.';

create function public.office_events_since(organization_id uuid, seq bigint) returns jsonb
  -- definer: as above
  language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_role(office_events_since.organization_id, 'member');
  return (select coalesce(jsonb_agg(private.describe_office_event(e) order by e.seq), '[]') from (
    select * from public.office_events each
    where each.organization_id = office_events_since.organization_id and each.seq > office_events_since.seq
    order by each.seq limit 1000
  ) e);
end $$;
comment on function public.office_events_since is 'What happened after an event, in order; a thousand at a time.';

create function public.office_events_between(organization_id uuid, from_at timestamptz, to_at timestamptz,
  first_seq bigint default null) returns jsonb
  -- definer: as above
  language plpgsql stable security definer set search_path = '' as $$
declare
  most constant int := 2000;
  organization constant uuid := office_events_between.organization_id;
  first constant bigint := coalesce(office_events_between.first_seq, (select min(e.seq) from public.office_events e
    where e.organization_id = organization and e.at >= from_at and e.at < to_at));
  events jsonb;
begin
  perform private.require_role(organization, 'member');
  -- A day has 25 hours when clocks go back.
  if to_at - from_at > interval '25 hours' or to_at <= from_at then
    perform private.refuse(400, 'span_invalid');
  end if;
  select coalesce(jsonb_agg(private.describe_office_event(e) order by e.seq), '[]') into events from (
    select * from public.office_events each
    where each.organization_id = organization and each.seq >= first and each.at >= from_at and each.at < to_at
    order by each.seq limit most
  ) e;
  return jsonb_build_object('events', events,
    'before', case when office_events_between.first_seq is null
      then private.office_before(organization, coalesce(first, (select max(e.seq) + 1 from public.office_events e
        where e.organization_id = organization and e.at < from_at), 1), from_at)
      else '[]' end,
    'next_seq', case when jsonb_array_length(events) = most then (events -> -1 ->> 'seq')::bigint + 1 end);
end $$;
comment on function public.office_events_between is 'What happened in a stretch of at most a day, two thousand events at a time: next_seq is where the next page begins. The first says what was before.';

grant execute on function public.save_office_place, public.place_agent, public.office_state, public.office_events_since,
  public.office_events_between to authenticated;
