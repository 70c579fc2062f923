-- API: what functions/api asks before it hands a call on, and what it answers of a team and its costs.

insert into public.plan_limits (plan, resource, amount, is_unlimited) values
  ('free', 'api_access', 0, false), ('pro', 'api_access', null, true), ('enterprise', 'api_access', null, true);

create function public.admit_api_call(key_id text, key_hash text, team_id uuid default null, user_id uuid default null)
  returns uuid
  -- definer: the hashes of keys are readable by nobody
  language plpgsql security definer set search_path = '' as $$
declare
  caller constant jsonb := private.authenticate_key(key_id, key_hash);
  organization constant uuid := caller ->> 'organization_id';
begin
  if organization is null then
    perform private.refuse(case caller ->> 'code' when 'project_archived' then 403 else 401 end, caller ->> 'code');
  end if;
  perform private.require_room(organization, 'api_access', 1);
  if admit_api_call.team_id <> organization then
    perform private.refuse(403, 'caller_mismatch', '{"param": "teamId"}');
  end if;
  if admit_api_call.user_id is not null and not exists (
    select from public.organization_members m
    where m.organization_id = organization and m.user_id = admit_api_call.user_id
  ) or admit_api_call.user_id <> (
    -- A personal key speaks for its member only.
    select k.member_id from private.proxy_key_hashes h join public.proxy_keys k on k.id = h.proxy_key_id
    where h.public_id = admit_api_call.key_id
  ) then
    perform private.refuse(403, 'caller_mismatch', '{"param": "userId"}');
  end if;
  return organization;
end $$;
comment on function public.admit_api_call is 'For functions/api with the service role: the organization of a proxy key whose plan has API access. Refuses a team or a user that is not the key''s.';

create function public.describe_teams()
  returns table (id uuid, name text, slug text, plan text, time_zone text, created_at timestamptz, role text, members bigint,
    budget_usd text, budget_is_unlimited boolean, has_api_access boolean, history_days int)
  language sql stable set search_path = '' as $$
  select o.id, o.name, o.slug, o.plan, o.time_zone, o.created_at, m.role,
    (select count(*) from public.organization_members c where c.organization_id = o.id),
    budget.amount::text, coalesce(budget.is_unlimited, false),
    coalesce(access.is_unlimited or access.amount > 0, false), history.amount::int
  from public.organization_members m
  join public.organizations o on o.id = m.organization_id
  left join lateral private.limit_of(o.id, 'ai_budget_usd_month') budget on true
  left join lateral private.limit_of(o.id, 'api_access') access on true
  left join lateral private.limit_of(o.id, 'history_days') history on true
  where m.user_id = (select auth.uid())
  order by o.created_at, o.id
$$;
comment on function public.describe_teams is 'The caller''s organizations, their role in each, and what the plan gives; history_days null is all there is.';

create function public.list_daily_costs(organization_id uuid, from_day date, to_day date) returns jsonb
  language sql stable set search_path = '' as $$
  with days as (
    select (f.bucket_at at time zone o.time_zone)::date as day, f.provider, f.model, sum(f.cost_usd)::text as cost_usd,
      sum(f.input_tokens) as input_tokens, sum(f.output_tokens) as output_tokens, sum(f.calls) as calls
    from public.organizations o
    join public.usage_facts f on f.organization_id = o.id
    where o.id = list_daily_costs.organization_id
      and f.bucket_at >= private.day_start(from_day, o.time_zone)
      and f.bucket_at < private.day_start(to_day + 1, o.time_zone)
    group by 1, 2, 3
  )
  select coalesce(jsonb_agg(jsonb_build_object('date', day, 'provider', provider, 'model', model, 'totalCostUsd', cost_usd,
    'totalInput', input_tokens, 'totalOutput', output_tokens, 'requestCount', calls) order by day, provider, model), '[]')
  from days
$$;
comment on function public.list_daily_costs is 'What each model cost on each day, both included, in the organization''s zone: one array, which no row limit of the Data API cuts. Money as text.';
grant execute on function public.describe_teams, public.list_daily_costs to authenticated;
