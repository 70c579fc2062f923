-- Reconciliation: what a provider says it charged, beside what the ledger says, by day (UTC) and model.
--
-- A provider's bills come one way: we read its reports with an admin key of the organization, or it pushes billing
-- events. Both end as report lines, which reconcile_day compares with the ledger. It does so as often as it is asked
-- to, and what it finds replaces what it found before.

-- § Billing keys -----------------------------------------------------------------------------------------------

create table public.billing_keys (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  provider text not null,
  -- admin: reports are read with it. events: it signs what the provider pushes.
  kind text not null,
  last_four text not null,
  read_at timestamptz,
  read_error text,
  -- Since the last reading that succeeded.
  attempts int not null default 0,
  next_read_at timestamptz not null default now(),
  -- Whoever reads holds this; when the time is over, another may.
  lease_until timestamptz,
  created_by uuid references public.profiles (user_id) on delete set null,
  created_at timestamptz not null default now(),
  constraint billing_keys_provider_known check (provider in ('openai', 'anthropic', 'moonshot')),
  constraint billing_keys_kind_known check (kind in ('admin', 'events')),
  constraint billing_keys_unique unique (organization_id, provider)
);
comment on table public.billing_keys is 'How a provider''s bills come to an organization. The sealed key is in private.billing_key_secrets; here are its last four characters.';
create index billing_keys_created_by_index on public.billing_keys (created_by);
create index billing_keys_next_read_at_index on public.billing_keys (next_read_at) where kind = 'admin';
create trigger billing_keys_audit after insert or update or delete on public.billing_keys
  for each row execute function private.on_audited_change('billing_key', 'read_at', 'read_error', 'attempts',
    'next_read_at', 'lease_until');
alter table public.billing_keys enable row level security;
create policy "members read billing keys" on public.billing_keys
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
create policy "admins delete billing keys" on public.billing_keys
  for delete to authenticated using (organization_id in (select private.organizations_where_i_am('admin')));
grant select, delete on public.billing_keys to authenticated;

create table private.billing_key_secrets (
  billing_key_id uuid primary key references public.billing_keys (id) on delete cascade,
  ciphertext text not null,
  constraint billing_key_secrets_format check (ciphertext ~ '^v1:[A-Za-z0-9_-]+:[A-Za-z0-9+/=_-]+:[A-Za-z0-9+/=_-]+$')
);
comment on table private.billing_key_secrets is 'Sealed as provider keys are; additional data is organization id and billing key id.';
alter table private.billing_key_secrets enable row level security;

create function public.store_billing_key(
  id uuid, organization_id uuid, provider text, kind text, ciphertext text, last_four text
) returns void
  -- definer: secrets are not writable by clients
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  perform private.require_role(store_billing_key.organization_id, 'admin');
  if coalesce(store_billing_key.provider not in ('openai', 'anthropic', 'moonshot')
      or store_billing_key.kind not in ('admin', 'events') or char_length(store_billing_key.last_four) <> 4, true) then
    perform private.refuse(400, 'billing_key_invalid');
  end if;
  delete from public.billing_keys k
  where k.organization_id = store_billing_key.organization_id and k.provider = store_billing_key.provider;
  insert into public.billing_keys (id, organization_id, provider, kind, last_four, created_by)
  values (store_billing_key.id, store_billing_key.organization_id, store_billing_key.provider, store_billing_key.kind,
    store_billing_key.last_four, auth.uid());
  insert into private.billing_key_secrets values (store_billing_key.id, store_billing_key.ciphertext);
  -- Readings that end here would stretch until the next one, months later.
  delete from public.provider_balances b
  where b.organization_id = store_billing_key.organization_id and b.provider = store_billing_key.provider;
end $$;
comment on function public.store_billing_key is 'Called by functions/gateway, which encrypts. It replaces the provider''s present one; what was read with that stays.';

create function public.administer_billing_key(id uuid) returns table (organization_id uuid, provider text, kind text)
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  billing_key public.billing_keys;
begin
  -- As the caller: RLS hides other tenants' keys.
  select * into billing_key from public.billing_keys k where k.id = administer_billing_key.id;
  if not found then
    perform private.refuse(404, 'billing_key_not_found');
  end if;
  perform private.require_role(billing_key.organization_id, 'admin');
  return query select billing_key.organization_id, billing_key.provider, billing_key.kind;
end $$;
comment on function public.administer_billing_key is 'Whose billing key this is, to an admin of that organization; 404 and 403 otherwise. functions/gateway asks before it reads reports now.';
grant execute on function public.store_billing_key, public.administer_billing_key to authenticated;

create function public.claim_billing_key(billing_key_id uuid default null)
  returns table (id uuid, organization_id uuid, provider text, ciphertext text, lease_until timestamptz)
  -- definer: secrets are readable by nobody else
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return query
  with due as (
    select k.id from public.billing_keys k
    where k.kind = 'admin' and (k.lease_until is null or k.lease_until < clock_timestamp())
      and (k.id = claim_billing_key.billing_key_id or claim_billing_key.billing_key_id is null and k.next_read_at <= now())
    order by k.next_read_at limit 1 for update skip locked
  )
  update public.billing_keys k set lease_until = clock_timestamp() + interval '5 minutes', attempts = k.attempts + 1
  from due join private.billing_key_secrets s on s.billing_key_id = due.id
  where k.id = due.id
  returning k.id, k.organization_id, k.provider, s.ciphertext, k.lease_until;
end $$;
comment on function public.claim_billing_key is 'For functions/gateway with the service role: the admin key that is due for reading, or this one, under a lease. Nothing when none is, or someone reads with it already.';

create function public.finish_billing_read(id uuid, lease_until timestamptz, error text default null) returns boolean
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  update public.billing_keys k set lease_until = null, read_error = finish_billing_read.error,
    read_at = case when finish_billing_read.error is null then now() else k.read_at end,
    attempts = case when finish_billing_read.error is null then 0 else k.attempts end,
    -- Yesterday's reports are complete in the morning; a balance is wanted as it stands at midnight.
    next_read_at = case when finish_billing_read.error is null
      then (date_trunc('day', now() at time zone 'UTC') + interval '1 day'
        + case k.provider when 'moonshot' then interval '1 minute' else interval '3 hours' end) at time zone 'UTC'
      else now() + least(interval '1 minute' * 2 ^ least(k.attempts - 1, 12), interval '6 hours') end
  where k.id = finish_billing_read.id and k.lease_until = finish_billing_read.lease_until;
  return found;
end $$;
comment on function public.finish_billing_read is 'For functions/gateway with the service role: ends a lease. Without an error the next reading is tomorrow, otherwise soon, and then ever later. False where the lease was lost.';

-- § Reports ----------------------------------------------------------------------------------------------------

create table public.provider_report_lines (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  provider text not null,
  -- UTC
  day date not null,
  -- Providers report money and tokens apart.
  kind text not null,
  -- As the provider calls it; '' where it gives one sum.
  line_item text not null,
  service_tier text not null,
  model text,
  cost_usd numeric(20, 10) not null default 0,
  -- Null where the provider does not say.
  requests bigint,
  -- The total, caches included, as in the ledger.
  input_tokens bigint not null default 0,
  cache_read_tokens bigint not null default 0,
  cache_write_5m_tokens bigint not null default 0,
  cache_write_1h_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  primary key (organization_id, provider, day, kind, line_item, service_tier),
  constraint provider_report_lines_kind_known check (kind in ('cost', 'usage'))
);
comment on table public.provider_report_lines is 'What providers report of a day (UTC): costs by line item, usage by model and service tier. The last report of a day replaces those before it.';
alter table public.provider_report_lines enable row level security;
create policy "members read provider report lines" on public.provider_report_lines
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
grant select on public.provider_report_lines to authenticated;

create table public.provider_balances (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  provider text not null,
  read_at timestamptz not null,
  available_usd numeric(20, 10) not null,
  primary key (organization_id, provider, read_at)
);
comment on table public.provider_balances is 'What was left in a prepaid account when it was looked at. By how much it fell between two readings is what was charged.';
alter table public.provider_balances enable row level security;
create policy "members read provider balances" on public.provider_balances
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
grant select on public.provider_balances to authenticated;

create table private.provider_events (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  provider text not null,
  event_id text not null,
  received_at timestamptz not null default now(),
  primary key (organization_id, provider, event_id)
);
comment on table private.provider_events is 'Billing events that were counted, so that one that is delivered again is not.';
create index provider_events_received_at_index on private.provider_events (received_at);
alter table private.provider_events enable row level security;

create function private.report_lines(organization_id uuid, provider text, lines jsonb)
  returns setof public.provider_report_lines
  language sql stable set search_path = '' as $$
  select report_lines.organization_id, report_lines.provider, l.day, l.kind, coalesce(l.line_item, ''),
    coalesce(l.service_tier, ''), max(l.model), round(coalesce(sum(l.cost_usd), 0), 10), sum(l.requests)::bigint,
    coalesce(sum(l.input_tokens), 0)::bigint, coalesce(sum(l.cache_read_tokens), 0)::bigint,
    coalesce(sum(l.cache_write_5m_tokens), 0)::bigint, coalesce(sum(l.cache_write_1h_tokens), 0)::bigint,
    coalesce(sum(l.output_tokens), 0)::bigint
  from jsonb_to_recordset(lines) as l (day date, kind text, line_item text, service_tier text, model text, cost_usd numeric,
    requests bigint, input_tokens bigint, cache_read_tokens bigint, cache_write_5m_tokens bigint,
    cache_write_1h_tokens bigint, output_tokens bigint)
  group by l.day, l.kind, coalesce(l.line_item, ''), coalesce(l.service_tier, '')
$$;
comment on function private.report_lines is 'The lines of a report as rows, one for each line item and service tier of a day.';

create function private.require_lease(billing_key_id uuid, lease_until timestamptz) returns public.billing_keys
  language plpgsql set search_path = '' as $$
declare
  billing_key public.billing_keys;
begin
  select * into billing_key from public.billing_keys k
  where k.id = billing_key_id and k.lease_until = require_lease.lease_until for update;
  if not found then
    perform private.refuse(409, 'lease_lost');
  end if;
  return billing_key;
end $$;

create function public.store_provider_report(
  billing_key_id uuid, lease_until timestamptz, first_day date, last_day date, lines jsonb
) returns int
  -- definer: calls private functions
  language plpgsql security definer set search_path = '' as $$
declare
  billing_key public.billing_keys := private.require_lease(billing_key_id, lease_until);
  changed int;
begin
  with incoming as (
    select * from private.report_lines(billing_key.organization_id, billing_key.provider, lines)
  ), removed as (
    delete from public.provider_report_lines l
    where l.organization_id = billing_key.organization_id and l.provider = billing_key.provider
      and l.day between first_day and last_day
      and not exists (select from incoming i where (i.day, i.kind, i.line_item, i.service_tier)
        = (l.day, l.kind, l.line_item, l.service_tier))
    returning 1
  ), stored as (
    insert into public.provider_report_lines as l select * from incoming where day between first_day and last_day
    on conflict (organization_id, provider, day, kind, line_item, service_tier) do update set model = excluded.model,
      cost_usd = excluded.cost_usd, requests = excluded.requests, input_tokens = excluded.input_tokens,
      cache_read_tokens = excluded.cache_read_tokens, cache_write_5m_tokens = excluded.cache_write_5m_tokens,
      cache_write_1h_tokens = excluded.cache_write_1h_tokens, output_tokens = excluded.output_tokens
    where l.* is distinct from excluded.*
    returning 1
  )
  select (select count(*) from removed) + (select count(*) from stored) into changed;
  return changed;
end $$;
comment on function public.store_provider_report is 'For functions/gateway with the service role: what a provider reports of these days replaces what it reported of them before. Answers how many lines changed.';

create function public.store_provider_balance(billing_key_id uuid, lease_until timestamptz, available_usd numeric) returns void
  -- definer: calls private functions
  language plpgsql security definer set search_path = '' as $$
declare
  billing_key public.billing_keys := private.require_lease(billing_key_id, lease_until);
begin
  insert into public.provider_balances values (billing_key.organization_id, billing_key.provider, clock_timestamp(), available_usd);
end $$;
comment on function public.store_provider_balance is 'For functions/gateway with the service role: what is left in the account now.';

-- § Comparison -------------------------------------------------------------------------------------------------

create table public.reconciliations (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  provider text not null,
  -- UTC
  day date not null,
  ours_usd numeric(20, 10) not null,
  theirs_usd numeric(20, 10) not null,
  -- Positive: the provider charges more than the ledger has.
  drift_usd numeric(20, 10) not null generated always as (theirs_usd - ours_usd) stored,
  -- [{"cause": …, "usd": "…", …}], the largest first
  causes jsonb not null,
  -- The day is not over, so the provider may not have reported all of it.
  is_provisional boolean not null,
  -- Nothing of this provider went through the proxy by then.
  is_before_first_call boolean not null,
  -- Above the organization's threshold; alerts go by this.
  is_alarming boolean not null,
  reconciled_at timestamptz not null default now(),
  primary key (organization_id, provider, day)
);
comment on table public.reconciliations is 'A day (UTC) of a provider: what the ledger has, what the provider says, and why they differ.';
create index reconciliations_organization_index on public.reconciliations (organization_id, day desc);
alter table public.reconciliations enable row level security;
create policy "members read reconciliations" on public.reconciliations
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
grant select on public.reconciliations to authenticated;

create table public.reconciliation_lines (
  organization_id uuid not null,
  provider text not null,
  day date not null,
  -- A model, or what else the provider charges for.
  item text not null,
  is_model boolean not null,
  ours_usd numeric(20, 10) not null,
  theirs_usd numeric(20, 10) not null,
  drift_usd numeric(20, 10) not null generated always as (theirs_usd - ours_usd) stored,
  -- The provider gave one sum, which was divided among the models.
  is_divided boolean not null,
  ours_calls bigint not null,
  ours_input_tokens bigint not null,
  ours_output_tokens bigint not null,
  -- Null where the provider does not say.
  theirs_calls bigint,
  theirs_input_tokens bigint,
  theirs_output_tokens bigint,
  causes jsonb not null,
  primary key (organization_id, provider, day, item),
  constraint reconciliation_lines_reconciliation_fkey foreign key (organization_id, provider, day)
    references public.reconciliations (organization_id, provider, day) on delete cascade
);
comment on table public.reconciliation_lines is 'A reconciliation by model and by whatever else the provider charges for.';
alter table public.reconciliation_lines enable row level security;
create policy "members read reconciliation lines" on public.reconciliation_lines
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
grant select on public.reconciliation_lines to authenticated;

create view reporting.reconciliations with (security_barrier) as
  select r.day, r.provider, r.ours_usd, r.theirs_usd, r.drift_usd, r.causes, r.is_provisional, r.is_before_first_call,
    r.is_alarming, r.reconciled_at
  from public.reconciliations r
  where r.organization_id = (select o.id from private.reporting_organization o);
comment on view reporting.reconciliations is 'A day (UTC) of a provider: what the ledger has, what the provider charged, and why they differ.';
comment on column reporting.reconciliations.day is 'Calendar day in UTC';
comment on column reporting.reconciliations.provider is 'openai, anthropic, moonshot';
comment on column reporting.reconciliations.ours_usd is 'Dollars that the ledger has';
comment on column reporting.reconciliations.theirs_usd is 'Dollars that the provider says it charged';
comment on column reporting.reconciliations.drift_usd is 'How much more the provider charged; negative: less';
comment on column reporting.reconciliations.causes is 'Why they differ, the largest first: [{"cause": …, "usd": "…", …}]';
comment on column reporting.reconciliations.is_provisional is 'Whether the provider may not have reported all of the day yet';
comment on column reporting.reconciliations.is_before_first_call is 'Whether nothing of this provider had been called here by then';
comment on column reporting.reconciliations.is_alarming is 'Whether the drift is above the organization''s threshold';
comment on column reporting.reconciliations.reconciled_at is 'When they were last compared';

create view reporting.reconciliation_lines with (security_barrier) as
  select l.day, l.provider, l.item, l.is_model, l.ours_usd, l.theirs_usd, l.drift_usd, l.is_divided, l.ours_calls,
    l.theirs_calls, l.ours_input_tokens, l.theirs_input_tokens, l.ours_output_tokens, l.theirs_output_tokens, l.causes
  from public.reconciliation_lines l
  where l.organization_id = (select o.id from private.reporting_organization o);
comment on view reporting.reconciliation_lines is 'A reconciliation by model, and by whatever else the provider charges for.';
comment on column reporting.reconciliation_lines.day is 'Calendar day in UTC';
comment on column reporting.reconciliation_lines.provider is 'openai, anthropic, moonshot';
comment on column reporting.reconciliation_lines.item is 'The model, or what else was charged for';
comment on column reporting.reconciliation_lines.is_model is 'Whether it is a model';
comment on column reporting.reconciliation_lines.ours_usd is 'Dollars that the ledger has';
comment on column reporting.reconciliation_lines.theirs_usd is 'Dollars that the provider says it charged';
comment on column reporting.reconciliation_lines.drift_usd is 'How much more the provider charged; negative: less';
comment on column reporting.reconciliation_lines.is_divided is 'Whether the provider gave one sum for several models, which was divided among them';
comment on column reporting.reconciliation_lines.ours_calls is 'Calls in the ledger';
comment on column reporting.reconciliation_lines.theirs_calls is 'Calls that the provider counted; null: it does not say';
comment on column reporting.reconciliation_lines.ours_input_tokens is 'Tokens sent, by the ledger';
comment on column reporting.reconciliation_lines.theirs_input_tokens is 'Tokens sent, by the provider; null: it does not say';
comment on column reporting.reconciliation_lines.ours_output_tokens is 'Tokens received, by the ledger';
comment on column reporting.reconciliation_lines.theirs_output_tokens is 'Tokens received, by the provider; null: it does not say';
comment on column reporting.reconciliation_lines.causes is 'Why they differ, the largest first: [{"cause": …, "usd": "…", …}]';
grant select on reporting.reconciliations, reporting.reconciliation_lines to reporting;

-- The two sides of a model's day, and what may explain that they differ.
create type private.two_sides as (
  item text,
  is_model boolean,
  is_divided boolean,
  ours_usd numeric,
  ours_calls bigint,
  ours_usage private.token_usage,
  -- What our tokens, and theirs, cost at our base rates; null without a price.
  ours_expected_usd numeric,
  theirs_expected_usd numeric,
  theirs_usd numeric,
  theirs_calls bigint,
  theirs_usage private.token_usage,
  -- Service tiers that the provider names and that are not the standard one.
  tiers text[],
  -- Calls that began on one day and ended on the next: of this day, and of the day before.
  late_out_usd numeric,
  late_out_calls bigint,
  late_in_usd numeric,
  late_in_calls bigint,
  estimated_usd numeric,
  unpriced_calls bigint,
  -- {"<credential id>": dollars}
  by_credential jsonb
);

create function private.price_at_base(provider text, model text, service_tier text, at timestamptz, usage private.token_usage)
  returns numeric
  language plpgsql stable set search_path = '' as $$
declare
  price public.model_prices := private.find_model_price(provider, model, service_tier, at);
begin
  -- Tiers by context length are of single calls; these are the tokens of a day.
  price.context_tiers := '[]';
  return private.price_usage(price, usage);
end $$;
comment on function private.price_at_base is 'What the tokens of many calls cost at the list''s rates, those for long contexts left aside; null without a price.';

create function private.model_of_line(provider text, model text, line_item text) returns text
  language plpgsql set search_path = '' as $$
declare
  -- "gpt-4o-2024-08-06, cached input" and "Claude Sonnet 4 Usage - Input Tokens" are ways of writing a model's name.
  name constant text := coalesce(model, btrim(regexp_replace(line_item, '(,| usage - ).*$', '', 'i')));
begin
  return coalesce(private.find_model(provider, name), private.find_model(provider, lower(name)),
    (select m.model from public.models m where m.provider = model_of_line.provider and lower(m.display_name) = lower(name)
      order by m.position limit 1), model);
end $$;
comment on function private.model_of_line is 'The model that a line of a report is about; null where it is about something else.';

create function private.balance_falls(organization_id uuid, provider text, day date)
  returns table (from_at timestamptz, to_at timestamptz, fell_usd numeric)
  language sql stable set search_path = '' as $$
  select b.before_at, b.read_at, b.before_usd - b.available_usd
  from (
    select r.read_at, r.available_usd, lag(r.read_at) over (order by r.read_at) as before_at,
      lag(r.available_usd) over (order by r.read_at) as before_usd
    from public.provider_balances r
    where r.organization_id = balance_falls.organization_id and r.provider = balance_falls.provider
      and r.read_at >= (balance_falls.day - 7)::timestamp at time zone 'UTC'
  ) b
  -- Between two readings with a rise money was paid in: what was spent meanwhile cannot be told, on neither side.
  where b.before_usd >= b.available_usd
    -- A reading just after midnight ends the day before.
    and ((b.before_at + (b.read_at - b.before_at) / 2) at time zone 'UTC')::date = balance_falls.day
$$;
comment on function private.balance_falls is 'By how much a prepaid balance fell between readings; a stretch belongs to the day (UTC) in which its middle lies.';

create function private.our_side(organization_id uuid, provider text, day date) returns setof private.two_sides
  language sql set search_path = '' as $$
  -- Balances are compared between the moments at which they were read, reports from midnight to midnight.
  with spans as (
    select our_side.day::timestamp at time zone 'UTC' as from_at, (our_side.day + 1)::timestamp at time zone 'UTC' as to_at,
      false as is_balance
    where not exists (select from public.provider_balances b
      where b.organization_id = our_side.organization_id and b.provider = our_side.provider)
    union all
    select f.from_at, f.to_at, true from private.balance_falls(our_side.organization_id, our_side.provider, our_side.day) f
  ), made as (
    select u as call, s.is_balance, s.is_balance or u.created_at >= s.from_at as is_ours,
      not s.is_balance and (u.created_at < s.from_at or u.settled_at >= s.to_at) as is_late
    from spans s join public.ai_usage u on u.organization_id = our_side.organization_id
      -- Nothing takes longer than a day.
      and u.created_at >= s.from_at - interval '1 day' and u.created_at < s.to_at and u.settled_at >= s.from_at
      and (u.settled_at < s.to_at or not s.is_balance)
    where not u.is_sandbox and u.status <> 'refused' and u.operation <> 'count_tokens'
  ), requests as (
    -- The last attempt, which the row is of, and those before it, which may have gone elsewhere.
    select (call).provider, (call).model, (call).served_model, (call).credential_id,
      (call).cost_usd - private.cost_of_attempts((call).attempts) as cost_usd, (call).usage_source::text as usage_source,
      row((call).input_tokens, (call).cache_read_tokens, (call).cache_write_5m_tokens, (call).cache_write_1h_tokens,
        (call).output_tokens)::private.token_usage as usage, is_ours, is_late
    from made
    union all
    select a ->> 'provider', a ->> 'model', null, (a ->> 'credential_id')::uuid, (a ->> 'cost_usd')::numeric,
      a ->> 'usage_source', jsonb_populate_record(null::private.token_usage, a -> 'usage'), is_ours, is_late
    from made cross join lateral jsonb_array_elements((call).attempts) a
  ), calls as (
    select r.model, r.served_model, r.credential_id, r.cost_usd, r.usage_source, (r.usage).*, r.is_ours, r.is_late
    -- What failed without work is in no bill; minutes of audio cost without a token.
    from requests r where r.provider = our_side.provider
      and ((r.usage).input_tokens + (r.usage).output_tokens > 0 or r.cost_usd > 0)
  ), named as (
    select n.model, n.served_model, coalesce(private.find_model(our_side.provider, n.served_model),
      private.find_model(our_side.provider, n.model), n.model) as item
    from (select distinct model, served_model from calls) n
  ), credentials as (
    select item, jsonb_object_agg(credential_id, usd) as by_credential from (
      select n.item, c.credential_id, sum(c.cost_usd) as usd
      from calls c join named n on n.model = c.model and n.served_model is not distinct from c.served_model
      where c.is_ours and c.credential_id is not null and c.cost_usd is not null group by 1, 2
    ) each_one group by item
  ), sums as (
    select n.item, coalesce(sum(c.cost_usd) filter (where c.is_ours), 0) as usd, count(*) filter (where c.is_ours) as calls,
      row(coalesce(sum(c.input_tokens) filter (where c.is_ours), 0), coalesce(sum(c.cache_read_tokens) filter (where c.is_ours), 0),
        coalesce(sum(c.cache_write_5m_tokens) filter (where c.is_ours), 0),
        coalesce(sum(c.cache_write_1h_tokens) filter (where c.is_ours), 0),
        coalesce(sum(c.output_tokens) filter (where c.is_ours), 0))::private.token_usage as usage,
      coalesce(sum(c.cost_usd) filter (where c.is_late and c.is_ours), 0) as late_out_usd,
      count(*) filter (where c.is_late and c.is_ours) as late_out_calls,
      coalesce(sum(c.cost_usd) filter (where not c.is_ours), 0) as late_in_usd,
      count(*) filter (where not c.is_ours) as late_in_calls,
      coalesce(sum(c.cost_usd) filter (where c.is_ours and c.usage_source = 'estimated'), 0) as estimated_usd,
      count(*) filter (where c.is_ours and c.cost_usd is null) as unpriced_calls
    from calls c join named n on n.model = c.model and n.served_model is not distinct from c.served_model
    group by n.item
  )
  select s.item, true, false, s.usd, s.calls, s.usage,
    private.price_at_base(our_side.provider, s.item, 'standard', (our_side.day + 1)::timestamp at time zone 'UTC', s.usage),
    null::numeric, null::numeric, null::bigint, null::private.token_usage, '{}'::text[], s.late_out_usd, s.late_out_calls,
    s.late_in_usd, s.late_in_calls, s.estimated_usd, s.unpriced_calls, coalesce(c.by_credential, '{}')
  from sums s left join credentials c on c.item = s.item
$$;
comment on function private.our_side is 'A day of a provider in the ledger, by model; the sandbox is nobody''s bill.';

create function private.their_side(organization_id uuid, provider text, day date) returns setof private.two_sides
  language sql set search_path = '' as $$
  with lines as (
    select l.*, private.model_of_line(l.provider, l.model, l.line_item) as found_model
    from public.provider_report_lines l
    where l.organization_id = their_side.organization_id and l.provider = their_side.provider and l.day = their_side.day
  ), usage_lines as (
    select l.*, coalesce(l.found_model, l.line_item) as item,
      row(l.input_tokens, l.cache_read_tokens, l.cache_write_5m_tokens, l.cache_write_1h_tokens, l.output_tokens)
        ::private.token_usage as usage
    from lines l where l.kind = 'usage' and l.input_tokens + l.output_tokens > 0
  ), usages as (
    select u.item, sum(u.requests)::bigint as calls,
      row(sum(u.input_tokens), sum(u.cache_read_tokens), sum(u.cache_write_5m_tokens), sum(u.cache_write_1h_tokens),
        sum(u.output_tokens))::private.token_usage as usage,
      case when every(p.usd is not null) then sum(p.usd) end as expected_usd,
      coalesce(array_agg(distinct u.service_tier) filter (where u.service_tier not in ('', 'standard', 'default', 'auto')), '{}') as tiers
    from usage_lines u
    cross join lateral (select private.price_at_base(u.provider, u.item, coalesce(nullif(u.service_tier, ''), 'standard'),
      (u.day + 1)::timestamp at time zone 'UTC', u.usage) as usd) p
    group by u.item
  ), charged as (
    -- A line item may be named as the usage report names a model that we do not know.
    select coalesce(l.found_model, n.item, l.line_item) as item, coalesce(l.found_model, n.item) is not null as is_model,
      l.cost_usd
    from lines l
    left join usages n on l.found_model is null
      and n.item = btrim(regexp_replace(l.line_item, '(,| usage - ).*$', '', 'i'))
    where l.kind = 'cost'
    union all
    select '', false, f.fell_usd from private.balance_falls(their_side.organization_id, their_side.provider, their_side.day) f
  ), costs as (
    select item, bool_or(is_model) as is_model, sum(cost_usd) as usd from charged group by item
  )
  select coalesce(c.item, u.item), u.item is not null or c.is_model, false, null::numeric, null::bigint, null::private.token_usage,
    null::numeric, u.expected_usd, coalesce(c.usd, 0), u.calls, u.usage, coalesce(u.tiers, '{}'), null::numeric, null::bigint,
    null::numeric, null::bigint, null::numeric, null::bigint, null::jsonb
  from costs c full join usages u on u.item = c.item
$$;
comment on function private.their_side is 'A day as the provider reports it, by model and by what else it charges for; '''' is a sum that it does not break down.';

create function private.divide_sum(sides private.two_sides[]) returns private.two_sides[]
  language plpgsql set search_path = '' as $$
declare
  total constant numeric := (select s.theirs_usd from unnest(sides) s where s.item = '');
  has_usage constant boolean := exists (select from unnest(sides) s where s.theirs_usage is not null);
  divided private.two_sides[];
begin
  -- Only where there is nothing but that sum, and something to divide it by.
  if total is null or exists (select from unnest(sides) s where s.item <> '' and s.theirs_usd <> 0) then
    return sides;
  end if;
  with weighted as (
    select s as side, (s).item, case when has_usage then coalesce((s).theirs_expected_usd, 0) else (s).ours_usd end as weight
    from unnest(sides) s where (s).item <> ''
  ), shares as (
    select w.side, w.item, round(total * w.weight / sum(w.weight) over (), 10) as usd,
      row_number() over (order by w.weight desc, w.item) = 1 as takes_rest
    from weighted w where (select sum(weight) from weighted) > 0
  )
  select array_agg(row((s.side).item, true, true, (s.side).ours_usd, (s.side).ours_calls, (s.side).ours_usage,
    (s.side).ours_expected_usd, (s.side).theirs_expected_usd,
    s.usd + case when s.takes_rest then total - (select sum(usd) from shares) else 0 end,
    (s.side).theirs_calls, (s.side).theirs_usage, (s.side).tiers, (s.side).late_out_usd, (s.side).late_out_calls,
    (s.side).late_in_usd, (s.side).late_in_calls, (s.side).estimated_usd, (s.side).unpriced_calls,
    (s.side).by_credential)::private.two_sides)
  into divided from shares s;
  return coalesce(divided, sides);
end $$;
comment on function private.divide_sum is 'Divides a provider''s one sum for the day among the models: by what their tokens cost at our prices, else by what we counted.';

create function private.explain_volume(side private.two_sides, volume_usd numeric, is_recent boolean) returns jsonb
  language plpgsql immutable set search_path = '' as $$
declare
  causes jsonb := '[]';
  left_usd numeric := volume_usd;
  part numeric;
  more_calls bigint := side.theirs_calls - side.ours_calls;
  credential text;
begin
  part := least(abs(left_usd), case when left_usd > 0 then side.late_in_usd else side.late_out_usd end) * sign(left_usd);
  if part <> 0 then
    causes := causes || jsonb_build_object('cause', 'late_rows', 'usd', part::text, 'calls',
      case when part > 0 then side.late_in_calls else side.late_out_calls end);
    more_calls := more_calls - case when part > 0 then side.late_in_calls else -side.late_out_calls end;
    left_usd := left_usd - part;
  end if;
  -- Estimates of ours explain tokens that differ while calls do not.
  if side.estimated_usd > 0 and (more_calls is null and left_usd < 0 or more_calls = 0) then
    part := least(abs(left_usd), side.estimated_usd) * sign(left_usd);
    causes := causes || jsonb_build_object('cause', 'estimated_rows', 'usd', part::text);
    left_usd := left_usd - part;
  end if;
  if left_usd > 0 then
    return causes || jsonb_strip_nulls(jsonb_build_object('cause', 'by_passed', 'usd', left_usd::text,
      'calls', case when more_calls > 0 then more_calls end,
      'tokens', (side.theirs_usage).input_tokens + (side.theirs_usage).output_tokens
        - (side.ours_usage).input_tokens - (side.ours_usage).output_tokens));
  elsif left_usd < 0 then
    -- What is missing there is all that went through one credential, or all there is.
    select key into credential from jsonb_each_text(side.by_credential)
    where abs(value::numeric + left_usd) <= abs(left_usd) * 0.02
      and ((select count(*) from jsonb_object_keys(side.by_credential)) > 1 or not is_recent)
    order by abs(value::numeric + left_usd) limit 1;
    return causes || jsonb_strip_nulls(jsonb_build_object('cause', case when credential is not null then 'credential_not_covered'
      when is_recent then 'report_lag' else 'missing_there' end, 'usd', left_usd::text, 'credential_id', credential));
  end if;
  return causes;
end $$;
comment on function private.explain_volume is 'Why a provider has more or fewer of our tokens than we do.';

create function private.explain_drift(side private.two_sides, is_recent boolean, is_before_first_call boolean) returns jsonb
  language plpgsql immutable set search_path = '' as $$
declare
  drift constant numeric := side.theirs_usd - side.ours_usd;
  -- Providers round.
  least_usd constant numeric := 0.000001 + greatest(side.ours_usd, side.theirs_usd) * 0.0001;
  ours_tokens constant numeric := (side.ours_usage).input_tokens + (side.ours_usage).output_tokens;
  theirs_tokens constant numeric := (side.theirs_usage).input_tokens + (side.theirs_usage).output_tokens;
  volume_usd numeric;
  rest_usd numeric;
  causes jsonb := '[]';
begin
  if abs(drift) <= least_usd then
    return causes;
  elsif is_before_first_call then
    return jsonb_build_array(jsonb_build_object('cause', 'before_first_call', 'usd', drift::text));
  elsif not side.is_model then
    return jsonb_build_array(jsonb_build_object('cause', case side.item when '' then 'not_itemized' else 'other_charge' end,
      'usd', drift::text));
  end if;
  -- Other tokens than ours at our price are the volume; what is left then is the price.
  volume_usd := case
    when side.ours_calls = 0 or theirs_tokens is null and side.theirs_usd = 0 then drift
    when side.ours_expected_usd > 0 and side.theirs_expected_usd is not null and side.ours_usd > 0
      then (side.theirs_expected_usd - side.ours_expected_usd) * side.ours_usd / side.ours_expected_usd
    when ours_tokens > 0 then side.ours_usd * (theirs_tokens - ours_tokens) / ours_tokens
  end;
  if volume_usd is null then
    return jsonb_build_array(jsonb_build_object('cause', case when drift < 0 and is_recent then 'report_lag' else 'not_itemized' end,
      'usd', drift::text));
  end if;
  volume_usd := round(volume_usd, 10);
  rest_usd := drift - volume_usd;
  if abs(volume_usd) > least_usd then
    causes := private.explain_volume(side, case when abs(rest_usd) > least_usd then volume_usd else drift end, is_recent);
  end if;
  if abs(rest_usd) > least_usd then
    causes := causes || jsonb_strip_nulls(jsonb_build_object('cause', case
      when side.tiers <> '{}' then 'service_tier'
      when rest_usd > 0 and side.unpriced_calls > 0 then 'unpriced_calls'
      when rest_usd < 0 and is_recent and side.theirs_usd = 0 then 'report_lag'
      else 'price_moved' end, 'usd', (case when abs(volume_usd) > least_usd then rest_usd else drift end)::text,
      'tiers', case when side.tiers <> '{}' then to_jsonb(side.tiers) end,
      'calls', case when rest_usd > 0 and side.unpriced_calls > 0 then side.unpriced_calls end,
      'factor', case when side.tiers = '{}' and side.ours_usd + volume_usd > 0
        then round(side.theirs_usd / (side.ours_usd + volume_usd), 4)::text end));
  end if;
  return causes;
end $$;
comment on function private.explain_drift is 'The causes of a difference, which add up to it: [{"cause", "usd", …}]. Tokens that only one side has, priced as ours are; then what the rest must be.';

create function private.is_alarming(reconciliation public.reconciliations, percent numeric, usd numeric) returns boolean
  language sql immutable set search_path = '' as $$
  select not reconciliation.is_before_first_call and abs(reconciliation.drift_usd) >= usd
    and abs(reconciliation.drift_usd) >= percent / 100 * greatest(abs(reconciliation.ours_usd), abs(reconciliation.theirs_usd))
    -- What is missing in a day that is not over may still be reported.
    and (reconciliation.drift_usd > 0 or not reconciliation.is_provisional)
$$;
comment on function private.is_alarming is 'Whether a drift is above a threshold: the percentage and the dollars.';

create function private.on_drift_threshold_change() returns trigger
  -- definer: reconciliations are not writable by clients
  language plpgsql security definer set search_path = '' as $$
begin
  update public.reconciliations r set is_alarming = private.is_alarming(r, new.drift_alarm_percent, new.drift_alarm_usd)
  where r.organization_id = new.id
    and r.is_alarming <> private.is_alarming(r, new.drift_alarm_percent, new.drift_alarm_usd);
  return null;
end $$;
create trigger organizations_drift_threshold after update of drift_alarm_percent, drift_alarm_usd on public.organizations
  for each row execute function private.on_drift_threshold_change();

create function private.reconcile_day(organization_id uuid, provider text, day date) returns void
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  sides private.two_sides[];
  today constant date := (now() at time zone 'UTC')::date;
  is_early boolean;
  reconciliation public.reconciliations;
begin
  -- One at a time.
  perform from public.billing_keys k
  where k.organization_id = reconcile_day.organization_id and k.provider = reconcile_day.provider for update;
  select array_agg(row(coalesce(o.item, t.item), o.item is not null or t.is_model, false, coalesce(o.ours_usd, 0),
    coalesce(o.ours_calls, 0), coalesce(o.ours_usage, row(0, 0, 0, 0, 0)::private.token_usage), o.ours_expected_usd,
    t.theirs_expected_usd, coalesce(t.theirs_usd, 0), t.theirs_calls, t.theirs_usage, coalesce(t.tiers, '{}'),
    coalesce(o.late_out_usd, 0), coalesce(o.late_out_calls, 0), coalesce(o.late_in_usd, 0), coalesce(o.late_in_calls, 0),
    coalesce(o.estimated_usd, 0), coalesce(o.unpriced_calls, 0), coalesce(o.by_credential, '{}'))::private.two_sides)
  into sides
  from private.our_side(reconcile_day.organization_id, reconcile_day.provider, reconcile_day.day) o
  full join private.their_side(reconcile_day.organization_id, reconcile_day.provider, reconcile_day.day) t on t.item = o.item;
  sides := private.divide_sum(sides);

  -- The ledger's months are archived; what was found then stays.
  is_early := not exists (select from public.reconciliations r where r.organization_id = reconcile_day.organization_id
    and r.provider = reconcile_day.provider and not r.is_before_first_call and r.day < reconcile_day.day)
    and not exists (select from public.ai_usage u
    where u.organization_id = reconcile_day.organization_id and u.provider = reconcile_day.provider and not u.is_sandbox
      and u.status <> 'refused' and u.created_at < (reconcile_day.day + 1)::timestamp at time zone 'UTC');

  delete from public.reconciliations r where r.organization_id = reconcile_day.organization_id
    and r.provider = reconcile_day.provider and r.day = reconcile_day.day;
  if sides is null then
    return;
  end if;
  insert into public.reconciliations (organization_id, provider, day, ours_usd, theirs_usd, causes, is_provisional,
    is_before_first_call, is_alarming)
  select reconcile_day.organization_id, reconcile_day.provider, reconcile_day.day, sum(s.ours_usd), sum(s.theirs_usd), '[]',
    reconcile_day.day >= today, is_early, false
  from unnest(sides) s;
  insert into public.reconciliation_lines (organization_id, provider, day, item, is_model, ours_usd, theirs_usd, is_divided,
    ours_calls, ours_input_tokens, ours_output_tokens, theirs_calls, theirs_input_tokens, theirs_output_tokens, causes)
  select reconcile_day.organization_id, reconcile_day.provider, reconcile_day.day, s.item, s.is_model, s.ours_usd, s.theirs_usd,
    s.is_divided, s.ours_calls, (s.ours_usage).input_tokens, (s.ours_usage).output_tokens, s.theirs_calls,
    (s.theirs_usage).input_tokens, (s.theirs_usage).output_tokens,
    private.explain_drift(s, reconcile_day.day >= today - 1, is_early)
  from unnest(sides) s;
  update public.reconciliations r set causes = coalesce((
    select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('cause', c.cause, 'usd', c.usd::text, 'calls', c.calls))
      order by abs(c.usd) desc)
    from (
      select e ->> 'cause' as cause, sum((e ->> 'usd')::numeric) as usd, sum((e ->> 'calls')::bigint) as calls
      from public.reconciliation_lines l cross join lateral jsonb_array_elements(l.causes) e
      where (l.organization_id, l.provider, l.day) = (r.organization_id, r.provider, r.day) group by 1
    ) c), '[]')
  where r.organization_id = reconcile_day.organization_id and r.provider = reconcile_day.provider and r.day = reconcile_day.day
  returning * into reconciliation;
  update public.reconciliations r set is_alarming = private.is_alarming(reconciliation, o.drift_alarm_percent, o.drift_alarm_usd)
  from public.organizations o
  where o.id = r.organization_id and r.organization_id = reconcile_day.organization_id
    and r.provider = reconcile_day.provider and r.day = reconcile_day.day;
end $$;
comment on function private.reconcile_day is 'Compares a provider''s day (UTC) with the ledger and stores what it finds; nothing on either side leaves no row.';

create function public.reconcile_days(organization_id uuid, provider text, first_day date, last_day date) returns int
  -- definer: writes what no client may
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  perform private.reconcile_day(reconcile_days.organization_id, reconcile_days.provider, d::date)
  from generate_series(first_day, last_day, '1 day') d;
  return (select count(*) from public.reconciliations r where r.organization_id = reconcile_days.organization_id
    and r.provider = reconcile_days.provider and r.day between first_day and last_day and r.drift_usd <> 0);
end $$;
comment on function public.reconcile_days is 'For functions/gateway with the service role: compares these days and answers how many differ.';

-- § Events -----------------------------------------------------------------------------------------------------

create function public.read_event_secret(id uuid) returns table (organization_id uuid, ciphertext text)
  -- definer: secrets are readable by nobody else
  language sql stable security definer set search_path = '' as $$
  select k.organization_id, s.ciphertext
  from public.billing_keys k join private.billing_key_secrets s on s.billing_key_id = k.id
  where k.id = read_event_secret.id and k.kind = 'events'
$$;
comment on function public.read_event_secret is 'For functions/gateway with the service role: the sealed secret that signs a provider''s events.';

create function public.record_provider_event(billing_key_id uuid, event_id text, lines jsonb) returns boolean
  -- definer: writes what no client may
  language plpgsql security definer set search_path = '' as $$
declare
  billing_key public.billing_keys;
begin
  select * into billing_key from public.billing_keys k where k.id = billing_key_id and k.kind = 'events' for update;
  if not found then
    perform private.refuse(404, 'billing_key_not_found');
  end if;
  update public.billing_keys k set read_at = now() where k.id = billing_key_id;
  insert into private.provider_events (organization_id, provider, event_id)
  values (billing_key.organization_id, billing_key.provider, record_provider_event.event_id) on conflict do nothing;
  if not found then
    return false;
  end if;
  insert into public.provider_report_lines as l
  select * from private.report_lines(billing_key.organization_id, billing_key.provider, lines)
  on conflict (organization_id, provider, day, kind, line_item, service_tier) do update set
    cost_usd = l.cost_usd + excluded.cost_usd, requests = coalesce(l.requests + excluded.requests, l.requests, excluded.requests),
    input_tokens = l.input_tokens + excluded.input_tokens, cache_read_tokens = l.cache_read_tokens + excluded.cache_read_tokens,
    cache_write_5m_tokens = l.cache_write_5m_tokens + excluded.cache_write_5m_tokens,
    cache_write_1h_tokens = l.cache_write_1h_tokens + excluded.cache_write_1h_tokens,
    output_tokens = l.output_tokens + excluded.output_tokens;
  perform private.reconcile_day(billing_key.organization_id, billing_key.provider, d.day)
  from (select distinct (e ->> 'day')::date as day from jsonb_array_elements(lines) e) d;
  return true;
end $$;
comment on function public.record_provider_event is 'For functions/gateway with the service role: adds what an event charges to the report lines of its days, once. False for one that was counted before.';

-- § Jobs -------------------------------------------------------------------------------------------------------

select cron.schedule('reconcile', '*/5 * * * *', $$select private.call_job('gateway', 'reconcile') where exists (
  select from public.billing_keys where kind = 'admin' and next_read_at <= now() and (lease_until is null or lease_until < now()))$$);
select cron.schedule('forget-provider-events', '40 4 * * *',
  $$delete from private.provider_events where received_at < now() - interval '90 days'$$);
