-- Report mails: saved reports that people have mailed to them, their rows as a CSV file.
--
-- Who wants a report says how often. The row is the outbox as well: when its time has come, functions/reporting claims it
-- under a lease, runs the query through the organization's own login, and mails what it answers to that person. Nothing of
-- a result is kept here. Who is no admin any more gets none.

create table public.report_mails (
  saved_report_id uuid not null references public.saved_reports (id) on delete cascade,
  user_id uuid not null,
  organization_id uuid not null,
  every text not null,
  -- When the next one goes. Who claims it moves this to the end of the lease.
  due_at timestamptz not null,
  -- Where the latest lease ends or ended. It runs as long as due_at is the same.
  leased_until timestamptz,
  attempts int not null default 0,
  -- Past this the one that is due is given up, and the next one waited for. Null while none is.
  try_until timestamptz,
  -- Of the latest: when it went, or why it did not.
  sent_at timestamptz,
  last_error text,
  created_at timestamptz not null default now(),
  primary key (saved_report_id, user_id),
  constraint report_mails_member_fkey foreign key (organization_id, user_id)
    references public.organization_members (organization_id, user_id) on delete cascade,
  constraint report_mails_every_known check (every in ('day', 'week', 'month'))
);
comment on table public.report_mails is 'Who has which saved report mailed, how often, and when next. Written by mail_report and the outbox alone.';
create index report_mails_member_index on public.report_mails (organization_id, user_id);
create index report_mails_due_index on public.report_mails (due_at);
alter table public.report_mails enable row level security;
create policy "admins read their own report mails" on public.report_mails
  for select to authenticated using (
    user_id = (select auth.uid()) and organization_id in (select private.organizations_where_i_am('admin')));
grant select on public.report_mails to authenticated;

create function private.next_report_mail(every text, zone text, at timestamptz) returns timestamptz
  language plpgsql stable set search_path = '' as $$
declare
  -- Days that begin at eight.
  local_at constant timestamp := at at time zone zone - interval '8 hours';
begin
  return (date_trunc(every, local_at) + ('1 ' || every)::interval + interval '8 hours') at time zone zone;
end $$;
comment on function private.next_report_mail is 'When a report goes that is mailed every day, week (Mondays) or month (on the first): at eight by the organization''s clock, after an instant.';

create function private.move_report_mails() returns trigger
  -- definer: admins change the zone, but not when mails of others go
  language plpgsql security definer set search_path = '' as $$
begin
  update public.report_mails m set due_at = private.next_report_mail(m.every, new.time_zone, clock_timestamp())
  where m.organization_id = new.id and m.attempts = 0 and m.due_at > clock_timestamp();
  return null;
end $$;
comment on function private.move_report_mails is 'At eight is at eight by the new clock, but for what is due already or under way.';
create trigger organizations_time_zone_of_report_mails after update of time_zone on public.organizations
  for each row when (old.time_zone <> new.time_zone) execute function private.move_report_mails();

create function public.mail_report(saved_report_id uuid, every text default null) returns timestamptz
  -- definer: when it goes is not writable by clients
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  report public.saved_reports;
  zone text;
  next_at timestamptz;
begin
  select * into report from public.saved_reports r
  where r.id = mail_report.saved_report_id and r.organization_id in (select private.my_organization_ids());
  if not found then
    perform private.refuse(404, 'saved_report_not_found');
  end if;
  perform private.require_role(report.organization_id, 'admin');
  if mail_report.every is null then
    delete from public.report_mails m where m.saved_report_id = report.id and m.user_id = auth.uid();
    return null;
  end if;
  if mail_report.every not in ('day', 'week', 'month') then
    perform private.refuse(400, 'option_invalid', '{"option": "every"}');
  end if;
  select o.time_zone into zone from public.organizations o where o.id = report.organization_id;
  next_at := private.next_report_mail(mail_report.every, zone, now());
  insert into public.report_mails as m (saved_report_id, user_id, organization_id, every, due_at)
  values (report.id, auth.uid(), report.organization_id, mail_report.every, next_at)
  on conflict (saved_report_id, user_id) do update set every = excluded.every, due_at = excluded.due_at, attempts = 0,
    try_until = null, last_error = null
  where m.every <> excluded.every;
  return (select m.due_at from public.report_mails m where m.saved_report_id = report.id and m.user_id = auth.uid());
end $$;
comment on function public.mail_report is 'Has a saved report mailed to the caller, an admin: every day, week or month; null: not any more. Answers when the next one goes.';
grant execute on function public.mail_report to authenticated;

create function public.claim_report_mails(batch int, lease_seconds int, at timestamptz default clock_timestamp())
  returns table (saved_report_id uuid, user_id uuid, leased_until timestamptz, recipient text, every text, report_name text,
    query text, organization_id uuid, organization_name text, organization_slug text)
  -- definer: what people want mailed is for themselves and this
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  patience constant interval := '6 hours';
begin
  -- One claim at a time, or two would take one each of the same organization.
  perform pg_advisory_xact_lock(hashtextextended('public.claim_report_mails', 0));
  delete from public.report_mails m
  where m.due_at <= at and not exists (
    select from public.organization_members o join public.profiles p using (user_id)
    where o.organization_id = m.organization_id and o.user_id = m.user_id and o.role in ('owner', 'admin') and p.email <> '');
  return query
  with firsts as (
    select distinct on (d.organization_id) d.* from public.report_mails d
    where d.due_at <= at order by d.organization_id, d.due_at
  ), claimed as (
    update public.report_mails m
    set attempts = m.attempts + 1, try_until = coalesce(m.try_until, at + patience),
      due_at = at + make_interval(secs => lease_seconds), leased_until = at + make_interval(secs => lease_seconds)
    where (m.saved_report_id, m.user_id) in (
      select w.saved_report_id, w.user_id from firsts f
      join public.report_mails w on w.saved_report_id = f.saved_report_id and w.user_id = f.user_id
      cross join lateral (
        select max(o.leased_until) as latest, bool_or(o.due_at = o.leased_until and o.due_at > at) as is_busy
        from public.report_mails o where o.organization_id = f.organization_id
      ) turn
      where w.due_at <= at and turn.is_busy is not true
      order by turn.latest nulls first, w.due_at limit batch for update of w skip locked)
    returning m.*
  )
  select c.saved_report_id, c.user_id, c.due_at, p.email, c.every, r.name, r.query, o.id, o.name, o.slug
  from claimed c join public.saved_reports r on r.id = c.saved_report_id
  join public.profiles p on p.user_id = c.user_id join public.organizations o on o.id = c.organization_id;
end $$;
comment on function public.claim_report_mails is 'For functions/reporting with the service role: takes what is due for the time of the lease, one of an organization and whoever waited longest first, and drops what is due to nobody any more.';

create function public.record_report_mail(saved_report_id uuid, user_id uuid, leased_until timestamptz,
  error text default null, is_final boolean default false, at timestamptz default clock_timestamp()) returns void
  -- definer: the outbox is written by nobody else
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  mail public.report_mails;
  is_over boolean;
begin
  select * into mail from public.report_mails m
  where m.saved_report_id = record_report_mail.saved_report_id and m.user_id = record_report_mail.user_id
    and m.due_at = record_report_mail.leased_until for update;
  if not found then
    return;
  end if;
  is_over := error is null or is_final or mail.try_until <= at;
  update public.report_mails m
  set last_error = left(record_report_mail.error, 300),
    sent_at = case when record_report_mail.error is null then at else m.sent_at end,
    due_at = case when is_over then private.next_report_mail(m.every, o.time_zone, at)
      else at + private.retry_delay(m.attempts) end,
    attempts = case when is_over then 0 else m.attempts end,
    try_until = case when not is_over then m.try_until end
  from public.organizations o
  where o.id = m.organization_id and m.saved_report_id = mail.saved_report_id and m.user_id = mail.user_id;
end $$;
comment on function public.record_report_mail is 'For functions/reporting with the service role: what became of a claim. Nothing where the lease was lost.';
grant execute on function public.claim_report_mails, public.record_report_mail to service_role;

create function private.mail_reports(at timestamptz) returns bigint
  language plpgsql set search_path = '' as $$
begin
  -- An idle tick calls nobody.
  if exists (select from public.report_mails m where m.due_at <= at) then
    return private.call_job('reporting', 'mail-reports');
  end if;
  return null;
end $$;
comment on function private.mail_reports is 'Wakes functions/reporting when a report is due.';
select cron.schedule('mail-reports', '* * * * *', 'select private.mail_reports(now())');
