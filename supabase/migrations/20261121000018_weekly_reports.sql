-- Weekly reports: what an organization spent in the week that is over, by mail to its owners and admins.
--
-- A report is a row of public.alerts that is over from the start, so it comes once for each week and goes through the same
-- outbox. Its figures come from the rollups and stay as they were.

create function private.dearest_of(organization_id uuid, dimension text, from_at timestamptz, to_at timestamptz) returns jsonb
  language plpgsql stable set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('name', d.name, 'cost_usd', d.cost_usd::text, 'calls', d.calls)
      order by d.cost_usd desc, d.key), '[]')
    from (
      select f.key, f.cost_usd, f.calls, case dimension when 'model' then substr(f.key, strpos(f.key, '/') + 1)
        when 'project' then (select p.name from public.projects p where p.id = f.key::uuid)
        when 'proxy_key' then (select k.name from public.proxy_keys k where k.id = f.key::uuid) end as name
      from private.sum_usage(dearest_of.organization_id, dimension, from_at, to_at) f
      -- What was refused before it was known who answers has no model.
      where f.calls > 0 and f.key <> '/'
      order by f.cost_usd desc, f.key limit 5
    ) d);
end $$;
comment on function private.dearest_of is 'The five models, projects or proxy keys that cost most between two instants; name is null where it is gone.';

create function private.fullest_budgets(organization_id uuid) returns jsonb
  language plpgsql stable set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('scope', f.scope, 'name', f.name, 'period', f.period,
      'spent_usd', f.spent_usd::text, 'limit_usd', f.limit_usd::text, 'percent', f.percent) order by f.percent desc, f.name), '[]')
    from (
      select b.scope, private.scope_name(b.scope, b.scope_id) as name, b.period, b.spent_usd, b.limit_usd,
        private.percent_spent(b) as percent
      from public.budgets b where b.organization_id = fullest_budgets.organization_id and private.percent_spent(b) >= 80
      union all
      select 'plan', null, 'month', c.spent_usd, l.amount, floor(c.spent_usd * 100 / l.amount)
      from private.spend_counters c
      cross join lateral private.limit_of(c.organization_id, 'ai_budget_usd_month') l
      where c.organization_id = fullest_budgets.organization_id and not l.is_unlimited and l.amount > 0
        and c.spent_usd * 100 >= l.amount * 80
      order by percent desc limit 5
    ) f);
end $$;
comment on function private.fullest_budgets is 'The five budgets of which most is spent, from 80 % on, the plan''s included, as they stand now.';

create function private.write_weekly_report(organization public.organizations, week date) returns boolean
  language plpgsql set search_path = '' as $$
declare
  from_at constant timestamptz := private.day_start(week, organization.time_zone);
  to_at constant timestamptz := private.day_start(week + 7, organization.time_zone);
  before_at constant timestamptz := private.day_start(week - 7, organization.time_zone);
  this_week record;
  week_before record;
  savings record;
begin
  select coalesce(sum(f.calls), 0)::bigint as calls, coalesce(sum(f.errors), 0)::bigint as errors,
    coalesce(sum(f.cost_usd), 0) as usd
  into this_week from private.sum_usage(organization.id, 'all', from_at, to_at) f;
  select coalesce(sum(f.calls), 0)::bigint as calls, coalesce(sum(f.cost_usd), 0) as usd
  into week_before from private.sum_usage(organization.id, 'all', before_at, from_at) f;
  -- Who does nothing is not mailed every week.
  if this_week.calls = 0 and week_before.calls = 0 then
    return false;
  end if;
  savings := private.sum_savings(organization.id, from_at, to_at);
  insert into public.alerts (organization_id, kind, severity, subject_type, subject_id, occasion, facts, seen_at, resolved_at)
  values (organization.id, 'weekly_report', 'info', 'organization', organization.id, week, jsonb_build_object(
    'first_day', week, 'last_day', week + 6, 'cost_usd', this_week.usd::text, 'calls', this_week.calls,
    'errors', this_week.errors,
    -- A plan that shows no week before this one is not told of it here either.
    'before_usd', case when private.history_start(organization.id) <= before_at then week_before.usd::text end,
    'cached_calls', savings.calls, 'saved_usd', savings.saved_usd::text,
    'models', private.dearest_of(organization.id, 'model', from_at, to_at),
    'projects', private.dearest_of(organization.id, 'project', from_at, to_at),
    'proxy_keys', private.dearest_of(organization.id, 'proxy_key', from_at, to_at),
    'budgets', private.fullest_budgets(organization.id)), now(), now())
  on conflict do nothing;
  return found;
end $$;
comment on function private.write_weekly_report is 'Writes the report of the week that begins on this Monday, in the organization''s zone, once; false where there is nothing to tell, or it is told.';

create function private.write_weekly_reports(at timestamptz) returns int
  language plpgsql set search_path = '' as $$
declare
  due record;
  written int := 0;
begin
  for due in
    select o as organization, w.week
    from public.organizations o
    -- Weeks that begin on Mondays at eight, by the organization's clock: what is over when one begins is told that day,
    -- and later not any more.
    cross join lateral (select at at time zone o.time_zone - interval '8 hours' as local) l
    cross join lateral (select date_trunc('week', l.local)::date - 7 as week) w
    where o.sends_weekly_report and l.local < w.week + interval '8 days'
      and not exists (select from public.alerts a where a.organization_id = o.id and a.kind = 'weekly_report'
        and a.subject_id = o.id::text and a.occasion = w.week::text)
  loop
    begin
      written := written + private.write_weekly_report(due.organization, due.week)::int;
    exception when others then
      -- The others are not to wait for it.
      raise warning 'no weekly report of organization %: % (%)', (due.organization).id, sqlerrm, sqlstate;
    end;
  end loop;
  return written;
end $$;
comment on function private.write_weekly_reports is 'Reports last week to every organization whose Monday, 8:00, has come by this instant; answers how many.';
select cron.schedule('write-weekly-reports', '*/15 * * * *', 'select private.write_weekly_reports(now())');
