-- Alerts: what an organization should know of, once for each cause, and the channels that tell it.
--
-- The schedule detects in SQL; however many runs there are at once, a cause makes one row. With that row a trigger writes
-- what has to be delivered, in the same transaction; functions/gateway claims deliveries under a lease and tries until
-- they arrive. Every function that deals in time takes it as an argument.

-- § Alerts -----------------------------------------------------------------------------------------------------

create function private.alert_kinds() returns text[]
  language sql immutable set search_path = '' as $$
  select array['budget_threshold', 'spend_anomaly', 'error_rate', 'credential_failing', 'unpriced_model', 'key_expiring',
    'reconciliation_drift']
$$;
comment on function private.alert_kinds is 'What a channel may be asked to tell. That a channel itself is paused goes to the admins in any case.';
grant execute on function private.alert_kinds to authenticated;

create table public.alerts (
  id bigint generated always as identity primary key,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  kind text not null,
  severity text not null,
  -- What it is about: a budget, proxy_key, provider_credential, provider, model or alert_channel, or the organization.
  subject_type text not null,
  subject_id text not null,
  -- Which time of several: a warning's id, an hour, a day, an expiry.
  occasion text not null,
  facts jsonb not null default '{}',
  seen_at timestamptz,
  seen_by uuid references public.profiles (user_id) on delete set null,
  -- Its cause is over, or a graver alert of the same cause took its place.
  resolved_at timestamptz,
  created_at timestamptz not null default now(),
  constraint alerts_once unique (organization_id, kind, subject_id, occasion),
  constraint alerts_kind_known check (kind = any (private.alert_kinds() || '{channel_paused,weekly_report}'::text[])),
  constraint alerts_severity_known check (severity in ('info', 'warning', 'critical')),
  constraint alerts_facts_is_object check (jsonb_typeof(facts) = 'object')
);
comment on table public.alerts is 'What happened that people should know of; one row per cause and occasion, with the facts as they were then.';
create index alerts_organization_index on public.alerts (organization_id, id desc);
create index alerts_seen_by_index on public.alerts (seen_by);
create index alerts_unseen_index on public.alerts (organization_id) where seen_at is null and resolved_at is null;
create index alerts_open_index on public.alerts (kind) where resolved_at is null;
-- While a cause lasts it is not told again. Thresholds that follow each other replace each other instead.
create unique index alerts_one_open on public.alerts (organization_id, kind, subject_id)
  where resolved_at is null and kind not in ('budget_threshold', 'key_expiring');
alter table public.alerts enable row level security;
create policy "members read alerts" on public.alerts
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
grant select on public.alerts to authenticated;

create function public.mark_alerts_seen(organization_id uuid, ids bigint[] default null) returns int
  -- definer: alerts are not writable by clients
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  marked int;
begin
  perform private.require_role(mark_alerts_seen.organization_id, 'admin');
  update public.alerts a set seen_at = now(), seen_by = auth.uid()
  where a.organization_id = mark_alerts_seen.organization_id and a.seen_at is null
    and (mark_alerts_seen.ids is null or a.id = any (mark_alerts_seen.ids));
  get diagnostics marked = row_count;
  return marked;
end $$;
comment on function public.mark_alerts_seen is 'Says for all admins that somebody looked: at these alerts, or at all of them. Answers how many were new.';

-- § Channels ---------------------------------------------------------------------------------------------------

insert into public.plan_limits (plan, resource, amount, is_unlimited) values
  ('free', 'signed_webhooks', 0, false), ('pro', 'signed_webhooks', 0, false), ('enterprise', 'signed_webhooks', null, true);

create table public.alert_channels (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  type text not null,
  name text not null,
  kinds text[] not null,
  -- Where mail goes; none: to whoever is an admin or owner by then.
  addresses text[] not null default '{}',
  -- Of the sealed address only its host is shown.
  url_host text,
  is_active boolean not null default true,
  -- Since when nothing has arrived, while something should have.
  failing_since timestamptz,
  paused_at timestamptz,
  last_error text,
  last_delivered_at timestamptz,
  tested_at timestamptz,
  created_by uuid references public.profiles (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint alert_channels_type_known check (type in ('mail', 'slack', 'webhook')),
  constraint alert_channels_name_length check (char_length(btrim(name)) between 1 and 100),
  constraint alert_channels_kinds_known check (kinds <@ private.alert_kinds()),
  -- A missing one would stop the alert itself from being written.
  constraint alert_channels_addresses_are_addresses check (cardinality(addresses) <= 10
    and array_position(addresses, null) is null and array_to_string(addresses, '') !~ '\s'
    and array_to_string(addresses, ' ') ~ '^([^@\s]{1,64}@[^@\s]{1,250}( |$))*$' and (type = 'mail' or addresses = '{}')),
  constraint alert_channels_url_unless_mail check ((url_host is null) = (type = 'mail'))
);
comment on table public.alert_channels is 'Ways by which an organization is told of alerts, and of which kinds. Addresses of webhooks are sealed in private.alert_channel_secrets.';
create index alert_channels_organization_index on public.alert_channels (organization_id, created_at);
create index alert_channels_created_by_index on public.alert_channels (created_by);
create trigger alert_channels_touch before update of name, kinds, addresses, is_active on public.alert_channels
  for each row execute function private.touch_updated_at();
create trigger alert_channels_audit after update or delete on public.alert_channels
  for each row execute function private.on_audited_change('alert_channel', 'failing_since', 'last_error',
    'last_delivered_at', 'tested_at');
-- What every organization begins with is no news.
create trigger alert_channels_audit_insert after insert on public.alert_channels
  for each row when (new.created_by is not null) execute function private.on_audited_change('alert_channel');
alter table public.alert_channels enable row level security;
create policy "admins read alert channels" on public.alert_channels
  for select to authenticated using (organization_id in (select private.organizations_where_i_am('admin')));
create policy "admins change alert channels" on public.alert_channels
  for update to authenticated
  using (organization_id in (select private.organizations_where_i_am('admin')))
  with check (organization_id in (select private.organizations_where_i_am('admin')));
create policy "admins delete alert channels" on public.alert_channels
  for delete to authenticated using (organization_id in (select private.organizations_where_i_am('admin')));
grant select, update (name, kinds, addresses, is_active), delete on public.alert_channels to authenticated;

create table private.alert_channel_secrets (
  channel_id uuid primary key references public.alert_channels (id) on delete cascade,
  ciphertext text not null,
  constraint alert_channel_secrets_format
    check (ciphertext ~ '^v1:[A-Za-z0-9_-]+:[A-Za-z0-9+/=_-]+:[A-Za-z0-9+/=_-]+$')
);
comment on table private.alert_channel_secrets is 'Address and signing secret of a webhook as JSON, sealed like provider keys; additional data is organization id and channel id.';
alter table private.alert_channel_secrets enable row level security;

create function private.on_organizations_insert_channel() returns trigger
  -- definer: channels are not insertable by clients
  language plpgsql security definer set search_path = '' as $$
begin
  insert into public.alert_channels (organization_id, type, name, kinds)
  values (new.id, 'mail', 'Mail to admins', private.alert_kinds());
  return null;
end $$;
create trigger organizations_insert_channel after insert on public.organizations
  for each row execute function private.on_organizations_insert_channel();

create function public.store_alert_channel(id uuid, organization_id uuid, type text, name text, kinds text[],
  addresses text[] default '{}', url_host text default null, ciphertext text default null) returns uuid
  -- definer: secrets are not writable by clients
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  channels constant int := 20;
begin
  perform private.require_role(store_alert_channel.organization_id, 'admin');
  perform from public.organizations o where o.id = store_alert_channel.organization_id for no key update;
  if store_alert_channel.type = 'webhook' then
    perform private.require_room(store_alert_channel.organization_id, 'signed_webhooks', 1 + (
      select count(*) from public.alert_channels c
      where c.organization_id = store_alert_channel.organization_id and c.type = 'webhook'));
  end if;
  if (select count(*) from public.alert_channels c where c.organization_id = store_alert_channel.organization_id) >= channels then
    perform private.refuse(409, 'too_many_alert_channels', jsonb_build_object('limit', channels));
  end if;
  if (store_alert_channel.ciphertext is null) <> (store_alert_channel.type = 'mail') then
    perform private.refuse(400, 'alert_channel_invalid');
  end if;
  begin
    insert into public.alert_channels (id, organization_id, type, name, kinds, addresses, url_host, created_by)
    values (store_alert_channel.id, store_alert_channel.organization_id, store_alert_channel.type,
      btrim(store_alert_channel.name), store_alert_channel.kinds, store_alert_channel.addresses,
      store_alert_channel.url_host, auth.uid());
    if store_alert_channel.ciphertext is not null then
      insert into private.alert_channel_secrets values (store_alert_channel.id, store_alert_channel.ciphertext);
    end if;
  exception when check_violation or not_null_violation then
    perform private.refuse(400, 'alert_channel_invalid');
  end;
  return store_alert_channel.id;
end $$;
comment on function public.store_alert_channel is 'Called by functions/gateway, which seals; signed webhooks are refused with 402 where the plan has none.';

create function private.administer_alert_channel(channel_id uuid) returns public.alert_channels
  language plpgsql set search_path = '' as $$
declare
  channel public.alert_channels;
begin
  select * into channel from public.alert_channels c where c.id = channel_id for update;
  if channel.id is null or channel.organization_id not in (select private.my_organization_ids()) then
    perform private.refuse(404, 'alert_channel_not_found');
  end if;
  perform private.require_role(channel.organization_id, 'admin');
  return channel;
end $$;

create function private.recipients_of(channel public.alert_channels, kind text) returns setof text
  language plpgsql stable set search_path = '' as $$
begin
  if channel.type <> 'mail' then
    return next '';
  elsif channel.addresses <> '{}' then
    return query select distinct lower(a) from unnest(channel.addresses) a;
  else
    return query select p.email from public.organization_members m join public.profiles p using (user_id)
      where m.organization_id = channel.organization_id and m.role in ('owner', 'admin') and p.email <> ''
        and (kind <> 'budget_threshold' or private.wants_mail(p.preferences, 'budget_warning'));
  end if;
end $$;
comment on function private.recipients_of is 'To whom a channel speaks of a kind of alert now: mail addresses, or the one webhook. Admins may do without mail of budgets.';

create function public.begin_alert_channel_test(id uuid)
  returns table (organization_id uuid, organization_name text, organization_slug text, type text, recipients text[])
  -- definer: when it was tested is not writable by clients
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  channel public.alert_channels := private.administer_alert_channel(begin_alert_channel_test.id);
begin
  -- Tests leave for addresses that anyone may type: one organization sends them one after the other.
  perform from public.organizations o where o.id = channel.organization_id for no key update;
  if exists (select from public.alert_channels c
      where c.organization_id = channel.organization_id and c.tested_at > clock_timestamp() - interval '10 seconds') then
    perform private.refuse(429, 'rate_limited');
  end if;
  update public.alert_channels c set tested_at = clock_timestamp() where c.id = channel.id;
  return query select o.id, o.name, o.slug, channel.type, array(select private.recipients_of(channel, 'test'))
    from public.organizations o where o.id = channel.organization_id;
end $$;
comment on function public.begin_alert_channel_test is 'To whom a test of this channel goes, to an admin; an organization sends one in ten seconds. functions/gateway sends it.';

create function public.read_alert_channel_secret(id uuid) returns text
  -- definer: the secrets are for this alone
  language sql stable security definer set search_path = '' as $$
  select s.ciphertext from private.alert_channel_secrets s where s.channel_id = read_alert_channel_secret.id
$$;
comment on function public.read_alert_channel_secret is 'For functions/gateway with the service role. Useless without the master key.';

create function public.resume_alert_channel(id uuid) returns void
  -- definer: what the deliveries say of a channel is not writable by clients
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  channel public.alert_channels := private.administer_alert_channel(resume_alert_channel.id);
begin
  update public.alert_channels c set paused_at = null, failing_since = null, last_error = null where c.id = channel.id;
  update public.alerts a set resolved_at = now()
  where a.organization_id = channel.organization_id and a.kind = 'channel_paused' and a.subject_id = channel.id::text
    and a.resolved_at is null;
end $$;
comment on function public.resume_alert_channel is 'Lets a paused channel speak again. What it missed is restarted one by one.';

-- § Deliveries -------------------------------------------------------------------------------------------------

create table public.alert_deliveries (
  -- What a webhook tells as webhook-id: the same at every attempt.
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  alert_id bigint not null references public.alerts (id) on delete cascade,
  -- Null: straight to an admin, as that a channel is paused, or the weekly report.
  channel_id uuid references public.alert_channels (id) on delete cascade,
  -- A mail address; '' for webhooks.
  recipient text not null,
  status text not null default 'pending',
  attempts int not null default 0,
  -- When it is tried next. Who claims it moves this to the end of the lease.
  due_at timestamptz not null default now(),
  -- Past this it is given up.
  try_until timestamptz not null default now() + interval '25 hours',
  last_error text,
  delivered_at timestamptz,
  created_at timestamptz not null default now(),
  constraint alert_deliveries_once unique nulls not distinct (alert_id, channel_id, recipient),
  constraint alert_deliveries_status_known check (status in ('pending', 'delivered', 'dead')),
  constraint alert_deliveries_delivered_has_time check ((status = 'delivered') = (delivered_at is not null))
);
comment on table public.alert_deliveries is 'The outbox of alerts: one row per alert, channel and recipient, tried until it is delivered or dead.';
create index alert_deliveries_organization_index on public.alert_deliveries (organization_id, created_at desc);
create index alert_deliveries_channel_index on public.alert_deliveries (channel_id, created_at desc);
create index alert_deliveries_due_index on public.alert_deliveries (due_at) where status = 'pending';
create index alert_deliveries_dead_index on public.alert_deliveries (organization_id, created_at desc) where status = 'dead';
alter table public.alert_deliveries enable row level security;
create policy "admins read alert deliveries" on public.alert_deliveries
  for select to authenticated using (organization_id in (select private.organizations_where_i_am('admin')));
grant select on public.alert_deliveries to authenticated;

create function private.admins_to_tell(organization_id uuid, kind text) returns setof text
  language plpgsql stable set search_path = '' as $$
begin
  return query select p.email from public.organization_members m join public.profiles p using (user_id)
    where m.organization_id = admins_to_tell.organization_id and m.role in ('owner', 'admin') and p.email <> ''
      and private.wants_mail(p.preferences, kind);
end $$;
comment on function private.admins_to_tell is 'Whom what goes straight to the admins goes to: mail addresses. Each may do without the weekly report.';

create function private.on_alerts_insert() returns trigger
  language plpgsql set search_path = '' as $$
begin
  insert into public.alert_deliveries (organization_id, alert_id, channel_id, recipient)
  select new.organization_id, new.id, c.id, r
  from public.alert_channels c cross join lateral private.recipients_of(c, new.kind) r
  where c.organization_id = new.organization_id and new.kind = any (c.kinds) and c.is_active and c.paused_at is null
    and (c.type <> 'webhook' or exists (
      select from private.limit_of(new.organization_id, 'signed_webhooks') l where l.is_unlimited or l.amount > 0));
  if new.kind in ('channel_paused', 'weekly_report') then
    insert into public.alert_deliveries (organization_id, alert_id, recipient)
    select new.organization_id, new.id, r from private.admins_to_tell(new.organization_id, new.kind) r;
  end if;
  return null;
end $$;
create trigger alerts_insert after insert on public.alerts
  for each row execute function private.on_alerts_insert();

create function public.claim_alert_deliveries(batch int, lease_seconds int, at timestamptz default clock_timestamp())
  returns table (id uuid, leased_until timestamptz, channel_id uuid, type text, recipient text, ciphertext text,
    organization_id uuid, organization_name text, organization_slug text, alert jsonb)
  -- definer: the secrets are for this alone
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  -- Who is no admin any more is not told what was meant for admins.
  delete from public.alert_deliveries d
  using public.alert_channels c, public.alerts a
  where d.status = 'pending' and d.due_at <= at and c.id = d.channel_id and c.type = 'mail' and d.attempts > 0
    and a.id = d.alert_id and not exists (select from private.recipients_of(c, a.kind) r where r = d.recipient);
  delete from public.alert_deliveries d
  using public.alerts a
  where d.status = 'pending' and d.due_at <= at and d.channel_id is null and a.id = d.alert_id
    and not exists (select from private.admins_to_tell(d.organization_id, a.kind) r where r = d.recipient);
  return query
  with waiting as (
    select d.id, d.due_at, row_number() over (partition by coalesce(d.channel_id, d.id) order by d.due_at) as rank
    from (
      select d.id, d.due_at, d.channel_id from public.alert_deliveries d
      left join public.alert_channels c on c.id = d.channel_id
      where d.status = 'pending' and d.due_at <= at and (d.channel_id is null or c.is_active and c.paused_at is null)
      order by d.due_at limit 1000
    ) d
  ), taken as (
    -- A few of each channel at a time, so that a slow one does not hold up the others.
    select d.id from public.alert_deliveries d
    where d.id in (select w.id from waiting w where w.rank <= 5 order by w.due_at limit batch)
      and d.status = 'pending' and d.due_at <= at
    for update skip locked
  ), claimed as (
    update public.alert_deliveries d
    set attempts = d.attempts + 1, due_at = at + make_interval(secs => lease_seconds)
    from taken t where d.id = t.id
    returning d.*
  )
  select d.id, d.due_at, d.channel_id, coalesce(c.type, 'mail'), d.recipient, s.ciphertext, o.id, o.name, o.slug,
    jsonb_build_object('id', a.id, 'kind', a.kind, 'severity', a.severity, 'subject_type', a.subject_type,
      'subject_id', a.subject_id, 'facts', a.facts, 'created_at', a.created_at)
  from claimed d join public.alerts a on a.id = d.alert_id join public.organizations o on o.id = d.organization_id
  left join public.alert_channels c on c.id = d.channel_id
  left join private.alert_channel_secrets s on s.channel_id = d.channel_id;
end $$;
comment on function public.claim_alert_deliveries is 'For functions/gateway with the service role: takes what is due for the time of the lease.';

create function public.record_alert_delivery(id uuid, leased_until timestamptz, error text default null,
  is_final boolean default false, at timestamptz default clock_timestamp()) returns text
  -- definer: the outbox is written by nobody else
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  failed constant boolean := record_alert_delivery.error is not null;
  delivery public.alert_deliveries;
  channel public.alert_channels;
begin
  update public.alert_deliveries d set
    status = case when not failed then 'delivered' when is_final or d.try_until <= at then 'dead' else 'pending' end,
    delivered_at = case when not failed then at end,
    last_error = left(record_alert_delivery.error, 300),
    due_at = at + private.retry_delay(d.attempts)
  where d.id = record_alert_delivery.id and d.status = 'pending' and d.due_at = record_alert_delivery.leased_until
  returning * into delivery;
  if not found then
    return null;
  end if;
  update public.alert_channels c set
    failing_since = case when failed then coalesce(c.failing_since, at) end,
    last_error = left(record_alert_delivery.error, 300),
    last_delivered_at = case when failed then c.last_delivered_at else at end
  where c.id = delivery.channel_id
  returning * into channel;
  if channel.type in ('slack', 'webhook') and channel.failing_since <= at - interval '1 day' and channel.paused_at is null then
    perform private.pause_alert_channel(channel, at);
    return 'dead';
  end if;
  return delivery.status;
end $$;
comment on function public.record_alert_delivery is 'For functions/gateway with the service role: what became of a claim. Answers the status; null where the lease was lost. A webhook that fails for a day is paused.';

create function private.pause_alert_channel(channel public.alert_channels, at timestamptz) returns void
  language plpgsql set search_path = '' as $$
begin
  update public.alert_channels c set paused_at = at where c.id = channel.id;
  update public.alert_deliveries d set status = 'dead', last_error = coalesce(d.last_error, 'The channel was paused.')
  where d.channel_id = channel.id and d.status = 'pending';
  insert into public.alerts (organization_id, kind, severity, subject_type, subject_id, occasion, facts)
  values (channel.organization_id, 'channel_paused', 'warning', 'alert_channel', channel.id, at::text,
    jsonb_build_object('channel', channel.name, 'url_host', channel.url_host, 'failing_since', channel.failing_since,
      'error', channel.last_error))
  on conflict do nothing;
end $$;
comment on function private.pause_alert_channel is 'Stops a channel, gives up what waits for it, and says so.';

create function public.restart_alert_delivery(id uuid) returns void
  -- definer: the outbox is not writable by clients
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  delivery public.alert_deliveries;
begin
  select * into delivery from public.alert_deliveries d
  where d.id = restart_alert_delivery.id and d.organization_id in (select private.my_organization_ids());
  if not found then
    perform private.refuse(404, 'alert_delivery_not_found');
  end if;
  perform private.require_role(delivery.organization_id, 'admin');
  if exists (select from public.alert_channels c where c.id = delivery.channel_id and (c.paused_at is not null or not c.is_active)) then
    perform private.refuse(409, 'alert_channel_paused');
  end if;
  update public.alert_deliveries d
  set status = 'pending', attempts = 0, due_at = now(), try_until = now() + interval '25 hours'
  where d.id = delivery.id and d.status = 'dead';
end $$;
comment on function public.restart_alert_delivery is 'Tries a delivery again that was given up.';

create function private.deliver_alerts(at timestamptz) returns bigint
  language plpgsql set search_path = '' as $$
begin
  -- An idle tick calls nobody.
  if exists (select from public.alert_deliveries d left join public.alert_channels c on c.id = d.channel_id
      where d.status = 'pending' and d.due_at <= at and (d.channel_id is null or c.is_active and c.paused_at is null)) then
    return private.call_job('gateway', 'deliver-alerts');
  end if;
  return null;
end $$;
comment on function private.deliver_alerts is 'Wakes functions/gateway when something is due.';

grant execute on function public.mark_alerts_seen, public.store_alert_channel, public.begin_alert_channel_test,
  public.resume_alert_channel, public.restart_alert_delivery to authenticated;

-- § Detection --------------------------------------------------------------------------------------------------
-- Each detector writes what is new at an instant and answers how many. They look at every organization in turn through
-- indexes, and at single calls only through the index of the noteworthy ones.

create function private.alert_budget_thresholds(at timestamptz) returns int
  language plpgsql set search_path = '' as $$
declare
  raised int;
begin
  with new_alerts as (
    insert into public.alerts (organization_id, kind, severity, subject_type, subject_id, occasion, facts)
    select b.organization_id, 'budget_threshold',
      case when w.percent >= 100 then 'critical' when w.percent >= 80 then 'warning' else 'info' end,
      'budget', b.id, w.id,
      jsonb_build_object('scope', b.scope, 'scope_id', b.scope_id, 'scope_name', coalesce(private.scope_name(b.scope, b.scope_id), o.name),
        'period', b.period, 'mode', b.mode, 'percent', w.percent, 'spent_usd', w.spent_usd::text,
        'limit_usd', w.limit_usd::text, 'window_start', w.window_start)
    from public.budget_warnings w join public.budgets b on b.id = w.budget_id
    join public.organizations o on o.id = b.organization_id
    where w.created_at > at - interval '1 day' and w.created_at <= at and not exists (
      select from public.alerts a where a.organization_id = b.organization_id and a.kind = 'budget_threshold'
        and a.subject_id = b.id::text and a.occasion = w.id::text)
    order by w.id
    on conflict do nothing
    returning organization_id, subject_id, id
  ), replaced as (
    update public.alerts a set resolved_at = at from new_alerts n
    where a.organization_id = n.organization_id and a.kind = 'budget_threshold' and a.subject_id = n.subject_id
      and a.resolved_at is null and a.id < n.id
  )
  select count(*) into raised from new_alerts;
  return raised;
end $$;
comment on function private.alert_budget_thresholds is 'One alert for each budget warning.';

create function private.alert_spend_anomalies(at timestamptz) returns int
  language plpgsql set search_path = '' as $$
declare
  raised int;
begin
  -- Far above: a dollar at least, three times the median hour, and half as much again as all but the dearest twentieth
  -- of hours, so that a nightly batch is no news. Hours without spending say nothing of the others.
  insert into public.alerts (organization_id, kind, severity, subject_type, subject_id, occasion, facts)
  select s.organization_id, 'spend_anomaly', 'critical', 'organization', s.organization_id, s.hour_at,
    jsonb_build_object('hour_at', s.hour_at, 'spent_usd', s.spent_usd::text, 'usual_usd', usual.median_usd::text,
      'hours', usual.hours, 'proxy_key_id', dearest.proxy_key_id, 'proxy_key', k.name, 'model', dearest.model,
      'dearest_usd', dearest.spent_usd::text)
  from (
    select o.id as organization_id, hour_at, (select coalesce(sum(f.cost_usd), 0) from public.usage_facts f
      where f.organization_id = o.id and f.bucket_at >= hour_at and f.bucket_at < hour_at + interval '1 hour') as spent_usd
    from public.organizations o
    -- The last calls of an hour are often known only in the next.
    cross join lateral (values (date_trunc('hour', at, 'UTC')), (date_trunc('hour', at, 'UTC') - interval '1 hour')) h (hour_at)
  ) s
  cross join lateral (
    select count(*) as hours, percentile_disc(0.5) within group (order by h.spent_usd) as median_usd,
      percentile_disc(0.95) within group (order by h.spent_usd) as high_usd
    from (
      select sum(f.cost_usd) as spent_usd from public.usage_facts f
      where f.organization_id = s.organization_id and f.bucket_at >= s.hour_at - interval '14 days' and f.bucket_at < s.hour_at
      group by date_bin('1 hour', f.bucket_at, '2000-01-01Z') having sum(f.cost_usd) > 0
    ) h
  ) usual
  cross join lateral (
    select f.proxy_key_id, f.model, sum(f.cost_usd) as spent_usd from public.usage_facts f
    where f.organization_id = s.organization_id and f.bucket_at >= s.hour_at and f.bucket_at < s.hour_at + interval '1 hour'
    group by 1, 2 order by 3 desc limit 1
  ) dearest
  left join public.proxy_keys k on k.id = dearest.proxy_key_id
  where s.spent_usd >= 1 and usual.hours >= 24 and s.spent_usd >= 3 * usual.median_usd and s.spent_usd >= 1.5 * usual.high_usd
  order by s.hour_at
  on conflict do nothing;
  get diagnostics raised = row_count;
  return raised;
end $$;
comment on function private.alert_spend_anomalies is 'An hour far above the organization''s own hours of two weeks; silent before 24 hours with spending.';

create function private.error_rates(at timestamptz)
  returns table (organization_id uuid, provider text, calls bigint, errors bigint)
  language sql stable set search_path = '' as $$
  select o.id, f.provider, f.calls, f.errors
  from public.organizations o
  cross join lateral (
    select f.provider, sum(f.calls - f.refusals)::bigint as calls, sum(f.errors)::bigint as errors from public.usage_facts f
    where f.organization_id = o.id and f.bucket_at > at - interval '75 minutes' and f.bucket_at <= at
    group by 1
  ) f
  where f.calls > 0
$$;
comment on function private.error_rates is 'Calls that were let through in the last hour, to the quarter, and how many failed, by provider.';

create function private.alert_error_rates(at timestamptz) returns int
  language plpgsql set search_path = '' as $$
declare
  raised int;
begin
  insert into public.alerts (organization_id, kind, severity, subject_type, subject_id, occasion, facts)
  select r.organization_id, 'error_rate', case when r.errors * 4 >= r.calls then 'critical' else 'warning' end, 'provider',
    r.provider, date_trunc('hour', at, 'UTC'),
    jsonb_build_object('provider', r.provider, 'calls', r.calls, 'errors', r.errors)
  from private.error_rates(at) r
  where r.calls >= 20 and r.errors * 20 > r.calls
  on conflict do nothing;
  get diagnostics raised = row_count;
  return raised;
end $$;
comment on function private.alert_error_rates is 'More than 5 % of at least twenty calls to a provider failed within the hour.';

create function private.credential_works_since(credential public.provider_credentials, since timestamptz) returns boolean
  language plpgsql stable set search_path = '' as $$
begin
  return credential.rotated_at > since
    or (credential.tested_at > since and credential.test_error is null)
    or exists (select from public.ai_usage u where u.organization_id = credential.organization_id
      and u.created_at > since - interval '1 hour' and u.credential_id = credential.id and u.status = 'succeeded'
      and not u.is_cached and u.settled_at > since);
end $$;
comment on function private.credential_works_since is 'Whether its key was replaced, tested with success or accepted in a call after an instant.';

create function private.alert_failing_credentials(at timestamptz) returns int
  language plpgsql set search_path = '' as $$
declare
  raised int;
begin
  -- Without a key, without money, without the right: what only somebody with the provider's account can mend.
  insert into public.alerts (organization_id, kind, severity, subject_type, subject_id, occasion, facts)
  select c.organization_id, 'credential_failing', 'critical', 'provider_credential', c.id,
    date_trunc('hour', at, 'UTC') || coalesce(' ' || c.rotated_at, ''),
    jsonb_build_object('credential', c.name, 'provider', c.provider, 'error_code', f.error_code,
      'last_failed_at', f.last_failed_at)
  from (
    select f.credential_id, max(f.failed_at) as last_failed_at,
      (array_agg(f.error_code order by f.failed_at desc))[1] as error_code
    from (
      select u.credential_id, u.settled_at as failed_at, u.error_code
      from public.ai_usage u
      where coalesce(u.settled_at, 'infinity') > at - interval '1 hour' and coalesce(u.settled_at, 'infinity') < 'infinity'
        and u.settled_at > at - interval '1 hour' and u.settled_at <= at and u.status = 'failed'
        and (u.error_code in ('provider_credential_rejected', 'insufficient_quota', 'exceeded_current_quota_error')
          or u.http_status in (401, 402, 403) and coalesce(u.error_code, '') not in ('budget_exceeded', 'frozen'))
      union all
      -- Another credential may have served the call.
      select h.credential_id, h.last_failed_at, h.last_error from public.credential_health h
      where h.failures_in_a_row > 0 and h.last_error in ('provider_credential_rejected', 'upstream_402', 'upstream_403')
        and h.last_failed_at > at - interval '1 hour' and h.last_failed_at <= at
    ) f
    group by 1
  ) f
  join public.provider_credentials c on c.id = f.credential_id and c.is_active
  where not coalesce(private.credential_works_since(c, f.last_failed_at), false)
  on conflict do nothing;
  get diagnostics raised = row_count;
  return raised;
end $$;
comment on function private.alert_failing_credentials is 'The provider refused the last calls that went out with a credential.';

create function private.alert_unpriced_models(at timestamptz) returns int
  language plpgsql set search_path = '' as $$
declare
  raised int;
begin
  insert into public.alerts (organization_id, kind, severity, subject_type, subject_id, occasion, facts)
  select u.organization_id, 'unpriced_model', 'warning', 'model', u.provider || '/' || u.model,
    to_char(at at time zone 'UTC', 'YYYY-MM-DD'),
    jsonb_build_object('provider', u.provider, 'model', u.model, 'calls', u.calls, 'tokens', u.tokens)
  from (
    select u.organization_id, u.provider, u.model, count(*) as calls, sum(u.input_tokens + u.output_tokens) as tokens
    from public.ai_usage u
    where coalesce(u.settled_at, 'infinity') > at - interval '1 hour' and coalesce(u.settled_at, 'infinity') < 'infinity'
      and u.settled_at > at - interval '1 hour' and u.settled_at <= at and u.cost_usd is null
      and u.input_tokens + u.output_tokens > 0
    group by 1, 2, 3
  ) u
  join public.organizations o on o.id = u.organization_id
  where not private.has_price(u.organization_id, u.provider, u.model, at)
  on conflict do nothing;
  get diagnostics raised = row_count;
  return raised;
end $$;
comment on function private.alert_unpriced_models is 'Calls went to a model whose price is not known, so what they cost is not known either.';

create function private.has_price(organization_id uuid, provider text, model text, at timestamptz) returns boolean
  language plpgsql set search_path = '' as $$
begin
  return (private.find_organization_price(organization_id, provider, private.find_model(provider, model), 'standard', at)).id
    is not null;
end $$;

create function private.alert_expiring_keys(at timestamptz) returns int
  language plpgsql set search_path = '' as $$
declare
  raised int;
begin
  with new_alerts as (
    insert into public.alerts (organization_id, kind, severity, subject_type, subject_id, occasion, facts)
    select k.organization_id, 'key_expiring', case when d.days = 1 then 'critical' else 'warning' end, 'proxy_key', k.id,
      d.days || ' days before ' || k.expires_at,
      jsonb_build_object('proxy_key', k.name, 'project_id', k.project_id, 'project', p.name, 'days', d.days,
        'expires_at', k.expires_at, 'last_used_at', k.last_used_at)
    from public.proxy_keys k join public.projects p on p.id = k.project_id
    cross join lateral (select case when k.expires_at <= at + interval '1 day' then 1 else 7 end as days) d
    where k.revoked_at is null and k.expires_at > at and k.expires_at <= at + interval '7 days' and p.archived_at is null
    on conflict do nothing
    returning organization_id, subject_id, id
  ), replaced as (
    update public.alerts a set resolved_at = at from new_alerts n
    where a.organization_id = n.organization_id and a.kind = 'key_expiring' and a.subject_id = n.subject_id
      and a.resolved_at is null and a.id < n.id
  )
  select count(*) into raised from new_alerts;
  return raised;
end $$;
comment on function private.alert_expiring_keys is 'A key that can be used expires within seven days, and again within one.';

create function private.alert_reconciliation_drift(at timestamptz) returns int
  language plpgsql set search_path = '' as $$
declare
  raised int;
begin
  insert into public.alerts (organization_id, kind, severity, subject_type, subject_id, occasion, facts)
  select r.organization_id, 'reconciliation_drift', 'warning', 'provider', r.provider, r.day::text,
    jsonb_build_object('provider', r.provider, 'day', r.day, 'drift_usd', r.drift_usd::text)
  from public.reconciliations r
  where r.is_alarming and not r.is_provisional and r.day > (at - interval '30 days')::date
  on conflict do nothing;
  get diagnostics raised = row_count;
  return raised;
end $$;
comment on function private.alert_reconciliation_drift is 'A day of the provider''s bill differs from the ledger by more than the organization tolerates.';

create function private.resolve_alerts(at timestamptz) returns int
  language plpgsql set search_path = '' as $$
declare
  resolved int;
begin
  with over as (
    select a.id from public.alerts a left join public.budgets b on b.id::text = a.subject_id
    where a.kind = 'budget_threshold' and a.resolved_at is null
      and (b.id is null or b.window_start <> (a.facts ->> 'window_start')::timestamptz
        or b.spent_usd * 100 < (a.facts ->> 'percent')::int * b.limit_usd)
    union all
    select a.id from public.alerts a
    where a.kind = 'spend_anomaly' and a.resolved_at is null
      and (a.facts ->> 'hour_at')::timestamptz < date_trunc('hour', at, 'UTC') - interval '1 hour'
    union all
    -- Half the rate that it takes to raise it, so that it does not come and go.
    select a.id from public.alerts a left join private.error_rates(at) r
      on r.organization_id = a.organization_id and r.provider = a.subject_id
    where a.kind = 'error_rate' and a.resolved_at is null and (r.calls is null or r.errors * 40 < r.calls)
    union all
    select a.id from public.alerts a left join public.provider_credentials c on c.id::text = a.subject_id
    where a.kind = 'credential_failing' and a.resolved_at is null
      and (c.id is null or not c.is_active or private.credential_works_since(c, (a.facts ->> 'last_failed_at')::timestamptz))
    union all
    select a.id from public.alerts a
    where a.kind = 'unpriced_model' and a.resolved_at is null
      and private.has_price(a.organization_id, a.facts ->> 'provider', a.facts ->> 'model', at)
    union all
    select a.id from public.alerts a left join public.proxy_keys k on k.id::text = a.subject_id
    where a.kind = 'key_expiring' and a.resolved_at is null
      and (k.id is null or k.revoked_at is not null or k.expires_at is distinct from (a.facts ->> 'expires_at')::timestamptz
        or k.expires_at <= at)
    union all
    select a.id from public.alerts a left join public.alert_channels c on c.id::text = a.subject_id
    where a.kind = 'channel_paused' and a.resolved_at is null and c.paused_at is null
    union all
    select a.id from public.alerts a left join public.reconciliations r on r.organization_id = a.organization_id
      and r.provider = a.facts ->> 'provider' and r.day = (a.facts ->> 'day')::date
    where a.kind = 'reconciliation_drift' and a.resolved_at is null and r.is_alarming is not true
  )
  update public.alerts a set resolved_at = at from over where a.id = over.id and a.resolved_at is null;
  get diagnostics resolved = row_count;
  return resolved;
end $$;
comment on function private.resolve_alerts is 'Closes alerts whose cause is over; answers how many.';

create function private.detect_alerts(at timestamptz) returns int
  language plpgsql set search_path = '' as $$
declare
  detector text;
  found_now int;
  found_in_all int := 0;
begin
  foreach detector in array array['resolve_alerts', 'alert_budget_thresholds', 'alert_spend_anomalies', 'alert_error_rates',
    'alert_failing_credentials', 'alert_unpriced_models', 'alert_expiring_keys', 'alert_reconciliation_drift'] loop
    begin
      execute format('select private.%I($1)', detector) into found_now using at;
      found_in_all := found_in_all + case detector when 'resolve_alerts' then 0 else found_now end;
    exception when others then
      -- The others are not to wait for it.
      raise warning '% failed: % (%)', detector, sqlerrm, sqlstate;
    end;
  end loop;
  return found_in_all;
end $$;
comment on function private.detect_alerts is 'Closes what is over and runs all detectors as of an instant; answers how many alerts are new. Safe to run at any time and at once with itself.';

select cron.schedule('alert-budgets', '10 seconds', 'select private.alert_budget_thresholds(now())');
select cron.schedule('detect-alerts', '* * * * *', 'select private.detect_alerts(now())');
select cron.schedule('deliver-alerts', '10 seconds', 'select private.deliver_alerts(now())');

-- § Operation --------------------------------------------------------------------------------------------------
-- What functions/health tells: the public, whether it works; the operator, in figures. Of no tenant in particular.

create function private.cron_runs() returns table (job text, last_run_at timestamptz, last_success_at timestamptz, is_failing boolean)
  language sql stable set search_path = '' as $$
  -- The latest of many thousands of runs, found by their ids: the table has no other index.
  with recent as (
    select d.jobid, d.runid, d.status, d.start_time from cron.job_run_details d
    where d.runid > (select max(runid) - 20000 from cron.job_run_details)
  )
  select j.jobname, max(r.start_time), max(r.start_time) filter (where r.status = 'succeeded'),
    coalesce((array_agg(r.status order by r.runid desc) filter (where r.status in ('succeeded', 'failed')))[1] = 'failed', false)
  from cron.job j left join recent r on r.jobid = j.jobid
  where j.active group by 1 order by 1
$$;
comment on function private.cron_runs is 'Each scheduled job with its latest run; nothing known of those that have not run lately.';

create function private.queue_age_seconds(at timestamptz) returns numeric
  language plpgsql stable set search_path = '' as $$
begin
  return round(greatest(0, extract(epoch from at - least(
    (select min(d.due_at) from public.alert_deliveries d left join public.alert_channels c on c.id = d.channel_id
      where d.status = 'pending' and (d.channel_id is null or c.is_active and c.paused_at is null)),
    (select min(o.lease_until) from public.open_calls o)))), 1);
end $$;
comment on function private.queue_age_seconds is 'How long the oldest delivery or expired call waits past its time; 0 when nothing waits, null when there is nothing.';

create function public.service_health() returns jsonb
  -- definer: sums up what belongs to all tenants
  language plpgsql stable security definer set search_path = '' as $$
begin
  return jsonb_build_object(
    'has_prices', exists (select from public.model_prices),
    'queue_age_seconds', coalesce(private.queue_age_seconds(clock_timestamp()), 0),
    'providers', (
      select jsonb_object_agg(p.provider, case when c.active = 0 then 'unused' when c.failing = 0 then 'up'
        when c.failing < c.active then 'degraded' else 'down' end)
      from (values ('openai'), ('anthropic'), ('moonshot')) p (provider)
      cross join lateral (
        select count(*) as active, count(a.id) as failing
        from public.provider_credentials c
        left join public.alerts a on a.organization_id = c.organization_id and a.kind = 'credential_failing'
          and a.subject_id = c.id::text and a.resolved_at is null
        where c.provider = p.provider and c.is_active
      ) c),
    'cron', (select jsonb_object_agg(r.job, jsonb_build_object('last_run_at', r.last_run_at,
      'last_success_at', r.last_success_at, 'is_failing', r.is_failing)) from private.cron_runs() r),
    'cron_idle_seconds', (select extract(epoch from clock_timestamp() - max(r.last_run_at))::int from private.cron_runs() r));
end $$;
comment on function public.service_health is 'For functions/health with the service role: what the public may know of how it works.';

create function public.service_metrics() returns table (metric text, labels jsonb, value numeric)
  -- definer: sums up what belongs to all tenants
  language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  at constant timestamptz := clock_timestamp();
begin
  return query
  with hour as (
    select f.provider, sum(f.calls) as calls, sum(f.errors) as errors, sum(f.refusals) as refusals, sum(f.cost_usd) as cost_usd,
      sum(f.input_tokens) as input_tokens, sum(f.output_tokens) as output_tokens
    from public.organizations o
    cross join lateral (
      select f.* from public.usage_facts f where f.organization_id = o.id and f.bucket_at > at - interval '75 minutes'
    ) f
    group by 1
  )
  select m.metric, jsonb_build_object('provider', h.provider), m.value
  from hour h cross join lateral (values ('khq_calls_last_hour', h.calls), ('khq_call_errors_last_hour', h.errors),
    ('khq_call_refusals_last_hour', h.refusals), ('khq_cost_usd_last_hour', h.cost_usd),
    ('khq_input_tokens_last_hour', h.input_tokens), ('khq_output_tokens_last_hour', h.output_tokens)) m (metric, value)
  union all select 'khq_open_calls', '{}', count(*) from public.open_calls
  union all select 'khq_expired_calls', '{}', count(*) from public.open_calls o where o.lease_until < at
  union all select 'khq_held_usd', '{}', coalesce(sum(c.held_usd), 0) from private.spend_counters c
  union all select 'khq_unfolded_usage', '{}', count(*) from private.usage_deltas
  union all select 'khq_queue_age_seconds', '{}', coalesce(private.queue_age_seconds(at), 0)
  union all select 'khq_alert_deliveries', jsonb_build_object('status', s.status),
    (select count(*) from public.alert_deliveries d where d.status = s.status) from (values ('pending'), ('dead')) s (status)
  union all select 'khq_open_alerts', jsonb_build_object('kind', a.kind), count(*)
    from public.alerts a where a.resolved_at is null group by a.kind
  union all select 'khq_cron_last_success_timestamp_seconds', jsonb_build_object('job', r.job),
    round(extract(epoch from r.last_success_at), 3) from private.cron_runs() r where r.last_success_at is not null
  union all select 'khq_cron_failing', jsonb_build_object('job', r.job), r.is_failing::int from private.cron_runs() r
  union all select 'khq_organizations', '{}', count(*) from public.organizations
  union all select 'khq_database_bytes', '{}', pg_catalog.pg_database_size(pg_catalog.current_database())
  union all select 'khq_database_connections', '{}', count(*) from pg_catalog.pg_stat_activity where backend_type = 'client backend';
end $$;
comment on function public.service_metrics is 'For functions/health with the service role: the operator''s figures.';

-- Jobs that run every few seconds leave a row each time, which says nothing for long.
select cron.schedule('forget-cron-runs', '37 * * * *', $$delete from cron.job_run_details
  where end_time < now() - interval '2 days' or status = 'succeeded' and end_time < now() - interval '1 hour'
    and jobid in (select jobid from cron.job where schedule like '%second%')$$);
