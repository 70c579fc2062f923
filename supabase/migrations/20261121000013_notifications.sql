-- Notifications: what one person should know, in the bell of the app and, where they want it, by mail.
--
-- Whatever happens calls `private.notify` in its own transaction. Alerts are an organization's, notifications a person's:
-- a budget's warning is both, and its mail goes by the alert channels alone. An invitation's mail carries the secret link.

-- § Notifications ----------------------------------------------------------------------------------------------

create table public.notifications (
  id bigint generated always as identity primary key,
  user_id uuid not null references public.profiles (user_id) on delete cascade,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  kind text not null,
  -- Of the task, budget or invitation that it is about.
  subject_id text not null,
  -- What there is to say, as it was then; of tasks title, agent (its name), cost_usd, reason. Its words are made where
  -- it is read.
  data jsonb not null default '{}',
  read_at timestamptz,
  created_at timestamptz not null default now(),
  constraint notifications_kind_known
    check (kind in ('task_completed', 'task_failed', 'approval_needed', 'budget_warning', 'invitation')),
  constraint notifications_data_is_object check (jsonb_typeof(data) = 'object')
);
comment on table public.notifications is 'What a person was told, for 90 days.';
create index notifications_user_index on public.notifications (user_id, id desc);
create index notifications_unread_index on public.notifications (user_id) where read_at is null;
create index notifications_organization_index on public.notifications (organization_id);
create index notifications_subject_index on public.notifications (subject_id);
alter table public.notifications enable row level security;
-- Who has left an organization is told nothing of it any more; who is only invited is not in it yet.
create policy "people read what they were told" on public.notifications
  for select to authenticated using (
    user_id = (select auth.uid())
    and (kind = 'invitation' or organization_id in (select private.my_organization_ids())));
grant select on public.notifications to authenticated;

create function private.notify(organization_id uuid, user_id uuid, kind text, subject_id text, data jsonb default '{}') returns void
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  notification public.notifications;
begin
  insert into public.notifications (organization_id, user_id, kind, subject_id, data)
  select notify.organization_id, notify.user_id, notify.kind, notify.subject_id, notify.data
  -- Who is gone by now is not told.
  where notify.kind = 'invitation' or exists (
    select from public.organization_members m
    where m.organization_id = notify.organization_id and m.user_id = notify.user_id)
  returning * into notification;
  if not found then
    return;
  end if;
  insert into private.notification_mails (notification_id)
  select notification.id from public.profiles p
  where p.user_id = notification.user_id and p.email <> ''
    and private.is_mailed_notification(notification.kind) and private.wants_mail(p.preferences, notification.kind);
  perform private.send_to_person(notification.user_id, 'notifications_moved', '{}');
end $$;
comment on function private.notify is 'Tells a member of an organization something of this kind: in the bell, and by mail where they want that. subject_id: of what it is about.';

create function private.close_notifications(kind text, subject_id text) returns void
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  person uuid;
begin
  for person in
    with closed as (
      update public.notifications n set read_at = now()
      where n.subject_id = close_notifications.subject_id and n.kind = close_notifications.kind and n.read_at is null
      returning n.user_id
    ) select distinct c.user_id from closed c
  loop
    perform private.send_to_person(person, 'notifications_moved', '{}');
  end loop;
end $$;
comment on function private.close_notifications is 'What was to be done is done, by whomever: nobody''s bell needs to say so any more.';

create function public.mark_notifications_read(ids bigint[] default null) returns int
  -- definer: notifications are not writable by clients
  language plpgsql security definer set search_path = '' as $$
declare
  marked int;
begin
  update public.notifications n set read_at = now()
  where n.user_id = auth.uid() and n.read_at is null
    and (mark_notifications_read.ids is null or n.id = any (mark_notifications_read.ids));
  get diagnostics marked = row_count;
  if marked > 0 then
    perform private.send_to_person(auth.uid(), 'notifications_moved', '{}');
  end if;
  return marked;
end $$;
comment on function public.mark_notifications_read is 'These of the caller, or all of them, were read. Answers how many were not before.';

-- § Mails ------------------------------------------------------------------------------------------------------

create function private.is_mailed_notification(kind text) returns boolean
  language sql immutable set search_path = '' as $$
  select kind in ('task_completed', 'task_failed', 'approval_needed')
$$;
comment on function private.is_mailed_notification is 'Of budgets the alert channels mail, and invitations are mailed with their links.';

create table private.notification_mails (
  notification_id bigint primary key references public.notifications (id) on delete cascade,
  attempts int not null default 0,
  -- When it is tried next: not at once, since who looks at the bell needs no mail. Who claims it moves this to the end of the lease.
  due_at timestamptz not null default now() + interval '2 minutes',
  -- Past this it is given up.
  try_until timestamptz not null default now() + interval '25 hours'
);
comment on table private.notification_mails is 'The outbox of notifications: one row per mail that is still to be sent.';
create index notification_mails_due_index on private.notification_mails (due_at);
alter table private.notification_mails enable row level security;

create function public.claim_notification_mails(batch int, lease_seconds int, at timestamptz default clock_timestamp())
  returns table (notification_id bigint, leased_until timestamptz, recipient text, organization_id uuid,
    organization_name text, organization_slug text, kind text, subject_id text, data jsonb)
  -- definer: what people were told is for themselves and this
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  -- Read by now, no longer wanted, or no longer a member's.
  delete from private.notification_mails q
  using public.notifications n join public.profiles p using (user_id)
  where q.due_at <= at and n.id = q.notification_id and (n.read_at is not null
    or p.email = '' or not private.wants_mail(p.preferences, n.kind)
    or not exists (select from public.organization_members m
      where m.organization_id = n.organization_id and m.user_id = n.user_id));
  return query
  with claimed as (
    update private.notification_mails q
    set attempts = q.attempts + 1, due_at = at + make_interval(secs => lease_seconds)
    where q.notification_id in (
      select w.notification_id from private.notification_mails w
      where w.due_at <= at order by w.due_at limit batch for update skip locked)
    returning q.*
  )
  select n.id, c.due_at, p.email, o.id, o.name, o.slug, n.kind, n.subject_id, n.data
  from claimed c join public.notifications n on n.id = c.notification_id join public.profiles p using (user_id)
  join public.organizations o on o.id = n.organization_id;
end $$;
comment on function public.claim_notification_mails is 'For functions/tenancy with the service role: takes what is due for the time of the lease, and drops what was read meanwhile.';

create function public.record_notification_mail(notification_id bigint, leased_until timestamptz, is_sent boolean,
  at timestamptz default clock_timestamp()) returns void
  -- definer: the outbox is written by nobody else
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  delete from private.notification_mails q
  where q.notification_id = record_notification_mail.notification_id and q.due_at = record_notification_mail.leased_until
    and (record_notification_mail.is_sent or q.try_until <= at);
  update private.notification_mails q set due_at = at + private.retry_delay(q.attempts)
  where q.notification_id = record_notification_mail.notification_id and q.due_at = record_notification_mail.leased_until;
end $$;
comment on function public.record_notification_mail is 'For functions/tenancy with the service role: what became of a claim. Nothing where the lease was lost.';

create function private.mail_notifications(at timestamptz) returns bigint
  language plpgsql set search_path = '' as $$
begin
  -- An idle tick calls nobody.
  if exists (select from private.notification_mails q where q.due_at <= at) then
    return private.call_job('tenancy', 'mail-notifications');
  end if;
  return null;
end $$;
comment on function private.mail_notifications is 'Wakes functions/tenancy when a mail is due.';

grant execute on function public.claim_notification_mails, public.record_notification_mail to service_role;

create function public.set_mail_preference(kind text, is_wanted boolean) returns void
  language plpgsql set search_path = '' as $$
begin
  if not coalesce(kind in ('budget_warning', 'weekly_report') or private.is_mailed_notification(kind), false) or is_wanted is null then
    perform private.refuse(400, 'mail_preference_invalid');
  end if;
  update public.profiles p set preferences = p.preferences || jsonb_build_object('mail',
    case jsonb_typeof(p.preferences -> 'mail') when 'object' then p.preferences -> 'mail' else '{}' end
      || jsonb_build_object(set_mail_preference.kind, set_mail_preference.is_wanted))
  where p.user_id = auth.uid();
end $$;
comment on function public.set_mail_preference is 'Whether the caller wants mail of this kind of notification.';

grant execute on function public.mark_notifications_read, public.set_mail_preference, private.is_mailed_notification
  to authenticated;

-- § What is told -----------------------------------------------------------------------------------------------
-- Tasks tell what becomes of them themselves.

create function private.on_alerts_notify() returns trigger
  -- definer: notifications are written by nobody else
  language plpgsql security definer set search_path = '' as $$
begin
  -- A graver warning takes the place of those before it.
  perform private.close_notifications('budget_warning', new.subject_id);
  perform private.notify(new.organization_id, m.user_id, 'budget_warning', new.subject_id,
    new.facts || jsonb_build_object('alert_id', new.id, 'severity', new.severity))
  from public.organization_members m
  where m.organization_id = new.organization_id and m.role in ('owner', 'admin');
  return null;
end $$;
create trigger alerts_notify after insert on public.alerts
  for each row when (new.kind = 'budget_threshold') execute function private.on_alerts_notify();

create function private.on_invitations_notify() returns trigger
  -- definer: looks for the address among all profiles
  language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'DELETE' or new.accepted_at is not null then
    perform private.close_notifications('invitation', old.id::text);
    delete from public.notifications n where n.subject_id = old.id::text and n.kind = 'invitation';
  else
    perform private.notify(new.organization_id, p.user_id, 'invitation', new.id::text, jsonb_build_object(
      'organization', (select o.name from public.organizations o where o.id = new.organization_id),
      'invited_by', (select coalesce(nullif(i.full_name, ''), i.email) from public.profiles i where i.user_id = new.invited_by),
      'role', new.role, 'email', new.email, 'expires_at', new.expires_at))
    from public.profiles p where lower(p.email) = new.email;
  end if;
  return null;
end $$;
comment on function private.on_invitations_notify is 'Tells whoever has an account under an invited address. Joining still takes the link in the mail: an account does not prove its address.';
create trigger invitations_notify after insert or update of accepted_at or delete on public.invitations
  for each row execute function private.on_invitations_notify();

select cron.schedule('mail-notifications', '10 seconds', 'select private.mail_notifications(now())');
select cron.schedule('forget-notifications', '50 3 * * *',
  $$delete from public.notifications where created_at < now() - interval '90 days'$$);
