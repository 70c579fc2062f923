-- Prices: what an organization really pays, on top of the price list, and pricing the past again.
--
-- An organization says what differs from the list; its own dated price rows follow from that and from the list, beside
-- the list's in model_prices. Admission finds one row, as ever, and settlement needs its id alone.

-- § Own prices -------------------------------------------------------------------------------------------------

create table public.organization_prices (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  provider text not null,
  -- Null: every model of the provider that has nothing of its own here.
  model text,
  -- Off the list's rates; zero is the list's price.
  discount_percent numeric(7, 4),
  -- Or dollars per million tokens, as in model_prices.
  input_usd_per_mtok numeric(20, 10),
  cache_read_usd_per_mtok numeric(20, 10),
  cache_write_5m_usd_per_mtok numeric(20, 10),
  cache_write_1h_usd_per_mtok numeric(20, 10),
  output_usd_per_mtok numeric(20, 10),
  valid_from timestamptz not null default now(),
  created_by uuid default auth.uid() references public.profiles (user_id) on delete set null,
  created_at timestamptz not null default now(),
  constraint organization_prices_model_fkey foreign key (provider, model) references public.models (provider, model)
    on update cascade on delete cascade,
  constraint organization_prices_provider_known check (provider in ('openai', 'anthropic', 'moonshot')),
  constraint organization_prices_discount_percent check (discount_percent between 0 and 100),
  constraint organization_prices_not_negative check (least(input_usd_per_mtok, cache_read_usd_per_mtok,
    cache_write_5m_usd_per_mtok, cache_write_1h_usd_per_mtok, output_usd_per_mtok) >= 0),
  constraint organization_prices_finite check (greatest(input_usd_per_mtok, cache_read_usd_per_mtok,
    cache_write_5m_usd_per_mtok, cache_write_1h_usd_per_mtok, output_usd_per_mtok) < 'Infinity'),
  -- Either a discount, or rates of one model.
  constraint organization_prices_discount_or_rates check (case when discount_percent is null
    then model is not null and coalesce(input_usd_per_mtok, output_usd_per_mtok) is not null
    else coalesce(input_usd_per_mtok, cache_read_usd_per_mtok, cache_write_5m_usd_per_mtok, cache_write_1h_usd_per_mtok,
      output_usd_per_mtok) is null end),
  constraint organization_prices_unique unique nulls not distinct (organization_id, provider, model, valid_from)
);
comment on table public.organization_prices is 'What an organization pays instead of the list''s price: a discount or rates of its own, from a day on. The rows of model_prices that follow are what calls are priced by.';
create index organization_prices_model_index on public.organization_prices (provider, model);
create index organization_prices_created_by_index on public.organization_prices (created_by);
create trigger organization_prices_audit after insert or delete on public.organization_prices
  for each row execute function private.on_audited_change('organization_price');
alter table public.organization_prices enable row level security;
create policy "members read organization prices" on public.organization_prices
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
create policy "admins set organization prices" on public.organization_prices
  for insert to authenticated with check (organization_id in (select private.organizations_where_i_am('admin')));
create policy "admins delete organization prices" on public.organization_prices
  for delete to authenticated using (organization_id in (select private.organizations_where_i_am('admin')));
grant select, insert (organization_id, provider, model, discount_percent, input_usd_per_mtok, cache_read_usd_per_mtok,
  cache_write_5m_usd_per_mtok, cache_write_1h_usd_per_mtok, output_usd_per_mtok, valid_from), delete
  on public.organization_prices to authenticated;

create function private.discount_tiers(context_tiers jsonb, factor numeric) returns jsonb
  language sql immutable set search_path = '' as $$
  select coalesce(jsonb_agg((
    select jsonb_object_agg(key, case key when 'above_input_tokens' then value
      else to_jsonb(round(value::text::numeric * factor, 10)) end)
    from jsonb_each(t) where value <> 'null'
  )), '[]') from jsonb_array_elements(context_tiers) t
$$;

create function private.own_prices_of(organization_id uuid) returns setof public.model_prices
  language sql stable set search_path = '' as $$
  with listed as (
    select p.* from public.model_prices p where p.organization_id is null and not p.is_superseded
  ), moments as (
    -- Whenever the list's price changes or an entry begins, from the first entry on.
    select l.provider, l.model, l.service_tier, m.at
    from (select distinct provider, model, service_tier from listed) l
    cross join lateral (
      select min(e.valid_from) as begins_at from public.organization_prices e
      where e.organization_id = own_prices_of.organization_id and e.provider = l.provider and coalesce(e.model, l.model) = l.model
    ) f
    cross join lateral (
      select e.valid_from as at from public.organization_prices e
      where e.organization_id = own_prices_of.organization_id and e.provider = l.provider and coalesce(e.model, l.model) = l.model
      union
      select p.valid_from from listed p
      where (p.provider, p.model, p.service_tier) = (l.provider, l.model, l.service_tier) and p.valid_from > f.begins_at
    ) m
  )
  select 0::bigint, own_prices_of.organization_id, m.provider, m.model, m.service_tier, m.at,
    case when o.own then e.input_usd_per_mtok else round(p.input_usd_per_mtok * o.factor, 10) end,
    case when o.own then e.cache_read_usd_per_mtok else round(p.cache_read_usd_per_mtok * o.factor, 10) end,
    case when o.own then e.cache_write_5m_usd_per_mtok else round(p.cache_write_5m_usd_per_mtok * o.factor, 10) end,
    case when o.own then e.cache_write_1h_usd_per_mtok else round(p.cache_write_1h_usd_per_mtok * o.factor, 10) end,
    case when o.own then e.output_usd_per_mtok else round(p.output_usd_per_mtok * o.factor, 10) end,
    case when o.own then '[]' else private.discount_tiers(p.context_tiers, o.factor) end,
    -- What images and audio cost nobody says for himself; a discount is on them, too.
    (select coalesce(jsonb_object_agg(r.key, round(r.value::numeric * case when o.own then 1 else o.factor end, 10)), '{}')
      from jsonb_each_text(p.media_rates) r),
    'organization', false, now()
  from moments m
  cross join lateral (
    select * from listed l
    where (l.provider, l.model, l.service_tier) = (m.provider, m.model, m.service_tier) and l.valid_from <= m.at
    order by l.valid_from desc limit 1
  ) p
  cross join lateral (
    select * from public.organization_prices e
    where e.organization_id = own_prices_of.organization_id and e.provider = m.provider and coalesce(e.model, m.model) = m.model
      and e.valid_from <= m.at
    -- What is said of the model goes before what is said of all.
    order by e.model is null, e.valid_from desc limit 1
  ) e
  -- Rates of one's own are of the standard tier; the others stay the list's.
  cross join lateral (
    select e.discount_percent is null and m.service_tier = 'standard' as own, 1 - coalesce(e.discount_percent, 0) / 100 as factor
  ) o
$$;
comment on function private.own_prices_of is 'The price rows that follow from what an organization pays and from the list.';

create function private.derive_own_prices(organization_id uuid) returns void
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  wanted public.model_prices[];
begin
  -- The counter before prices, as whoever learns the facts of a call does; and one at a time.
  perform from private.spend_counters c where c.organization_id = derive_own_prices.organization_id for update;
  wanted := array(select w from private.own_prices_of(derive_own_prices.organization_id) w);
  update public.model_prices p set is_superseded = true
  where p.organization_id = derive_own_prices.organization_id and not p.is_superseded
    and not exists (select from unnest(wanted) w
      where (w.provider, w.model, w.service_tier, w.valid_from) = (p.provider, p.model, p.service_tier, p.valid_from)
        and (w.input_usd_per_mtok, w.cache_read_usd_per_mtok, w.cache_write_5m_usd_per_mtok, w.cache_write_1h_usd_per_mtok,
          w.output_usd_per_mtok, w.context_tiers, w.media_rates) is not distinct from (p.input_usd_per_mtok,
          p.cache_read_usd_per_mtok, p.cache_write_5m_usd_per_mtok, p.cache_write_1h_usd_per_mtok, p.output_usd_per_mtok,
          p.context_tiers, p.media_rates));
  insert into public.model_prices (organization_id, provider, model, service_tier, valid_from, input_usd_per_mtok,
    cache_read_usd_per_mtok, cache_write_5m_usd_per_mtok, cache_write_1h_usd_per_mtok, output_usd_per_mtok, context_tiers,
    media_rates, source)
  select w.organization_id, w.provider, w.model, w.service_tier, w.valid_from, w.input_usd_per_mtok, w.cache_read_usd_per_mtok,
    w.cache_write_5m_usd_per_mtok, w.cache_write_1h_usd_per_mtok, w.output_usd_per_mtok, w.context_tiers, w.media_rates, w.source
  from unnest(wanted) w
  on conflict (provider, model, service_tier, valid_from, organization_id) where not is_superseded do nothing;
end $$;
comment on function private.derive_own_prices is 'Brings an organization''s rows of model_prices in line with its entries and the list. Rows that do not hold any more are superseded, not changed.';

create function private.on_organization_prices_change() returns trigger
  -- definer: price rows are not writable by clients
  language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.organization_prices p where p.organization_id in (select c.organization_id from changed c)
      group by p.organization_id having count(*) > 200) then
    perform private.refuse(409, 'too_many_prices', '{"limit": 200}');
  end if;
  perform private.derive_own_prices(o.id)
  from public.organizations o where o.id in (select c.organization_id from changed c) order by o.id;
  return null;
end $$;
create trigger organization_prices_insert after insert on public.organization_prices
  referencing new table as changed for each statement execute function private.on_organization_prices_change();
create trigger organization_prices_delete after delete on public.organization_prices
  referencing old table as changed for each statement execute function private.on_organization_prices_change();

create function public.list_prices(organization_id uuid, at timestamptz default now())
  returns table (provider text, model text, display_name text, context_window int, is_own boolean, valid_from timestamptz,
    input_usd_per_mtok text, cache_read_usd_per_mtok text, cache_write_5m_usd_per_mtok text, cache_write_1h_usd_per_mtok text,
    output_usd_per_mtok text, context_tiers jsonb)
  -- definer: prices are found by a private function; the list's are shown to members only here
  language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  if list_prices.organization_id not in (select private.my_organization_ids()) then
    perform private.refuse(404, 'organization_not_found');
  end if;
  return query select m.provider, m.model, m.display_name, m.context_window, p.organization_id is not null, p.valid_from,
    p.input_usd_per_mtok::text, p.cache_read_usd_per_mtok::text, p.cache_write_5m_usd_per_mtok::text,
    p.cache_write_1h_usd_per_mtok::text, p.output_usd_per_mtok::text, p.context_tiers
  from public.models m
  cross join lateral private.find_organization_price(list_prices.organization_id, m.provider, m.model, 'standard', at) p
  where p.id is not null and not m.is_deprecated
  order by m.provider, m.position;
end $$;
comment on function public.list_prices is 'Every model with what it costs this organization at an instant: its own price, else the list''s.';

-- § Price again ------------------------------------------------------------------------------------------------
-- The ledger keeps what a call used, so what it cost can be found anew: at the price that holds today for the moment at
-- which it was made. The difference moves the call, the rollups and the counters alike, and stays written.

create table public.repricings (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  from_at timestamptz not null,
  to_at timestamptz not null,
  calls bigint not null,
  before_usd numeric(20, 10) not null,
  after_usd numeric(20, 10) not null,
  created_by uuid references public.profiles (user_id) on delete set null,
  created_at timestamptz not null default now(),
  constraint repricings_span check (from_at < to_at)
);
comment on table public.repricings is 'That calls of a stretch of time were priced again, by whom, and what that came to.';
create index repricings_organization_index on public.repricings (organization_id, created_at desc);
create index repricings_created_by_index on public.repricings (created_by);
create trigger repricings_audit after insert on public.repricings
  for each row execute function private.on_audited_change('repricing');
alter table public.repricings enable row level security;
create policy "members read repricings" on public.repricings
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
grant select on public.repricings to authenticated;

create table public.usage_adjustments (
  repricing_id uuid not null references public.repricings (id) on delete cascade,
  call_id uuid not null,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  -- When the call was made.
  call_created_at timestamptz not null,
  -- Null: it had no price.
  before_usd numeric(20, 10),
  after_usd numeric(20, 10) not null,
  before_price_id bigint,
  after_price_id bigint not null,
  primary key (repricing_id, call_id)
);
comment on table public.usage_adjustments is 'What a call cost before it was priced again, and since.';
create index usage_adjustments_organization_index on public.usage_adjustments (organization_id, call_created_at);
alter table public.usage_adjustments enable row level security;
create policy "members read usage adjustments" on public.usage_adjustments
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
grant select on public.usage_adjustments to authenticated;

create function private.price_again(call public.ai_usage) returns table (price_id bigint, cost_usd numeric)
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  price constant public.model_prices := private.find_organization_price(call.organization_id, call.provider,
    private.find_model(call.provider, call.model), case
      when coalesce(call.service_tier, 'standard') in ('standard', 'default', 'auto') then 'standard'
      else call.service_tier end, call.created_at);
begin
  if price.id is not null then
    -- What attempts before the last one cost stays as it is.
    return query select price.id, private.cost_of_attempts(call.attempts) + private.price_usage(price, row(call.input_tokens,
      call.cache_read_tokens, call.cache_write_5m_tokens, call.cache_write_1h_tokens, call.output_tokens)::private.token_usage)
      + private.price_media(price, call.media);
  end if;
end $$;
comment on function private.price_again is 'What a call costs at the price that is known today for when it was made. No row without a price.';

create function private.require_repricing(organization_id uuid, from_at timestamptz, to_at timestamptz) returns void
  language plpgsql set search_path = '' as $$
begin
  perform private.require_role(organization_id, 'admin');
  -- A day at a time keeps every step short; a day with a clock change has 25 hours.
  if coalesce(from_at >= to_at or to_at - from_at > interval '25 hours', true) then
    perform private.refuse(400, 'span_invalid');
  end if;
  -- What may be in an archive is as it was: its parts are compared with the ledger, and say what calls cost.
  if from_at < date_trunc('month', now() - interval '90 days', 'UTC') or from_at < private.history_start(organization_id) then
    perform private.refuse(409, 'span_archived');
  end if;
end $$;

create function public.preview_repricing(organization_id uuid, from_at timestamptz, to_at timestamptz)
  returns table (provider text, model text, calls bigint, before_usd text, after_usd text)
  -- definer: prices are found by private functions
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  perform private.require_repricing(preview_repricing.organization_id, from_at, to_at);
  return query select u.provider, u.model, count(*), coalesce(sum(u.cost_usd), 0)::text, sum(p.cost_usd)::text
  from public.ai_usage u cross join lateral private.price_again(u) p
  where u.organization_id = preview_repricing.organization_id and u.created_at >= from_at and u.created_at < to_at
    and u.settled_at is not null and u.status <> 'refused' and p.cost_usd is not null and u.cost_usd is distinct from p.cost_usd
  group by 1, 2 order by 1, 2;
end $$;
comment on function public.preview_repricing is 'What pricing a day''s calls again would change, by model; it changes nothing. A day at most.';

create function public.reprice_usage(organization_id uuid, from_at timestamptz, to_at timestamptz)
  returns table (calls bigint, before_usd text, after_usd text)
  -- definer: the ledger is not writable by clients
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  repricing public.repricings;
  before_calls public.ai_usage[];
  after_calls public.ai_usage[];
begin
  perform private.require_repricing(reprice_usage.organization_id, from_at, to_at);
  -- As foreign keys will: a deletion, which has this first, would wait for the calls, and this for it.
  perform from public.organizations o where o.id = reprice_usage.organization_id for key share;
  -- Locked, they are as they will be found: a late settlement waits, or was here before.
  before_calls := array(
    select u from public.ai_usage u
    where u.organization_id = reprice_usage.organization_id and u.created_at >= from_at and u.created_at < to_at
      and u.settled_at is not null and u.status <> 'refused'
    order by u.id for update);
  before_calls := array(select u from unnest(before_calls) u cross join lateral private.price_again(u) p
    where p.cost_usd is not null and u.cost_usd is distinct from p.cost_usd);
  if cardinality(before_calls) = 0 then
    return query select 0::bigint, '0'::text, '0'::text;
    return;
  end if;
  with changed as (
    update public.ai_usage u set cost_usd = p.cost_usd, model_price_id = p.price_id
    from unnest(before_calls) b cross join lateral private.price_again(b) p
    where u.id = b.id and u.organization_id = b.organization_id and u.settled_at = b.settled_at and u.created_at = b.created_at
    returning u as call
  )
  select array_agg(c.call) into after_calls from changed c;
  before_calls := array(select b from unnest(before_calls) b join unnest(after_calls) a on a.id = b.id);
  insert into public.repricings (organization_id, from_at, to_at, calls, before_usd, after_usd, created_by)
  select reprice_usage.organization_id, reprice_usage.from_at, reprice_usage.to_at, count(*), coalesce(sum(b.cost_usd), 0),
    sum(a.cost_usd), auth.uid()
  from unnest(before_calls) b join unnest(after_calls) a on a.id = b.id
  returning * into repricing;
  insert into public.usage_adjustments
  select repricing.id, b.id, b.organization_id, b.created_at, b.cost_usd, a.cost_usd, b.model_price_id, a.model_price_id
  from unnest(before_calls) b join unnest(after_calls) a on a.id = b.id;
  -- Only the money moves; the calls, their tokens and latencies are counted already.
  insert into private.usage_deltas (organization_id, bucket_at, project_id, proxy_key_id, user_id, agent_id, provider, model,
    calls, errors, refusals, input_tokens, cache_read_tokens, output_tokens, cost_usd, tags)
  select b.organization_id, date_bin('15 minutes', b.created_at, '2000-01-01Z'), b.project_id, b.proxy_key_id,
    coalesce(b.user_id, ''), coalesce(b.agent_id, ''), b.provider, b.model, 0, 0, 0, 0, 0, 0,
    sum(a.cost_usd - coalesce(b.cost_usd, 0)), b.tags
  from unnest(before_calls) b join unnest(after_calls) a on a.id = b.id
  group by 1, 2, 3, 4, 5, 6, 7, 8, b.tags;
  -- Last, as settling does. What was held for these calls was released when they were settled.
  update private.spend_counters c set version = c.version + 1, spent_usd = c.spent_usd + coalesce((
    select sum(a.cost_usd - coalesce(b.cost_usd, 0)) from unnest(before_calls) b join unnest(after_calls) a on a.id = b.id
    where a.created_at >= c.window_start), 0)
  where c.organization_id = reprice_usage.organization_id;
  perform private.settle_in_budgets(before_calls, reprice_usage.organization_id, -1);
  perform private.settle_in_budgets(array(select jsonb_populate_record(a, '{"held_usd": 0}') from unnest(after_calls) a),
    reprice_usage.organization_id, 1);
  return query select repricing.calls, repricing.before_usd::text, repricing.after_usd::text;
end $$;
comment on function public.reprice_usage is 'Prices a day''s calls again: the ledger, the rollups, the counters and the budgets move by the difference, which usage_adjustments keeps. A day at most.';
grant execute on function public.list_prices, public.preview_repricing, public.reprice_usage to authenticated;
