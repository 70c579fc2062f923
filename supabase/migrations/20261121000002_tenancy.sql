-- Tenancy: people, their organizations, what their plan allows, and who changed what.
--
-- Isolation is RLS on every table through two set-returning predicates, evaluated once per statement. Whatever is
-- more than a row write (joining, changing roles, leaving, handing over, deleting) is an RPC in this file.

-- § Plans ------------------------------------------------------------------------------------------------------

create table public.plans (
  plan text primary key,
  name text not null,
  position int not null,
  list_price_usd_month numeric(10, 2) not null,
  -- Paid yearly, twelve months cost ten.
  list_price_usd_year numeric(10, 2) generated always as (list_price_usd_month * 10) stored,
  constraint plans_price_not_negative check (list_price_usd_month >= 0)
);
comment on table public.plans is 'What can be bought. Limits stand in plan_limits, exceptions in organization_plan_overrides.';
alter table public.plans enable row level security;
create policy "everyone reads plans" on public.plans for select to anon, authenticated using (true);
grant select on public.plans to anon, authenticated;

insert into public.plans (plan, name, position, list_price_usd_month) values
  ('free', 'Free', 1, 0), ('pro', 'Pro', 2, 29), ('enterprise', 'Enterprise', 3, 99);

create table public.plan_limits (
  plan text not null references public.plans (plan) on update cascade on delete cascade,
  resource text not null,
  amount numeric,
  is_unlimited boolean not null default false,
  primary key (plan, resource),
  -- Unlimited is said, never implied by a missing number.
  constraint plan_limits_amount_or_unlimited check ((amount is null) = is_unlimited),
  constraint plan_limits_amount_not_negative check (amount >= 0)
);
comment on table public.plan_limits is 'One row per plan and limited resource. Units are in the resource''s name.';
alter table public.plan_limits enable row level security;
create policy "everyone reads plan limits" on public.plan_limits for select to anon, authenticated using (true);
grant select on public.plan_limits to anon, authenticated;

insert into public.plan_limits (plan, resource, amount, is_unlimited) values
  ('free', 'members', 2, false), ('pro', 'members', 10, false), ('enterprise', 'members', null, true),
  ('free', 'ai_budget_usd_month', 50, false), ('pro', 'ai_budget_usd_month', 500, false),
  -- An Enterprise budget is a value that someone sets: until then nothing may be spent.
  ('enterprise', 'ai_budget_usd_month', 0, false),
  ('free', 'providers', 1, false), ('pro', 'providers', null, true), ('enterprise', 'providers', null, true),
  ('free', 'history_days', 7, false), ('pro', 'history_days', 365, false), ('enterprise', 'history_days', null, true);

-- § People -----------------------------------------------------------------------------------------------------

create table public.profiles (
  user_id uuid primary key references auth.users (id) on delete cascade,
  email text not null,
  full_name text not null default '',
  preferences jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint profiles_full_name_length check (char_length(full_name) <= 200),
  constraint profiles_preferences_is_object check (jsonb_typeof(preferences) = 'object')
);
comment on table public.profiles is 'What colleagues see of a user; auth.users itself is never exposed.';
-- Who is invited by an address is looked for.
create index profiles_email_index on public.profiles (lower(email));
create trigger profiles_touch before update on public.profiles
  for each row execute function private.touch_updated_at();
alter table public.profiles enable row level security;
-- Its select policy follows organization_members, which it reads.

create function private.wants_mail(preferences jsonb, kind text) returns boolean
  language sql immutable set search_path = '' as $$
  -- Agents complete much; of that one is mailed on demand only.
  select case kind when 'task_completed' then preferences #> array['mail', kind] is not distinct from 'true'
    else preferences #> array['mail', kind] is distinct from 'false' end
$$;
comment on function private.wants_mail is 'Whether a person with these preferences wants mail of a kind of notification.';

-- § Organizations ----------------------------------------------------------------------------------------------

create function private.is_time_zone(zone text) returns boolean
  language plpgsql stable set search_path = '' as $$
begin
  perform now() at time zone zone;
  return true;
exception when invalid_parameter_value then
  return false;
end $$;
grant execute on function private.is_time_zone to authenticated;

create table public.organizations (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  slug text not null,
  plan text not null default 'free' references public.plans (plan) on update cascade,
  time_zone text not null default 'UTC',
  -- What the proxy does when a client hangs up: drain keeps usage exact, cancel saves the tokens not yet made.
  on_client_abort text not null default 'drain',
  allows_unpriced_models boolean not null default false,
  -- How often upstream is asked at most before the client hears of a failure.
  max_attempts int not null default 3,
  -- A provider's bill that is off by both of these is worth an alarm.
  drift_alarm_percent numeric(6, 3) not null default 1,
  drift_alarm_usd numeric(20, 10) not null default 1,
  -- What each member may spend a month with keys of their own; null: they mint none.
  personal_key_limit_usd numeric(20, 10),
  -- By mail to its owners and admins, each Monday.
  sends_weekly_report boolean not null default true,
  preferences jsonb not null default '{}',
  -- Part of the names of its Realtime topics; moves on when a member leaves.
  topic_epoch int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint organizations_slug_unique unique (slug),
  constraint organizations_slug_format check (slug ~ '^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$'),
  constraint organizations_name_length check (char_length(btrim(name)) between 1 and 100),
  constraint organizations_time_zone_known check (private.is_time_zone(time_zone)),
  constraint organizations_personal_key_limit_not_negative check (personal_key_limit_usd >= 0 and personal_key_limit_usd < 'NaN'),
  constraint organizations_on_client_abort_known check (on_client_abort in ('drain', 'cancel')),
  constraint organizations_max_attempts_few check (max_attempts between 1 and 5),
  constraint organizations_drift_alarm_not_negative
    check (drift_alarm_percent between 0 and 100 and drift_alarm_usd >= 0 and drift_alarm_usd < 'NaN'),
  constraint organizations_preferences_is_object check (jsonb_typeof(preferences) = 'object')
);
comment on table public.organizations is 'A tenant. Everything that belongs to a company hangs below one of these.';
create index organizations_plan_index on public.organizations (plan);
create trigger organizations_touch before update on public.organizations
  for each row execute function private.touch_updated_at();
alter table public.organizations enable row level security;

create table public.organization_members (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  user_id uuid not null references public.profiles (user_id) on delete cascade,
  role text not null,
  created_at timestamptz not null default now(),
  primary key (organization_id, user_id),
  constraint organization_members_role_known check (role in ('owner', 'admin', 'member'))
);
comment on table public.organization_members is 'Who belongs where: owner over admin over member. Written by RPCs only.';
create index organization_members_user_index on public.organization_members (user_id);
alter table public.organization_members enable row level security;

create function private.my_organization_ids() returns setof uuid
  -- definer: reads memberships past the policies that call it
  language sql stable security definer set search_path = '' as $$
  select organization_id from public.organization_members where user_id = auth.uid()
$$;
comment on function private.my_organization_ids is 'Organizations of the caller. For policies: organization_id in (select private.my_organization_ids()).';

create function private.organizations_where_i_am(least_role text) returns setof uuid
  -- definer: as above
  language sql stable security definer set search_path = '' as $$
  select organization_id from public.organization_members
  where user_id = auth.uid()
    and array_position(array['member', 'admin', 'owner'], role)
      >= array_position(array['member', 'admin', 'owner'], least_role)
$$;
comment on function private.organizations_where_i_am is 'Organizations in which the caller has at least this role.';

create function private.my_colleague_ids() returns setof uuid
  -- definer: as above
  language sql stable security definer set search_path = '' as $$
  select distinct theirs.user_id
  from public.organization_members mine
  join public.organization_members theirs using (organization_id)
  where mine.user_id = auth.uid()
$$;
grant execute on function private.my_organization_ids, private.organizations_where_i_am, private.my_colleague_ids
  to authenticated;

create policy "members read their organizations" on public.organizations
  for select to authenticated using (id in (select private.my_organization_ids()));
create policy "admins change their organizations" on public.organizations
  for update to authenticated
  using (id in (select private.organizations_where_i_am('admin')))
  with check (id in (select private.organizations_where_i_am('admin')));
grant select, update (name, slug, time_zone, on_client_abort, allows_unpriced_models, max_attempts, drift_alarm_percent,
  drift_alarm_usd, personal_key_limit_usd, sends_weekly_report, preferences)
  on public.organizations to authenticated;

create policy "members read their colleagues' memberships" on public.organization_members
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
grant select on public.organization_members to authenticated;

create policy "people read themselves and their colleagues" on public.profiles
  for select to authenticated
  using (user_id = (select auth.uid()) or user_id in (select private.my_colleague_ids()));
create policy "people change themselves" on public.profiles
  for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
grant select, update (full_name, preferences) on public.profiles to authenticated;

-- § Plan limits ------------------------------------------------------------------------------------------------

create table public.organization_plan_overrides (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  resource text not null,
  amount numeric,
  is_unlimited boolean not null default false,
  reason text not null default '',
  created_at timestamptz not null default now(),
  primary key (organization_id, resource),
  constraint organization_plan_overrides_amount_or_unlimited check ((amount is null) = is_unlimited),
  constraint organization_plan_overrides_amount_not_negative check (amount >= 0)
);
comment on table public.organization_plan_overrides is 'Agreed exceptions from the plan, one per resource. Written by the operator only.';
alter table public.organization_plan_overrides enable row level security;
create policy "members read their overrides" on public.organization_plan_overrides
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
grant select on public.organization_plan_overrides to authenticated;

create function private.limit_of(organization_id uuid, resource text)
  returns table (amount numeric, is_unlimited boolean)
  language plpgsql stable set search_path = '' as $$
begin
  return query
    select o.amount, o.is_unlimited from public.organization_plan_overrides o
    where o.organization_id = limit_of.organization_id and o.resource = limit_of.resource;
  if not found then
    return query
      select l.amount, l.is_unlimited
      from public.organizations o join public.plan_limits l using (plan)
      where o.id = limit_of.organization_id and l.resource = limit_of.resource;
  end if;
end $$;
comment on function private.limit_of is 'The override, else the plan''s limit. No row means the resource is not offered at all: treat it as zero.';

create function private.history_start(organization_id uuid) returns timestamptz
  language plpgsql stable set search_path = '' as $$
declare
  days record;
begin
  select * into days from private.limit_of(organization_id, 'history_days');
  return case when days.is_unlimited then '-infinity' else now() - make_interval(days => coalesce(days.amount, 0)::int) end;
end $$;
comment on function private.history_start is 'From when on an organization''s plan shows its history; -infinity for all of it.';

create function private.my_history_starts() returns jsonb
  -- definer: policies read plans past the policies of organizations
  language sql stable security definer set search_path = '' as $$
  select jsonb_object_agg(id, private.history_start(id)) from private.my_organization_ids() id
$$;
comment on function private.my_history_starts is 'From when on the caller sees each of their organizations'' history. For policies, which ask once per statement.';
grant execute on function private.my_history_starts to authenticated;

create function private.require_room(organization_id uuid, resource text, used bigint) returns void
  language plpgsql set search_path = '' as $$
declare
  amount numeric;
  is_unlimited boolean;
begin
  select l.amount, l.is_unlimited into amount, is_unlimited from private.limit_of(organization_id, resource) l;
  if coalesce(is_unlimited, false) or used <= coalesce(amount, 0) then
    return;
  end if;
  perform private.refuse(402, 'plan_limit_exceeded', jsonb_build_object(
    'resource', resource, 'limit', coalesce(amount, 0), 'used', used - 1,
    'plan', (select plan from public.organizations where id = organization_id)
  ));
end $$;
comment on function private.require_room is 'Refuses with 402 when `used` (the new one counted in) is above the limit. Call it after locking the organization.';

create function private.require_role(organization_id uuid, least_role text) returns void
  language plpgsql set search_path = '' as $$
begin
  if organization_id in (select private.organizations_where_i_am(least_role)) then
    return;
  end if;
  -- To an outsider an organization that exists looks like one that does not.
  if organization_id in (select private.my_organization_ids()) then
    perform private.refuse(403, 'role_required', jsonb_build_object('role', least_role));
  end if;
  perform private.refuse(404, 'organization_not_found');
end $$;

grant execute on function private.require_role, private.refuse to authenticated;

-- § Audit log --------------------------------------------------------------------------------------------------

create table public.audit_log (
  id bigint generated always as identity primary key,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  actor_id uuid,
  actor_email text,
  action text not null,
  subject_type text not null,
  subject_id text not null,
  before jsonb,
  after jsonb,
  created_at timestamptz not null default now()
);
comment on table public.audit_log is 'Who changed what, before and after. Written by triggers, readable by admins, writable by no client.';
create index audit_log_organization_index on public.audit_log (organization_id, id desc);
alter table public.audit_log enable row level security;
create policy "admins read the audit log" on public.audit_log
  for select to authenticated using (organization_id in (select private.organizations_where_i_am('admin')));
grant select on public.audit_log to authenticated;

create function private.on_audited_change() returns trigger
  -- definer: nobody may write the log directly
  language plpgsql security definer set search_path = '' as $$
declare
  -- First argument: the noun. The rest: columns that change without being news.
  ignored text[] := array['updated_at'] || coalesce(tg_argv[1:], '{}');
  old_row jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) - ignored end;
  new_row jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) - ignored end;
  this_row jsonb := coalesce(new_row, old_row);
  organization uuid := coalesce(this_row ->> 'organization_id', this_row ->> 'id');
begin
  if old_row = new_row then
    return null;
  end if;
  insert into public.audit_log
    (organization_id, actor_id, actor_email, action, subject_type, subject_id, before, after)
  select
    organization, auth.uid(), (select email from public.profiles where user_id = auth.uid()),
    tg_argv[0] || '.' || case tg_op when 'INSERT' then 'created' when 'UPDATE' then 'changed' else 'removed' end,
    tg_argv[0], coalesce(this_row ->> 'id', this_row ->> 'user_id', this_row ->> 'resource'), old_row, new_row
  -- A deleted organization takes its log along; its children's deletions are not news any more.
  where exists (select from public.organizations where id = organization);
  return null;
end $$;

create trigger organizations_audit after insert or update on public.organizations
  for each row execute function private.on_audited_change('organization', 'topic_epoch');
create trigger organization_members_audit after insert or update or delete on public.organization_members
  for each row execute function private.on_audited_change('member');
create trigger organization_plan_overrides_audit after insert or update or delete on public.organization_plan_overrides
  for each row execute function private.on_audited_change('plan_override');

-- § Members ----------------------------------------------------------------------------------------------------

create function private.on_organization_members_change() returns trigger
  -- definer: counts owners past the policies
  language plpgsql security definer set search_path = '' as $$
declare
  organization uuid := coalesce(new.organization_id, old.organization_id);
begin
  -- The lock makes two owners who leave at once see each other.
  perform from public.organizations where id = organization for no key update;
  if not found then
    return null;
  end if;
  if tg_op = 'INSERT' then
    perform private.require_room(organization, 'members',
      (select count(*) from public.organization_members where organization_id = organization));
  elsif not exists (
    select from public.organization_members where organization_id = organization and role = 'owner'
  ) then
    perform private.refuse(409, 'last_owner');
  end if;
  return null;
end $$;
create trigger organization_members_rules after insert or update or delete on public.organization_members
  for each row execute function private.on_organization_members_change();

create function public.change_member_role(organization_id uuid, user_id uuid, role text) returns void
  -- definer: memberships are not writable by clients
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  current_role_name text;
begin
  perform private.require_role(change_member_role.organization_id, 'admin');
  if change_member_role.role is null or change_member_role.role not in ('owner', 'admin', 'member') then
    perform private.refuse(400, 'role_unknown');
  end if;
  select m.role into current_role_name from public.organization_members m
  where m.organization_id = change_member_role.organization_id and m.user_id = change_member_role.user_id for update;
  if not found then
    perform private.refuse(404, 'member_not_found');
  end if;
  if 'owner' in (current_role_name, change_member_role.role) then
    perform private.require_role(change_member_role.organization_id, 'owner');
  end if;
  update public.organization_members m set role = change_member_role.role
  where m.organization_id = change_member_role.organization_id and m.user_id = change_member_role.user_id;
end $$;
comment on function public.change_member_role is 'Admins move people between member and admin; only owners make or unmake owners. The last owner stays.';

create function public.remove_member(organization_id uuid, user_id uuid, revokes_keys boolean default false) returns void
  -- definer: memberships are not writable by clients
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  current_role_name text;
begin
  -- First, as whoever makes a key or a login: one that is being made is seen below.
  perform from public.organizations o where o.id = remove_member.organization_id for no key update;
  perform private.require_role(remove_member.organization_id, 'member');
  select m.role into current_role_name from public.organization_members m
  where m.organization_id = remove_member.organization_id and m.user_id = remove_member.user_id for update;
  if not found then
    perform private.refuse(404, 'member_not_found');
  end if;
  if remove_member.user_id is distinct from auth.uid() then
    perform private.require_role(remove_member.organization_id,
      case current_role_name when 'owner' then 'owner' else 'admin' end);
  end if;
  if coalesce(remove_member.revokes_keys, false) then
    perform private.require_role(remove_member.organization_id, 'admin');
    -- All of them before the first is revoked, which takes the counter.
    perform private.prepare_to_revoke(array(select k.id from public.proxy_keys k
      where k.organization_id = remove_member.organization_id and k.revoked_at is null
        and remove_member.user_id in (k.created_by, k.member_id)));
  end if;
  delete from public.organization_members m
  where m.organization_id = remove_member.organization_id and m.user_id = remove_member.user_id;
  -- Last: calls wait from here on.
  if coalesce(remove_member.revokes_keys, false) then
    perform private.revoke_keys_of(remove_member.organization_id, remove_member.user_id);
  end if;
end $$;
comment on function public.remove_member is 'Removes a colleague (admins; owners only by owners) or oneself, which is leaving. The last owner cannot go. Keys that they made for all keep working unless an admin says that they are revoked; personal keys and SQL logins that they made end.';

create function public.transfer_organization(organization_id uuid, user_id uuid) returns void
  -- definer: memberships are not writable by clients
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  -- The role is asked under the lock, so that two handovers at once do not make two owners.
  perform from public.organizations o where o.id = transfer_organization.organization_id for no key update;
  perform private.require_role(transfer_organization.organization_id, 'owner');
  if transfer_organization.user_id = auth.uid() then
    perform private.refuse(400, 'already_owner');
  end if;
  update public.organization_members m set role = 'owner'
  where m.organization_id = transfer_organization.organization_id and m.user_id = transfer_organization.user_id;
  if not found then
    perform private.refuse(404, 'member_not_found');
  end if;
  update public.organization_members m set role = 'admin'
  where m.organization_id = transfer_organization.organization_id and m.user_id = auth.uid();
end $$;
comment on function public.transfer_organization is 'Hands ownership to another member; the former owner stays as admin.';

create function public.delete_organization(organization_id uuid, slug text) returns void
  -- definer: clients may not delete organizations. A large one takes longer than requests may elsewhere.
  language plpgsql security definer set search_path = '' set statement_timeout = '5min' as $$
begin
  perform private.require_role(delete_organization.organization_id, 'owner');
  delete from public.organizations o
  where o.id = delete_organization.organization_id and o.slug = delete_organization.slug;
  if not found then
    perform private.refuse(400, 'slug_mismatch');
  end if;
end $$;
comment on function public.delete_organization is 'Deletes the organization and all that is below it. The slug is asked again because there is no way back.';

create function private.free_slug(name text) returns text
  language plpgsql set search_path = '' as $$
declare
  base text := left(coalesce(nullif(trim(both '-' from regexp_replace(lower(name), '[^a-z0-9]+', '-', 'g')), ''), 'team'), 40);
  candidate text;
begin
  base := trim(both '-' from base);
  candidate := base;
  while exists (select from public.organizations o where o.slug = candidate) loop
    candidate := base || '-' || substr(private.random_token(), 1, 5);
  end loop;
  return candidate;
end $$;

create function private.create_organization_for(owner_id uuid, name text) returns uuid
  language plpgsql set search_path = '' as $$
declare
  organization uuid := gen_random_uuid();
begin
  insert into public.organizations (id, name, slug) values (organization, name, private.free_slug(name));
  insert into public.organization_members (organization_id, user_id, role) values (organization, owner_id, 'owner');
  return organization;
end $$;

create function public.create_organization(name text) returns uuid
  -- definer: clients may not insert organizations
  language plpgsql security definer set search_path = '' as $$
begin
  if auth.uid() is null then
    perform private.refuse(401, 'sign_in_required');
  end if;
  if coalesce(char_length(btrim(name)), 0) not between 1 and 100 then
    perform private.refuse(400, 'name_invalid');
  end if;
  return private.create_organization_for(auth.uid(), btrim(name));
end $$;
comment on function public.create_organization is 'A further organization, owned by the caller, on the Free plan. Answers its id.';

-- § Invitations ------------------------------------------------------------------------------------------------

create table public.invitations (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  email text not null,
  role text not null,
  invited_by uuid references public.profiles (user_id) on delete set null,
  expires_at timestamptz not null default now() + interval '7 days',
  accepted_at timestamptz,
  accepted_by uuid references public.profiles (user_id) on delete set null,
  created_at timestamptz not null default now(),
  constraint invitations_role_known check (role in ('admin', 'member')),
  constraint invitations_email_format check (email = lower(email) and email ~ '^[^@\s]+@[^@\s]+$' and char_length(email) <= 320)
);
comment on table public.invitations is 'Open and accepted invitations; withdrawing one deletes it. The token''s hash is in private.invitation_hashes.';
create index invitations_organization_index on public.invitations (organization_id, created_at desc);
create index invitations_invited_by_index on public.invitations (invited_by);
create index invitations_accepted_by_index on public.invitations (accepted_by);
create unique index invitations_open_unique on public.invitations (organization_id, email) where accepted_at is null;
alter table public.invitations enable row level security;
create policy "admins read invitations" on public.invitations
  for select to authenticated using (organization_id in (select private.organizations_where_i_am('admin')));
create policy "admins withdraw invitations" on public.invitations
  for delete to authenticated
  using (accepted_at is null and organization_id in (select private.organizations_where_i_am('admin')));
grant select, delete on public.invitations to authenticated;
create trigger invitations_audit after insert or update or delete on public.invitations
  for each row execute function private.on_audited_change('invitation');

create table private.invitation_hashes (
  token_hash text primary key,
  invitation_id uuid not null references public.invitations (id) on delete cascade,
  constraint invitation_hashes_invitation_unique unique (invitation_id)
);
comment on table private.invitation_hashes is 'SHA-256 of invitation tokens, apart from the rows that admins read.';
alter table private.invitation_hashes enable row level security;

create function public.create_invitation(organization_id uuid, email text, role text)
  returns table (id uuid, token text, expires_at timestamptz)
  -- definer: writes the hash, and looks for the address among all profiles
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  address text := lower(btrim(create_invitation.email));
  new_token text := private.random_token();
  invitation public.invitations;
begin
  perform private.require_role(create_invitation.organization_id, 'admin');
  if address is null or address !~ '^[^@\s]+@[^@\s]+$' or char_length(address) > 320 then
    perform private.refuse(400, 'email_invalid');
  end if;
  if create_invitation.role is null or create_invitation.role not in ('admin', 'member') then
    perform private.refuse(400, 'role_unknown');
  end if;
  perform from public.organizations o where o.id = create_invitation.organization_id for no key update;
  if exists (
    select from public.organization_members m join public.profiles p using (user_id)
    where m.organization_id = create_invitation.organization_id and lower(p.email) = address
  ) then
    perform private.refuse(409, 'already_member');
  end if;
  -- Inviting the same address again replaces the earlier invitation.
  delete from public.invitations i
  where i.organization_id = create_invitation.organization_id and i.email = address and i.accepted_at is null;
  perform private.require_room(create_invitation.organization_id, 'members', 1 +
    (select count(*) from public.organization_members m where m.organization_id = create_invitation.organization_id) +
    (select count(*) from public.invitations i where i.organization_id = create_invitation.organization_id
      and i.accepted_at is null and i.expires_at > now()));
  insert into public.invitations (organization_id, email, role, invited_by)
  values (create_invitation.organization_id, address, create_invitation.role, auth.uid())
  returning * into invitation;
  insert into private.invitation_hashes (token_hash, invitation_id)
  values (private.hash_token(new_token), invitation.id);
  return query select invitation.id, new_token, invitation.expires_at;
end $$;
comment on function public.create_invitation is 'Invites an address; the token is answered once and only its hash kept. Open invitations count against the members limit.';

create function public.show_invitation(token text)
  returns table (organization_name text, email text, role text, invited_by_name text, expires_at timestamptz, is_open boolean)
  -- definer: whoever holds the 256-bit token may see what it is for, signed in or not
  language sql stable security definer set search_path = '' as $$
  select o.name, i.email, i.role, coalesce(nullif(p.full_name, ''), p.email, ''), i.expires_at,
    i.accepted_at is null and i.expires_at > now()
  from private.invitation_hashes h
  join public.invitations i on i.id = h.invitation_id
  join public.organizations o on o.id = i.organization_id
  left join public.profiles p on p.user_id = i.invited_by
  where h.token_hash = private.hash_token(token)
$$;
comment on function public.show_invitation is 'What an invitation is for, to the holder of its token.';

create function private.accept_invitation_as(user_id uuid, email text, token text) returns uuid
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  invitation public.invitations;
begin
  select i.* into invitation
  from private.invitation_hashes h join public.invitations i on i.id = h.invitation_id
  where h.token_hash = private.hash_token(accept_invitation_as.token) and i.accepted_at is null and i.expires_at > now()
  for update of i;
  -- A token that meets the wrong person reveals no more than one that never was.
  if not found or lower(accept_invitation_as.email) is distinct from invitation.email then
    return null;
  end if;
  update public.invitations i set accepted_at = now(), accepted_by = accept_invitation_as.user_id where i.id = invitation.id;
  insert into public.organization_members (organization_id, user_id, role)
  values (invitation.organization_id, accept_invitation_as.user_id, invitation.role)
  on conflict do nothing;
  return invitation.organization_id;
end $$;

create function public.accept_invitation(token text) returns uuid
  -- definer: memberships are not writable by clients
  language plpgsql security definer set search_path = '' as $$
declare
  organization uuid;
begin
  if auth.uid() is null then
    perform private.refuse(401, 'sign_in_required');
  end if;
  select private.accept_invitation_as(p.user_id, p.email, accept_invitation.token) into organization
  from public.profiles p where p.user_id = auth.uid();
  if organization is null then
    perform private.refuse(404, 'invitation_not_found');
  end if;
  return organization;
end $$;
comment on function public.accept_invitation is 'Joins the organization that invited the caller''s address. Answers its id; 404 for a token that is unknown, used, expired or for another address.';

-- § Signing up -------------------------------------------------------------------------------------------------

create function private.on_auth_users_insert() returns trigger
  -- definer: Auth's own role may not write our tables
  language plpgsql security definer set search_path = '' as $$
declare
  full_name text := left(coalesce(new.raw_user_meta_data ->> 'full_name', ''), 200);
  token text := new.raw_user_meta_data ->> 'invitation_token';
  organization_name text := left(btrim(coalesce(new.raw_user_meta_data ->> 'organization_name', '')), 100);
begin
  insert into public.profiles (user_id, email, full_name) values (new.id, coalesce(new.email, ''), full_name);
  if token is not null then
    update auth.users set raw_user_meta_data = raw_user_meta_data - 'invitation_token' where id = new.id;
  end if;
  begin
    if token is not null and private.accept_invitation_as(new.id, new.email, token) is not null then
      return null;
    end if;
  exception when sqlstate 'PT402' then
    -- The organization is full by now. The invitation stays open; signing up does not fail for it.
  end;
  perform private.create_organization_for(new.id, coalesce(nullif(organization_name, ''),
    coalesce(nullif(full_name, ''), nullif(split_part(coalesce(new.email, ''), '@', 1), ''), 'My') || '''s team'));
  return null;
end $$;
create trigger on_auth_users_insert after insert on auth.users
  for each row execute function private.on_auth_users_insert();

-- Auth copies what came with signing up to a second table, and may write it again from memory. Tokens are not kept.
create function private.on_auth_users_metadata_change() returns trigger
  language plpgsql set search_path = '' as $$
begin
  if jsonb_typeof(new.raw_user_meta_data) = 'object' then
    new.raw_user_meta_data := new.raw_user_meta_data - 'invitation_token';
  end if;
  return new;
end $$;
create trigger on_auth_users_metadata_change before update of raw_user_meta_data on auth.users
  for each row execute function private.on_auth_users_metadata_change();

create function private.on_auth_identities_change() returns trigger
  language plpgsql set search_path = '' as $$
begin
  if jsonb_typeof(new.identity_data) = 'object' then
    new.identity_data := new.identity_data - 'invitation_token';
  end if;
  return new;
end $$;
create trigger on_auth_identities_change before insert or update on auth.identities
  for each row execute function private.on_auth_identities_change();

create function private.on_auth_users_email_change() returns trigger
  -- definer: as above
  language plpgsql security definer set search_path = '' as $$
begin
  update public.profiles set email = coalesce(new.email, '') where user_id = new.id;
  return null;
end $$;
create trigger on_auth_users_email_change after update of email on auth.users
  for each row when (old.email is distinct from new.email) execute function private.on_auth_users_email_change();

-- § Projects ---------------------------------------------------------------------------------------------------

create table public.projects (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  name text not null,
  description text not null default '',
  archived_at timestamptz,
  -- What is kept of calls' bodies, and for how long.
  body_logging text not null default 'none',
  body_days int not null default 30,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint projects_body_logging_known check (body_logging in ('none', 'redacted', 'full')),
  constraint projects_body_days_range check (body_days between 1 and 90),
  constraint projects_name_length check (char_length(btrim(name)) between 1 and 100),
  constraint projects_description_length check (char_length(description) <= 2000)
);
comment on table public.projects is 'An application or service that uses AI. Proxy keys belong to one; an archived project''s keys are refused.';
create unique index projects_name_unique on public.projects (organization_id, lower(name)) where archived_at is null;
create index projects_organization_index on public.projects (organization_id, created_at desc);
create trigger projects_touch before update on public.projects
  for each row execute function private.touch_updated_at();
create trigger projects_audit after insert or update or delete on public.projects
  for each row execute function private.on_audited_change('project');
alter table public.projects enable row level security;
create policy "members read projects" on public.projects
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
create policy "admins create projects" on public.projects
  for insert to authenticated with check (organization_id in (select private.organizations_where_i_am('admin')));
create policy "admins change projects" on public.projects
  for update to authenticated
  using (organization_id in (select private.organizations_where_i_am('admin')))
  with check (organization_id in (select private.organizations_where_i_am('admin')));
grant select, insert (organization_id, name, description), update (name, description, archived_at, body_logging, body_days)
  on public.projects to authenticated;

grant execute on function public.change_member_role, public.remove_member, public.transfer_organization,
  public.delete_organization, public.create_organization, public.create_invitation, public.accept_invitation
  to authenticated;
grant execute on function public.show_invitation to anon, authenticated;
