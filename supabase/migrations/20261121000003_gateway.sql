-- Gateway: provider credentials, proxy keys, prices, the ledger, and the functions that the proxy calls.
--
-- The order of a call: reserve_calls admits it and commits its ledger row and hold before upstream is asked;
-- reroute_calls names who is asked next when upstream fails; extend_calls renews its lease and grows its hold;
-- settle_calls prices it and closes it, once. What a dead process left open is closed by sweep_expired_calls. At
-- admission spent + held <= limit, always.

-- The proxy's login. It may execute the functions at the end of this file and touch nothing else; the operator gives
-- it LOGIN and a password (PROXY_DATABASE_URL).
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'proxy') then
    create role proxy nologin;
  end if;
end $$;
alter role proxy set statement_timeout = '10s';
alter role proxy set idle_in_transaction_session_timeout = '10s';
grant usage on schema private to proxy;

-- § Provider credentials ---------------------------------------------------------------------------------------

create table public.provider_credentials (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  provider text not null,
  name text not null,
  last_four text,
  is_active boolean not null default true,
  -- Of several for one provider the highest priority is asked first; among equals, each as often as its weight says.
  priority int not null default 0,
  weight int not null default 1,
  tested_at timestamptz,
  test_error text,
  rotated_at timestamptz,
  created_by uuid references public.profiles (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- The sandbox answers for every provider that has no real key, offline; it has no secret.
  constraint provider_credentials_provider_known check (provider in ('openai', 'anthropic', 'moonshot', 'sandbox')),
  constraint provider_credentials_name_length check (char_length(btrim(name)) between 1 and 100),
  constraint provider_credentials_weight_positive check (weight between 1 and 1000),
  constraint provider_credentials_secret_unless_sandbox check ((last_four is null) = (provider = 'sandbox'))
);
comment on table public.provider_credentials is 'Keys of AI providers. The encrypted key is in private.provider_credential_secrets; here are its last four characters.';
create index provider_credentials_organization_index on public.provider_credentials (organization_id, provider, priority);
create index provider_credentials_created_by_index on public.provider_credentials (created_by);
create unique index provider_credentials_one_sandbox on public.provider_credentials (organization_id)
  where provider = 'sandbox';
create trigger provider_credentials_touch before update on public.provider_credentials
  for each row execute function private.touch_updated_at();
create trigger provider_credentials_audit after insert or update or delete on public.provider_credentials
  for each row execute function private.on_audited_change('provider_credential', 'tested_at', 'test_error');
alter table public.provider_credentials enable row level security;
create policy "members read provider credentials" on public.provider_credentials
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
create policy "admins change provider credentials" on public.provider_credentials
  for update to authenticated
  using (organization_id in (select private.organizations_where_i_am('admin')))
  with check (organization_id in (select private.organizations_where_i_am('admin')));
create policy "admins delete provider credentials" on public.provider_credentials
  for delete to authenticated using (organization_id in (select private.organizations_where_i_am('admin')));
grant select, update (name, is_active, priority, weight), delete on public.provider_credentials to authenticated;

create table private.provider_credential_secrets (
  credential_id uuid primary key references public.provider_credentials (id) on delete cascade,
  ciphertext text not null,
  constraint provider_credential_secrets_format
    check (ciphertext ~ '^v1:[A-Za-z0-9_-]+:[A-Za-z0-9+/=_-]+:[A-Za-z0-9+/=_-]+$')
);
comment on table private.provider_credential_secrets is 'AES-256-GCM, v1:<key id>:<iv>:<ciphertext+tag>; additional data is organization id and credential id.';
alter table private.provider_credential_secrets enable row level security;

create function private.on_provider_credentials_change() returns trigger
  -- definer: counts past the policies
  language plpgsql security definer set search_path = '' as $$
begin
  if not new.is_active or new.provider = 'sandbox' then
    return null;
  end if;
  perform from public.organizations where id = new.organization_id for no key update;
  perform private.require_room(new.organization_id, 'providers', (
    select count(distinct provider) from public.provider_credentials
    where organization_id = new.organization_id and is_active and provider <> 'sandbox'
  ));
  return null;
end $$;
create trigger provider_credentials_rules after insert or update of is_active on public.provider_credentials
  for each row execute function private.on_provider_credentials_change();

create function public.store_provider_credential(
  id uuid, organization_id uuid, provider text, name text, ciphertext text, last_four text
) returns uuid
  -- definer: secrets are not writable by clients
  language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_role(store_provider_credential.organization_id, 'admin');
  if provider not in ('openai', 'anthropic', 'moonshot') or char_length(last_four) <> 4 then
    perform private.refuse(400, 'credential_invalid');
  end if;
  insert into public.provider_credentials (id, organization_id, provider, name, last_four, created_by)
  values (store_provider_credential.id, store_provider_credential.organization_id, provider, name, last_four, auth.uid());
  insert into private.provider_credential_secrets values (store_provider_credential.id, ciphertext);
  return store_provider_credential.id;
end $$;
comment on function public.store_provider_credential is 'Called by functions/gateway, which encrypts; the id is chosen before, since the encryption is bound to it.';

create function public.rotate_provider_credential(id uuid, ciphertext text, last_four text) returns void
  -- definer: secrets are not writable by clients
  language plpgsql security definer set search_path = '' as $$
declare
  organization uuid := (select c.organization_id from public.provider_credentials c
    where c.id = rotate_provider_credential.id and c.provider <> 'sandbox');
begin
  if organization is null or organization not in (select private.my_organization_ids()) then
    perform private.refuse(404, 'credential_not_found');
  end if;
  perform private.require_role(organization, 'admin');
  update public.provider_credentials c
  set last_four = rotate_provider_credential.last_four, rotated_at = now(), tested_at = null, test_error = null
  where c.id = rotate_provider_credential.id;
  update private.provider_credential_secrets s set ciphertext = rotate_provider_credential.ciphertext
  where s.credential_id = rotate_provider_credential.id;
end $$;
comment on function public.rotate_provider_credential is 'Replaces a credential''s key in place, so that nothing that points at it changes.';

create function public.administer_provider_credential(id uuid) returns table (organization_id uuid, provider text)
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  credential public.provider_credentials;
begin
  -- As the caller: RLS hides other tenants' credentials.
  select * into credential from public.provider_credentials c
  where c.id = administer_provider_credential.id and c.provider <> 'sandbox';
  if not found then
    perform private.refuse(404, 'credential_not_found');
  end if;
  perform private.require_role(credential.organization_id, 'admin');
  return query select credential.organization_id, credential.provider;
end $$;
comment on function public.administer_provider_credential is 'Whose key this is, to an admin of that organization; 404 and 403 otherwise. functions/gateway asks before it tests or rotates.';

create function public.enable_sandbox(organization_id uuid) returns uuid
  -- definer: clients may not insert credentials
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  credential uuid;
begin
  perform private.require_role(enable_sandbox.organization_id, 'admin');
  insert into public.provider_credentials (organization_id, provider, name, created_by)
  values (enable_sandbox.organization_id, 'sandbox', 'Sandbox', auth.uid())
  on conflict (organization_id) where provider = 'sandbox' do update set is_active = true
  returning id into credential;
  return credential;
end $$;
comment on function public.enable_sandbox is 'Lets the organization try everything without a provider key. Real credentials always come first.';

create function public.read_provider_credential_secret(id uuid) returns table (organization_id uuid, provider text, ciphertext text)
  language sql stable set search_path = '' as $$
  select c.organization_id, c.provider, s.ciphertext
  from public.provider_credentials c join private.provider_credential_secrets s on s.credential_id = c.id
  where c.id = read_provider_credential_secret.id
$$;
comment on function public.read_provider_credential_secret is 'For functions/gateway with the service role: the ciphertext, to test a key. Useless without the master key.';
grant select on private.provider_credential_secrets to service_role;

create function public.record_credential_test(id uuid, error text default null) returns void
  language sql set search_path = '' as $$
  update public.provider_credentials c set tested_at = now(), test_error = record_credential_test.error
  where c.id = record_credential_test.id
$$;
comment on function public.record_credential_test is 'For functions/gateway with the service role: when a key was last tried, and what went wrong (null: nothing).';

-- § Proxy keys -------------------------------------------------------------------------------------------------

create table public.proxy_keys (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  project_id uuid not null references public.projects (id) on delete cascade,
  name text not null,
  -- Of the latest secret.
  public_id text not null,
  -- What functions/agents calls with: one per project, its secret derived and known to nobody.
  is_internal boolean not null default false,
  -- Whose personal key it is: its calls are attributed to them and count against their cap. Only they ever see its secrets.
  member_id uuid references public.profiles (user_id) on delete cascade,
  -- null: any model that has a price
  allowed_models text[],
  -- For how long its answers are given again to the same calls; null: each call is made.
  cache_seconds int,
  expires_at timestamptz,
  revoked_at timestamptz,
  rotated_at timestamptz,
  -- Until when the secrets before the latest work.
  previous_until timestamptz,
  last_used_at timestamptz,
  created_by uuid references public.profiles (user_id) on delete set null,
  created_at timestamptz not null default now(),
  constraint proxy_keys_public_id_unique unique (public_id),
  constraint proxy_keys_name_length check (char_length(btrim(name)) between 1 and 100),
  constraint proxy_keys_allowed_models_not_empty check (cardinality(allowed_models) > 0),
  constraint proxy_keys_cache_seconds_bounded check (cache_seconds between 1 and 2592000)
);
comment on table public.proxy_keys is 'Keys that client apps call the proxy with. Shown once; only a SHA-256 is kept, in private.proxy_key_hashes.';
create index proxy_keys_organization_index on public.proxy_keys (organization_id, created_at desc);
create index proxy_keys_project_index on public.proxy_keys (project_id);
create index proxy_keys_created_by_index on public.proxy_keys (created_by);
create index proxy_keys_expires_at_index on public.proxy_keys (expires_at) where revoked_at is null;
create index proxy_keys_member_index on public.proxy_keys (member_id);
create unique index proxy_keys_one_internal on public.proxy_keys (project_id) where is_internal;
create trigger proxy_keys_audit after insert or update or delete on public.proxy_keys
  for each row execute function private.on_audited_change('proxy_key', 'last_used_at');
alter table public.proxy_keys enable row level security;
create policy "members read proxy keys" on public.proxy_keys
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
create policy "admins change proxy keys, members their personal ones" on public.proxy_keys
  for update to authenticated
  using (organization_id in (select private.organizations_where_i_am('admin'))
    or (member_id = (select auth.uid()) and organization_id in (select private.my_organization_ids())))
  with check (not is_internal and (organization_id in (select private.organizations_where_i_am('admin'))
    or (member_id = (select auth.uid()) and organization_id in (select private.my_organization_ids()))));
grant select, update (name, allowed_models, cache_seconds, expires_at) on public.proxy_keys to authenticated;

create table private.proxy_key_hashes (
  public_id text primary key,
  proxy_key_id uuid not null references public.proxy_keys (id) on delete cascade,
  key_hash text not null,
  -- null: the latest secret's; it ends with its key only
  valid_until timestamptz,
  constraint proxy_key_hashes_is_sha256 check (key_hash ~ '^[0-9a-f]{64}$')
);
comment on table private.proxy_key_hashes is 'SHA-256 of whole proxy keys, apart from the rows that members read; several of one key while it is rotated.';
create index proxy_key_hashes_proxy_key_index on private.proxy_key_hashes (proxy_key_id);
alter table private.proxy_key_hashes enable row level security;

create function private.draw_proxy_key(out public_id text, out key text)
  language plpgsql set search_path = '' as $$
begin
  public_id := substr(private.random_token(), 1, 16);
  key := 'khq_' || public_id || '_' || private.random_token();
end $$;

create function private.mint_proxy_key_as(creator_id uuid, project_id uuid, name text, options jsonb, member_id uuid default null)
  returns table (id uuid, key text)
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  project public.projects;
  drawn record := private.draw_proxy_key();
  new_id uuid;
  unknown_option text;
  models constant jsonb := nullif(options -> 'allowed_models', 'null');
  cache_seconds constant jsonb := nullif(options -> 'cache_seconds', 'null');
begin
  if jsonb_typeof(options) <> 'object' then
    perform private.refuse(400, 'option_invalid');
  end if;
  select o into unknown_option from jsonb_object_keys(options) o where o not in ('expires_at', 'allowed_models', 'cache_seconds') limit 1;
  if found then
    perform private.refuse(400, 'option_unknown', jsonb_build_object('option', unknown_option));
  end if;
  -- A restriction that cannot be read must not become none.
  if jsonb_typeof(models) <> 'array' or models = '[]' or jsonb_path_exists(models, '$[*] ? (@.type() != "string")') then
    perform private.refuse(400, 'option_invalid', '{"option": "allowed_models"}');
  end if;
  if not pg_input_is_valid(options ->> 'expires_at', 'timestamptz') then
    perform private.refuse(400, 'option_invalid', '{"option": "expires_at"}');
  end if;
  if jsonb_typeof(cache_seconds) <> 'number' or cache_seconds::numeric not between 1 and 2592000
    or cache_seconds::numeric % 1 <> 0 then
    perform private.refuse(400, 'option_invalid', '{"option": "cache_seconds"}');
  end if;
  select * into project from public.projects p where p.id = mint_proxy_key_as.project_id and p.archived_at is null;
  if not found then
    perform private.refuse(404, 'project_not_found');
  end if;
  if coalesce(char_length(btrim(mint_proxy_key_as.name)), 0) not between 1 and 100 then
    perform private.refuse(400, 'name_invalid');
  end if;
  insert into public.proxy_keys (organization_id, project_id, name, public_id, member_id, allowed_models, cache_seconds, expires_at,
    created_by)
  values (
    project.organization_id, project.id, btrim(mint_proxy_key_as.name), drawn.public_id, mint_proxy_key_as.member_id,
    (select array_agg(m) from jsonb_array_elements_text(models) m), cache_seconds::int,
    (options ->> 'expires_at')::timestamptz, creator_id
  ) returning proxy_keys.id into new_id;
  insert into private.proxy_key_hashes (public_id, proxy_key_id, key_hash)
  values (drawn.public_id, new_id, private.hash_token(drawn.key));
  return query select new_id, drawn.key;
end $$;

create function public.mint_proxy_key(project_id uuid, name text, options jsonb default '{}')
  returns table (id uuid, key text)
  -- definer: keys are not insertable by clients
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  organization uuid := (select p.organization_id from public.projects p where p.id = mint_proxy_key.project_id);
begin
  if organization is null or organization not in (select private.my_organization_ids()) then
    perform private.refuse(404, 'project_not_found');
  end if;
  -- Who is being removed either has the key revoked as well, or mints none.
  perform from public.organizations o where o.id = organization for share;
  perform private.require_role(organization, 'admin');
  return query select * from private.mint_proxy_key_as(auth.uid(), mint_proxy_key.project_id, mint_proxy_key.name,
    coalesce(mint_proxy_key.options, '{}'));
end $$;
comment on function public.mint_proxy_key is 'Makes a proxy key for a project and answers it, this once. Options: expires_at, allowed_models (names; * stands for anything), cache_seconds (30 days at most).';

create function private.lock_my_proxy_key(id uuid) returns public.proxy_keys
  language plpgsql set search_path = '' as $$
declare
  proxy_key public.proxy_keys;
begin
  select * into proxy_key from public.proxy_keys k
  where k.id = lock_my_proxy_key.id and k.organization_id in (select private.my_organization_ids()) for no key update;
  if not found then
    perform private.refuse(404, 'proxy_key_not_found');
  end if;
  if proxy_key.member_id is distinct from auth.uid() then
    perform private.require_role(proxy_key.organization_id, 'admin');
  end if;
  if proxy_key.is_internal then
    perform private.refuse(409, 'proxy_key_is_internal');
  end if;
  return proxy_key;
end $$;
comment on function private.lock_my_proxy_key is 'A key that the caller may administer: an admin of its organization, or the member whose personal key it is.';

create function public.revoke_proxy_key(id uuid) returns void
  -- definer: revoked_at is not writable by clients, there is no way back
  language plpgsql security definer set search_path = '' as $$
begin
  perform private.lock_my_proxy_key(revoke_proxy_key.id);
  update public.proxy_keys k set revoked_at = now() where k.id = revoke_proxy_key.id and k.revoked_at is null;
end $$;
comment on function public.revoke_proxy_key is 'The next call with this key is refused. Revoking twice is fine; undoing is not possible.';

create function public.rotate_proxy_key(id uuid, grace interval) returns table (key text, previous_until timestamptz)
  -- definer: keys are not writable by clients
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  proxy_key constant public.proxy_keys := private.lock_my_proxy_key(rotate_proxy_key.id);
  drawn record := private.draw_proxy_key();
  until constant timestamptz := clock_timestamp() + rotate_proxy_key.grace;
begin
  -- Whoever sees the secret of a personal key could spend in its member's name.
  if proxy_key.member_id is distinct from auth.uid() and proxy_key.member_id is not null then
    perform private.refuse(403, 'personal_key_of_another');
  end if;
  if proxy_key.revoked_at is not null or proxy_key.expires_at <= now() then
    perform private.refuse(409, 'proxy_key_ended');
  end if;
  if coalesce(grace not between interval '0' and interval '90 days', true) then
    perform private.refuse(400, 'grace_invalid');
  end if;
  -- All secrets before the new one end by then, those of earlier rotations too.
  update private.proxy_key_hashes h set valid_until = least(h.valid_until, until) where h.proxy_key_id = proxy_key.id;
  insert into private.proxy_key_hashes (public_id, proxy_key_id, key_hash)
  values (drawn.public_id, proxy_key.id, private.hash_token(drawn.key));
  update public.proxy_keys k set public_id = drawn.public_id, rotated_at = now(), previous_until = until
  where k.id = proxy_key.id;
  return query select drawn.key, until;
end $$;
comment on function public.rotate_proxy_key is 'Gives a key a new secret and answers it, this once. Secrets before it work until the grace (0 to 90 days) is over; nothing that points at the key changes.';

create function private.prepare_to_revoke(keys uuid[]) returns void
  language plpgsql set search_path = '' as $$
begin
  perform from public.proxy_keys k where k.id = any (keys) order by k.id for no key update;
  perform private.forget_answers_of(keys);
end $$;
comment on function private.prepare_to_revoke is 'Locks keys, and deletes the answers that they left: each in the order of everyone else, and all before the counter, which revoking takes.';

create function private.revoke_keys(keys uuid[]) returns void
  language plpgsql set search_path = '' as $$
begin
  perform private.prepare_to_revoke(keys);
  update public.proxy_keys k set revoked_at = now() where k.id = any (keys) and k.revoked_at is null;
end $$;

create function private.revoke_keys_of(organization_id uuid, user_id uuid) returns void
  language plpgsql set search_path = '' as $$
begin
  perform private.revoke_keys(array(select k.id from public.proxy_keys k
    where k.organization_id = revoke_keys_of.organization_id and k.created_by = revoke_keys_of.user_id
      and k.revoked_at is null));
end $$;
comment on function private.revoke_keys_of is 'Revokes the keys that a person made in an organization, personal ones too.';

create function private.on_organization_members_stop_keys() returns trigger
  -- definer: revoked_at is not writable by clients
  language plpgsql security definer set search_path = '' as $$
begin
  -- A deleted organization takes all along.
  if exists (select from public.organizations o where o.id = old.organization_id) then
    perform private.revoke_keys(array(select k.id from public.proxy_keys k
      where k.organization_id = old.organization_id and k.member_id = old.user_id and k.revoked_at is null));
  end if;
  return null;
end $$;
comment on function private.on_organization_members_stop_keys is 'A personal key ends with its member''s membership, however that ends.';
-- By its name the last of those that leaving fires: calls wait from here on.
create trigger organization_members_stop_keys after delete on public.organization_members
  for each row execute function private.on_organization_members_stop_keys();

-- § Models and prices ------------------------------------------------------------------------------------------

create table public.models (
  provider text not null,
  model text not null,
  display_name text not null,
  -- Which names mean this model: {"equals": …} | starts_with | ends_with | contains | regex | {"or": […]} | {"and": […]}
  name_match jsonb not null,
  -- The first match in this order wins.
  position int not null,
  context_window int,
  is_deprecated boolean not null default false,
  primary key (provider, model)
);
comment on table public.models is 'Models whose price is known, refreshed by functions/gateway/jobs/refresh-prices.';
alter table public.models enable row level security;
create policy "everyone signed in reads models" on public.models for select to authenticated using (true);
grant select on public.models to authenticated;

create table public.model_prices (
  id bigint generated always as identity primary key,
  -- Null: the list's, for everyone. Else one organization's own, which follows from its organization_prices.
  organization_id uuid references public.organizations (id) on delete cascade,
  provider text not null,
  model text not null,
  -- As the response names it; a tier without a row of its own costs what standard does.
  service_tier text not null default 'standard',
  valid_from timestamptz not null,
  -- Dollars per million tokens. A missing cache rate means that class costs what its parent does.
  input_usd_per_mtok numeric(20, 10),
  cache_read_usd_per_mtok numeric(20, 10),
  cache_write_5m_usd_per_mtok numeric(20, 10),
  cache_write_1h_usd_per_mtok numeric(20, 10),
  output_usd_per_mtok numeric(20, 10),
  -- [{"above_input_tokens": 200000, "input": 6, "cache_read": …, "cache_write_5m": …, "cache_write_1h": …, "output": …}]:
  -- the whole call costs these once its input is above.
  context_tiers jsonb not null default '[]',
  -- What is not text has rates of its own: {"input_image": 10, "output_image": …, "input_audio": …, "output_audio": …} in
  -- dollars per million tokens, "audio_hour" in dollars.
  media_rates jsonb not null default '{}',
  source text not null,
  -- No call is admitted at it any more; those that were keep it.
  is_superseded boolean not null default false,
  created_at timestamptz not null default now(),
  constraint model_prices_model_fkey foreign key (provider, model) references public.models (provider, model)
    on update cascade,
  constraint model_prices_has_a_rate
    check (coalesce(input_usd_per_mtok, output_usd_per_mtok) is not null or media_rates ? 'audio_hour'),
  constraint model_prices_not_negative check (least(input_usd_per_mtok, cache_read_usd_per_mtok,
    cache_write_5m_usd_per_mtok, cache_write_1h_usd_per_mtok, output_usd_per_mtok) >= 0),
  constraint model_prices_context_tiers_is_array check (jsonb_typeof(context_tiers) = 'array'),
  constraint model_prices_media_rates_not_negative
    check (jsonb_typeof(media_rates) = 'object' and not jsonb_path_exists(media_rates, '$.* ? (!(@ >= 0))'))
);
comment on table public.model_prices is 'Dated prices. Their rates are never changed: a new price is a new row from its day on.';
create unique index model_prices_unique on public.model_prices (provider, model, service_tier, valid_from, organization_id)
  nulls not distinct where not is_superseded;
create index model_prices_organization_index on public.model_prices (organization_id) where organization_id is not null;
alter table public.model_prices enable row level security;
create policy "members read model prices, the list's and their own" on public.model_prices
  for select to authenticated using (organization_id is null or organization_id in (select private.my_organization_ids()));
grant select on public.model_prices to authenticated;

create table private.model_names (
  provider text not null,
  name text not null,
  model text not null,
  primary key (provider, name)
);
comment on table private.model_names is 'Names seen so far and the model each means; emptied when models change.';
alter table private.model_names enable row level security;

create function private.name_matches(name_match jsonb, name text) returns boolean
  language plpgsql immutable set search_path = '' as $$
declare
  operator text := (select k from jsonb_object_keys(name_match) k limit 1);
  operand text := lower(name_match ->> operator);
begin
  return case operator
    when 'or' then coalesce((select bool_or(private.name_matches(m, name)) from jsonb_array_elements(name_match -> 'or') m), false)
    when 'and' then coalesce((select bool_and(private.name_matches(m, name)) from jsonb_array_elements(name_match -> 'and') m), false)
    when 'equals' then lower(name) = operand
    when 'starts_with' then starts_with(lower(name), operand)
    when 'ends_with' then right(lower(name), char_length(operand)) = operand
    when 'contains' then position(operand in lower(name)) > 0
    when 'regex' then name ~ (name_match ->> 'regex')
    else false
  end;
end $$;

create function private.find_model(provider text, name text) returns text
  language plpgsql set search_path = '' as $$
declare
  found_model text;
begin
  select n.model into found_model from private.model_names n
  where n.provider = find_model.provider and n.name = find_model.name;
  if found then
    return found_model;
  end if;
  -- Providers write a snapshot's date both ways: -20250805 and -2025-08-05.
  select m.model into found_model
  from unnest(array[name, regexp_replace(name, '-(20\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(?=-|:|$)', '-\1-\2-\3')])
    with ordinality as spelling (name, rank)
  join public.models m on m.provider = find_model.provider and private.name_matches(m.name_match, spelling.name)
  order by spelling.rank, m.position limit 1;
  if found then
    insert into private.model_names values (find_model.provider, find_model.name, found_model) on conflict do nothing;
  end if;
  return found_model;
end $$;
comment on function private.find_model is 'The model that this name means at this provider, null when none does. Found names are remembered.';

create function private.find_model_price(provider text, model text, service_tier text, at timestamptz)
  returns public.model_prices
  language plpgsql stable set search_path = '' as $$
declare
  price public.model_prices;
begin
  select * into price from public.model_prices p
  where p.provider = find_model_price.provider and p.model = find_model_price.model
    and p.service_tier = find_model_price.service_tier and p.valid_from <= at and p.organization_id is null
    and not p.is_superseded
  order by p.valid_from desc limit 1;
  if not found and service_tier <> 'standard' then
    return private.find_model_price(provider, model, 'standard', at);
  end if;
  return price;
end $$;
comment on function private.find_model_price is 'The price in force at an instant; a service tier without a price of its own costs what standard does.';

create function private.find_organization_price(organization_id uuid, provider text, model text, service_tier text,
  at timestamptz) returns public.model_prices
  language plpgsql stable set search_path = '' as $$
declare
  price public.model_prices;
begin
  select * into price from public.model_prices p
  where p.provider = find_organization_price.provider and p.model = find_organization_price.model
    and p.service_tier = find_organization_price.service_tier and p.valid_from <= at
    and p.organization_id = find_organization_price.organization_id and not p.is_superseded
  order by p.valid_from desc limit 1;
  if not found then
    price := private.find_model_price(provider, model, service_tier, at);
    if service_tier <> 'standard' and price.service_tier is distinct from service_tier then
      return private.find_organization_price(organization_id, provider, model, 'standard', at);
    end if;
  end if;
  return price;
end $$;
comment on function private.find_organization_price is 'The price in force at an instant for an organization: its own, else the list''s.';

create type private.token_usage as (
  input_tokens bigint,
  cache_read_tokens bigint,
  cache_write_5m_tokens bigint,
  cache_write_1h_tokens bigint,
  output_tokens bigint
);

create function private.price_usage(price public.model_prices, usage private.token_usage) returns numeric
  language plpgsql immutable set search_path = '' as $$
declare
  tier jsonb;
  input numeric;
  cache_write_5m numeric;
begin
  if price.id is null then
    return null;
  end if;
  if price.context_tiers <> '[]' then
    tier := (
      select t from jsonb_array_elements(price.context_tiers) t
      where usage.input_tokens > (t ->> 'above_input_tokens')::bigint
      order by (t ->> 'above_input_tokens')::bigint desc limit 1
    );
  end if;
  input := coalesce((tier ->> 'input')::numeric, price.input_usd_per_mtok, 0);
  cache_write_5m := coalesce((tier ->> 'cache_write_5m')::numeric, price.cache_write_5m_usd_per_mtok, input);
  return round((
    greatest(usage.input_tokens - usage.cache_read_tokens - usage.cache_write_5m_tokens - usage.cache_write_1h_tokens, 0) * input
    + usage.cache_read_tokens * coalesce((tier ->> 'cache_read')::numeric, price.cache_read_usd_per_mtok, input)
    + usage.cache_write_5m_tokens * cache_write_5m
    + usage.cache_write_1h_tokens * coalesce((tier ->> 'cache_write_1h')::numeric, price.cache_write_1h_usd_per_mtok, cache_write_5m)
    + usage.output_tokens * coalesce((tier ->> 'output')::numeric, price.output_usd_per_mtok, 0)
  ) / 1000000, 10);
end $$;
comment on function private.price_usage is 'Dollars for token counts at a price row, to the tenth decimal. input_tokens is the total, caches included; reasoning is part of output. Null without a price.';

create function private.price_media(price public.model_prices, media jsonb) returns numeric
  language plpgsql immutable set search_path = '' as $$
declare
  rates constant jsonb := price.media_rates;
  input constant numeric := coalesce(price.input_usd_per_mtok, 0);
  output constant numeric := coalesce(price.output_usd_per_mtok, 0);
begin
  if media is null then
    return 0;
  end if;
  -- Time is all that is known, and it has no price.
  if media ? 'seconds' and not media ? 'input_audio_tokens' and not rates ? 'audio_hour' then
    return null;
  end if;
  return round((
    coalesce((media ->> 'input_image_tokens')::bigint * ((rates ->> 'input_image')::numeric - input), 0)
    + coalesce((media ->> 'output_image_tokens')::bigint * ((rates ->> 'output_image')::numeric - output), 0)
    + coalesce((media ->> 'input_audio_tokens')::bigint * ((rates ->> 'input_audio')::numeric - input), 0)
    + coalesce((media ->> 'output_audio_tokens')::bigint * ((rates ->> 'output_audio')::numeric - output), 0)
  ) / 1000000 + coalesce((media ->> 'seconds')::numeric * (rates ->> 'audio_hour')::numeric / 3600, 0), 10);
end $$;
comment on function private.price_media is 'What images and audio add to private.price_usage, which takes their tokens for text; null for time without a price.';

create function private.guess_media(operation text, input_tokens bigint, output_tokens bigint) returns jsonb
  language plpgsql immutable set search_path = '' as $$
begin
  -- A thousand tokens are about a minute of speech, as proxy/estimate-media.ts has it.
  return case operation
    when 'images.generations' then jsonb_build_object('output_image_tokens', output_tokens)
    when 'images.edits' then jsonb_build_object('input_image_tokens', input_tokens, 'output_image_tokens', output_tokens)
    when 'audio.transcriptions' then jsonb_build_object('input_audio_tokens', input_tokens, 'seconds', input_tokens * 0.06)
  end;
end $$;
comment on function private.guess_media is 'What of the tokens that are held or estimated for a call is image or audio.';

create function public.import_model_prices(models jsonb, prices jsonb, source text)
  returns table (models_imported int, prices_added int)
  -- definer: calls private functions
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  insert into public.models (provider, model, display_name, name_match, position, context_window, is_deprecated)
  select provider, model, display_name, name_match, position, context_window, coalesce(is_deprecated, false)
  from jsonb_to_recordset(import_model_prices.models) as m (provider text, model text, display_name text,
    name_match jsonb, position int, context_window int, is_deprecated boolean)
  on conflict (provider, model) do update set display_name = excluded.display_name, name_match = excluded.name_match,
    position = excluded.position, context_window = excluded.context_window, is_deprecated = excluded.is_deprecated;
  get diagnostics models_imported = row_count;
  -- An expression that cannot be read would fail every call with a new name: rather no import.
  perform private.name_matches(m.name_match, '') from public.models m;
  -- A price that differs from the one in force, without a date of its own, holds from now on.
  insert into public.model_prices (provider, model, service_tier, valid_from, input_usd_per_mtok, cache_read_usd_per_mtok,
    cache_write_5m_usd_per_mtok, cache_write_1h_usd_per_mtok, output_usd_per_mtok, context_tiers, media_rates, source)
  select p.provider, p.model, p.service_tier,
    case when dated.id is null then p.valid_from else now() end,
    p.input, p.cache_read, p.cache_write_5m, p.cache_write_1h, p.output, p.context_tiers, coalesce(p.media_rates, '{}'),
    import_model_prices.source
  from jsonb_to_recordset(import_model_prices.prices) as p (provider text, model text, service_tier text,
    valid_from timestamptz, is_latest boolean, input numeric, cache_read numeric, cache_write_5m numeric,
    cache_write_1h numeric, output numeric, context_tiers jsonb, media_rates jsonb)
  left join public.model_prices dated on (dated.provider, dated.model, dated.service_tier, dated.valid_from)
    = (p.provider, p.model, p.service_tier, p.valid_from) and dated.organization_id is null
  left join lateral (
    select l.* from public.model_prices l
    where (l.provider, l.model, l.service_tier) = (p.provider, p.model, p.service_tier) and l.organization_id is null
    order by l.valid_from desc limit 1
  ) latest on true
  where dated.id is null
    or (p.is_latest and (latest.input_usd_per_mtok, latest.cache_read_usd_per_mtok, latest.cache_write_5m_usd_per_mtok,
      latest.cache_write_1h_usd_per_mtok, latest.output_usd_per_mtok, latest.context_tiers, latest.media_rates)
      is distinct from (p.input, p.cache_read, p.cache_write_5m, p.cache_write_1h, p.output, p.context_tiers,
        coalesce(p.media_rates, '{}')));
  get diagnostics prices_added = row_count;
  delete from private.model_names;
  if prices_added > 0 then
    perform private.derive_own_prices(o.organization_id)
    from (select distinct p.organization_id from public.organization_prices p order by 1) o;
  end if;
  return next;
end $$;
comment on function public.import_model_prices is 'For functions/gateway with the service role. Adds what is new; importing the same twice adds nothing.';
grant delete, select on private.model_names to service_role;

-- § Routes -----------------------------------------------------------------------------------------------------
-- A call may be served by several candidates: each target of an alias with each credential of its provider. The first
-- that is well and has room is asked; when it fails before its first byte, reroute_calls names the next.

create table public.model_aliases (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  -- What clients call it; the name of a real model as well, which then means this.
  name text not null,
  -- provider/model, in the order they are asked.
  targets text[] not null,
  created_by uuid default auth.uid() references public.profiles (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint model_aliases_name_format check (name ~ '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$'),
  constraint model_aliases_targets_few check (cardinality(targets) between 1 and 5 and array_ndims(targets) = 1),
  constraint model_aliases_targets_format check (array_to_string(targets, ' ')
    ~ '^(openai|anthropic|moonshot)/[^[:space:]/]{1,150}( (openai|anthropic|moonshot)/[^[:space:]/]{1,150})*$'),
  constraint model_aliases_unique unique (organization_id, name)
);
comment on table public.model_aliases is 'Names that an organization gives to models, each with what stands in when the first fails.';
create index model_aliases_created_by_index on public.model_aliases (created_by);
create trigger model_aliases_touch before update on public.model_aliases
  for each row execute function private.touch_updated_at();
create trigger model_aliases_audit after insert or update or delete on public.model_aliases
  for each row execute function private.on_audited_change('model_alias');
alter table public.model_aliases enable row level security;
create policy "members read model aliases" on public.model_aliases
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
create policy "admins create model aliases" on public.model_aliases
  for insert to authenticated with check (organization_id in (select private.organizations_where_i_am('admin')));
create policy "admins change model aliases" on public.model_aliases
  for update to authenticated
  using (organization_id in (select private.organizations_where_i_am('admin')))
  with check (organization_id in (select private.organizations_where_i_am('admin')));
create policy "admins delete model aliases" on public.model_aliases
  for delete to authenticated using (organization_id in (select private.organizations_where_i_am('admin')));
grant select, insert (organization_id, name, targets), update (name, targets), delete on public.model_aliases to authenticated;

create table public.credential_health (
  credential_id uuid primary key,
  -- No foreign keys: calls write this while they hold the counter. The credential's deletion takes it along.
  organization_id uuid not null,
  failures_in_a_row int not null default 0,
  -- Until then the others come first.
  avoided_until timestamptz,
  last_error text,
  last_failed_at timestamptz
);
comment on table public.credential_health is 'The circuit breaker: which credentials fail at their provider. After five failures in a row, or at once where the provider says so, the others are asked first, for half a minute and then longer.';
create index credential_health_organization_index on public.credential_health (organization_id);
alter table public.credential_health enable row level security;
create policy "members read credential health" on public.credential_health
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
grant select on public.credential_health to authenticated;

create function private.record_upstream_failure(organization_id uuid, credential_id uuid, failure jsonb, at timestamptz)
  returns void
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  code constant text := failure ->> 'code';
  asked_seconds constant float8 := failure ->> 'retry_after_seconds';
begin
  insert into public.credential_health as h (credential_id, organization_id, failures_in_a_row, last_error, last_failed_at)
  select c.id, c.organization_id, 1, code, at from public.provider_credentials c
  where c.id = record_upstream_failure.credential_id and c.organization_id = record_upstream_failure.organization_id
  on conflict (credential_id) do update set failures_in_a_row = h.failures_in_a_row + 1, last_error = excluded.last_error,
    last_failed_at = excluded.last_failed_at;
  update public.credential_health h set avoided_until = greatest(h.avoided_until, at + make_interval(secs => greatest(
    case when asked_seconds <= 60 then asked_seconds when asked_seconds is not null then 60 end, case when code = 'provider_credential_rejected' then 300
      when h.failures_in_a_row >= 5 then 30 * 2 ^ least(h.failures_in_a_row - 5, 3) end)))
  where h.credential_id = record_upstream_failure.credential_id;
end $$;
comment on function private.record_upstream_failure is 'Holds a failure (code, retry_after_seconds) against a credential. The organization''s counter is locked before.';

-- § Ledger -----------------------------------------------------------------------------------------------------

-- Types rather than check constraints: the latter are parsed anew for every row that is written.
create type public.call_status as enum ('reserved', 'succeeded', 'failed', 'aborted', 'refused', 'expired');
create type public.usage_source as enum ('reported', 'estimated');

create table public.ai_usage (
  id uuid not null,
  organization_id uuid not null,
  project_id uuid not null,
  proxy_key_id uuid not null,
  credential_id uuid,
  user_id text,
  agent_id text,
  task_id text,
  tags text[] not null default '{}',
  dialect text not null,
  operation text not null,
  provider text not null,
  model text not null,
  -- What the client called it, where that is an alias.
  model_alias text,
  served_model text,
  is_stream boolean not null default false,
  is_sandbox boolean not null default false,
  status public.call_status not null,
  http_status int,
  error_code text,
  usage_source public.usage_source,
  input_tokens bigint not null default 0,
  cache_read_tokens bigint not null default 0,
  cache_write_5m_tokens bigint not null default 0,
  cache_write_1h_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  reasoning_tokens bigint not null default 0,
  -- Null while open, and for a model without a price where the organization allows those; never a made-up zero.
  cost_usd numeric(20, 10),
  held_usd numeric(20, 10) not null default 0,
  held_input_tokens bigint not null default 0,
  held_output_tokens bigint not null default 0,
  max_output_tokens bigint,
  model_price_id bigint,
  raw_usage jsonb,
  -- What of the tokens is image or audio, or the time that was charged: {"output_image_tokens": 272}.
  media jsonb,
  -- As the provider's answer names it.
  service_tier text,
  latency_ms numeric(12, 2),
  first_byte_ms numeric(12, 2),
  overhead_ms numeric(12, 2),
  request_id text not null,
  upstream_request_id text,
  -- Where upstream was asked more than once: the attempts before the one that the row is of, each with its cost_usd, which
  -- cost_usd of the row includes.
  attempts jsonb,
  -- Answered from the response cache: nobody was asked, so it has no tokens and cost nothing. saved_usd is what the call
  -- cost whose answer it was; null where that had no price.
  is_cached boolean not null default false,
  saved_usd numeric(20, 10),
  -- A call whose process stops renewing this is settled by the sweeper.
  lease_until timestamptz,
  created_at timestamptz not null,
  settled_at timestamptz
) partition by range (coalesce(settled_at, 'infinity'));
-- No foreign keys: the ledger outlives keys and projects, and a key-share lock on the organization's row in every
-- call would make writers wait for each other. Deleting an organization deletes its rows by trigger.
comment on table public.ai_usage is 'The ledger: one row per call, committed before upstream is asked, settled once. input_tokens is the total with cache.';
alter table public.ai_usage enable row level security;
create policy "members read the ledger as far back as their plan shows" on public.ai_usage
  for select to authenticated using (organization_id in (select private.my_organization_ids())
    and created_at >= ((select private.my_history_starts()) ->> organization_id::text)::timestamptz);
grant select on public.ai_usage to authenticated;

-- Calls in flight have no settled_at, which puts them here: a small table that is hot in memory, while the months
-- below are only ever added to. Deleting the row is what settles a call once. It is not the default partition, whose
-- constraint would be planned anew for each row, and has one index only, since every call writes it; vacuumed early,
-- for every call leaves a dead row.
create table public.open_calls partition of public.ai_usage for values from ('infinity') to (maxvalue)
  with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
comment on table public.open_calls is 'The part of the ledger that is in flight, with its holds and leases.';
alter table public.open_calls add constraint open_calls_id_unique unique (id);
alter table public.open_calls enable row level security;
create policy "members read open calls" on public.open_calls
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
grant select on public.open_calls to authenticated;

create function private.index_usage_partition(partition text) returns void
  language plpgsql set search_path = '' as $$
declare
  indexed text;
begin
  execute format('create index %I on private.%I (id)', partition || '_id_index', partition);
  execute format('create index %I on private.%I (organization_id, created_at desc, id desc)',
    partition || '_organization_index', partition);
  -- What the Usage page filters by, in its order, so that a page costs the same whatever is filtered.
  foreach indexed in array array['project_id', 'proxy_key_id', 'model', 'user_id', 'agent_id'] loop
    execute format('create index %I on private.%I (organization_id, %I, created_at desc, id desc) where %I is not null',
      partition || '_' || indexed || '_index', partition, indexed, indexed);
  end loop;
  -- Below a policy an enumeration is no index condition (its comparison may leak), but it chooses a partial index. No
  -- month has reserved calls: looking for them there is to cost nothing.
  execute format('create index %I on private.%I (organization_id, created_at desc, id desc) where status <> %L',
    partition || '_unsuccessful_index', partition, 'succeeded');
  execute format('create index %I on private.%I (organization_id, created_at desc, id desc) where status in (%L, %L)',
    partition || '_expired_index', partition, 'expired', 'reserved');
  -- What alerts look for, which is little.
  execute format('create index %I on private.%I (settled_at) where cost_usd is null or http_status in (401, 402, 403) or '
    'error_code in (''provider_credential_rejected'', ''insufficient_quota'', ''exceeded_current_quota_error'')',
    partition || '_noteworthy_index', partition);
end $$;

create function private.ensure_usage_partitions(from_at timestamptz, to_at timestamptz) returns int
  language plpgsql set search_path = '' as $$
declare
  month timestamp := date_trunc('month', from_at at time zone 'UTC');
  partition text;
  made int := 0;
begin
  while month <= to_at at time zone 'UTC' loop
    partition := 'ai_usage_' || to_char(month, 'YYYY_MM');
    if to_regclass('private.' || partition) is null then
      -- Attached when it is complete: making it as a partition would lock all calls out until then.
      execute format('create table private.%I (like public.ai_usage including defaults)', partition);
      execute format('comment on table private.%I is %L', partition, 'One month (UTC) of public.ai_usage, by settled_at.');
      execute format('alter table private.%I enable row level security', partition);
      perform private.index_usage_partition(partition);
      execute format('alter table public.ai_usage attach partition private.%I for values from (%L) to (%L)',
        partition, month at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
      made := made + 1;
    end if;
    month := month + interval '1 month';
  end loop;
  return made;
end $$;
comment on function private.ensure_usage_partitions is 'Makes the monthly partitions between two instants; answers how many were new.';
select private.ensure_usage_partitions(now() - interval '3 months', now() + interval '3 months');

create table private.spend_counters (
  organization_id uuid primary key references public.organizations (id) on delete cascade,
  -- The calendar month, in the organization's zone, that spent_usd is of.
  window_start timestamptz not null,
  window_end timestamptz not null,
  spent_usd numeric(20, 10) not null default 0,
  held_usd numeric(20, 10) not null default 0,
  -- Moves with every reservation and settlement, by which it is seen that something changed.
  version bigint not null default 0,
  -- Moves with every change to what private.call_facts remembers.
  facts_version bigint not null default 0
) with (fillfactor = 50);
comment on table private.spend_counters is 'Spent this month and held, one row per organization. Its lock is what makes limits exact.';
alter table private.spend_counters enable row level security;
create policy "members read spend counters" on private.spend_counters
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
grant select on private.spend_counters to authenticated;

create function private.day_start(day date, zone text) returns timestamptz
  language plpgsql stable set search_path = '' as $$
declare
  midnight constant timestamp := day;
  -- Where clocks go back over midnight it comes twice, and this is the second one.
  later constant timestamptz := midnight at time zone zone;
  before constant timestamptz := later - interval '24 hours';
  earlier constant timestamptz := (midnight - (before at time zone zone - before at time zone 'UTC')) at time zone 'UTC';
begin
  return case when earlier at time zone zone = midnight then least(earlier, later) else later end;
end $$;
comment on function private.day_start is 'The first instant of a day in a zone, also where clocks skip or repeat midnight.';

create function private.budget_window(period text, zone text, at timestamptz)
  returns table (window_start timestamptz, window_end timestamptz)
  language sql stable set search_path = '' as $$
  select '-infinity'::timestamptz, 'infinity'::timestamptz where period = 'total'
  union all
  select private.day_start(d.first_day, zone), private.day_start((d.first_day + ('1 ' || period)::interval)::date, zone)
  from (select date_trunc(period, at at time zone zone)::date as first_day) d
  where period <> 'total'
$$;
comment on function private.budget_window is 'The calendar day, week (from Monday) or month around an instant, in a zone, clock changes included; total has no bounds.';
grant execute on function private.day_start, private.budget_window, private.limit_of to authenticated;

create table private.output_estimates (
  proxy_key_id uuid not null references public.proxy_keys (id) on delete cascade,
  model text not null,
  output_tokens bigint not null,
  updated_at timestamptz not null default now(),
  primary key (proxy_key_id, model)
);
comment on table private.output_estimates is 'What a key''s calls really return: the 95th percentile of output tokens of its latest calls, for holds.';
alter table private.output_estimates enable row level security;

-- § Facts of a call --------------------------------------------------------------------------------------------
-- Whether a key may call a model, with which credential, at which price, under which limit, takes twelve tables to
-- say and hardly ever changes. It is remembered per key and model under the facts_version of the organization's
-- counter, which every change moves. Reserving updates that very row on condition of the version, so a revoked key
-- or a new limit holds from its commit on.

create type private.call_candidate as (
  place int,
  provider text,
  model text,
  credential_id uuid,
  is_sandbox boolean,
  priority int,
  weight int,
  rate_limit_id uuid,
  price public.model_prices,
  usual_output_tokens bigint,
  answer jsonb
);

create unlogged table private.call_facts (
  public_id text not null,
  provider text not null,
  model text not null,
  key_hash text not null,
  facts_version bigint not null,
  valid_until timestamptz not null,
  -- No foreign key: it would be checked while the counter is held. Deleting the organization deletes its rows.
  organization_id uuid not null,
  project_id uuid not null,
  proxy_key_id uuid not null,
  -- Whose personal key it is.
  member_id uuid,
  candidates private.call_candidate[] not null,
  model_alias text,
  limit_usd numeric not null,
  is_unlimited boolean not null,
  has_budgets boolean not null,
  rate_limit_ids uuid[] not null,
  -- What the proxy is told of every call alike.
  answer jsonb not null,
  primary key (public_id, provider, model)
);
comment on table private.call_facts is 'A cache, unlogged: what reserve_call needs to know of a key and a model.';
create index call_facts_organization_index on private.call_facts (organization_id);
alter table private.call_facts enable row level security;

create function private.on_call_facts_change() returns trigger
  -- definer: admins change keys, but not counters
  language plpgsql security definer set search_path = '' as $$
declare
  this_row jsonb := to_jsonb(coalesce(new, old));
begin
  update private.spend_counters set facts_version = facts_version + 1
  where organization_id = coalesce(this_row ->> 'organization_id', this_row ->> 'id')::uuid;
  return null;
end $$;
-- Not of topic_epoch: it moves while a member is removed, before the rows of keys are locked.
create trigger organizations_facts after update of plan, on_client_abort, allows_unpriced_models, max_attempts
  on public.organizations
  for each row execute function private.on_call_facts_change();
create trigger organization_plan_overrides_facts after insert or update or delete on public.organization_plan_overrides
  for each row execute function private.on_call_facts_change();
create trigger projects_facts after update of archived_at, body_logging on public.projects
  for each row execute function private.on_call_facts_change();
create trigger provider_credentials_facts after insert or update or delete on public.provider_credentials
  for each row execute function private.on_call_facts_change();
create trigger model_aliases_facts after insert or update or delete on public.model_aliases
  for each row execute function private.on_call_facts_change();
create trigger proxy_keys_facts after update of allowed_models, cache_seconds, expires_at, revoked_at, rotated_at or delete
  on public.proxy_keys
  for each row execute function private.on_call_facts_change();

create function private.on_everyones_facts_change() returns trigger
  -- definer: as above
  language plpgsql security definer set search_path = '' as $$
begin
  -- In the order of reserve_calls, so that they cannot deadlock.
  perform from private.spend_counters order by organization_id for update;
  update private.spend_counters set facts_version = facts_version + 1;
  return null;
end $$;
create trigger plan_limits_facts after insert or update or delete on public.plan_limits
  for each statement execute function private.on_everyones_facts_change();

create function private.on_model_prices_change() returns trigger
  -- definer: as above
  language plpgsql security definer set search_path = '' as $$
begin
  -- The list's prices are everyone's; an organization that sets its own is no concern of others.
  perform from private.spend_counters c
  where exists (select from changed p where p.organization_id is null or p.organization_id = c.organization_id)
  order by c.organization_id for update;
  update private.spend_counters c set facts_version = facts_version + 1
  where exists (select from changed p where p.organization_id is null or p.organization_id = c.organization_id);
  return null;
end $$;
create trigger model_prices_facts_insert after insert on public.model_prices
  referencing new table as changed for each statement execute function private.on_model_prices_change();
create trigger model_prices_facts_update after update on public.model_prices
  referencing new table as changed for each statement execute function private.on_model_prices_change();
create trigger model_prices_facts_delete after delete on public.model_prices
  referencing old table as changed for each statement execute function private.on_model_prices_change();

-- § Freezes ----------------------------------------------------------------------------------------------------
-- A freeze stops new calls from its commit on, like every fact of a call, and tells the proxies to look at those in
-- flight: the notification says nothing, so it tells no tenant of another.

create table public.freezes (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  scope text not null,
  -- The organization's, project's or proxy key's.
  scope_id uuid not null,
  reason text not null,
  frozen_by uuid default auth.uid() references public.profiles (user_id) on delete set null,
  frozen_at timestamptz not null default now(),
  constraint freezes_scope_known check (scope in ('organization', 'project', 'proxy_key')),
  constraint freezes_reason_length check (char_length(btrim(reason)) between 1 and 500),
  constraint freezes_unique unique (organization_id, scope_id)
);
comment on table public.freezes is 'What may make no calls for now, by whom and why. Deleting a row thaws it.';
create index freezes_frozen_by_index on public.freezes (frozen_by);
create trigger freezes_audit after insert or delete on public.freezes
  for each row execute function private.on_audited_change('freeze');
create trigger freezes_facts after insert or delete on public.freezes
  for each row execute function private.on_call_facts_change();
alter table public.freezes enable row level security;
create policy "members read freezes" on public.freezes
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
create policy "admins freeze" on public.freezes
  for insert to authenticated with check (organization_id in (select private.organizations_where_i_am('admin')));
create policy "admins thaw" on public.freezes
  for delete to authenticated using (organization_id in (select private.organizations_where_i_am('admin')));
grant select, insert (organization_id, scope, scope_id, reason), delete on public.freezes to authenticated;

create function private.require_in_organization(organization_id uuid, scope text, scope_id text) returns void
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  target constant uuid := case when pg_input_is_valid(scope_id, 'uuid') then scope_id::uuid end;
begin
  if scope = 'project' and not exists (select from public.projects p
      where p.id = target and p.organization_id = require_in_organization.organization_id) then
    perform private.refuse(404, 'project_not_found');
  end if;
  if scope = 'proxy_key' and not exists (select from public.proxy_keys k
      where k.id = target and k.organization_id = require_in_organization.organization_id) then
    perform private.refuse(404, 'proxy_key_not_found');
  end if;
  if scope = 'credential' and not exists (select from public.provider_credentials c
      where c.id = target and c.organization_id = require_in_organization.organization_id) then
    perform private.refuse(404, 'credential_not_found');
  end if;
end $$;
comment on function private.require_in_organization is 'Refuses what is of a project, proxy key or credential that this organization does not have.';

create function private.on_freezes_insert() returns trigger
  -- definer: projects and keys are looked up past the policies
  language plpgsql security definer set search_path = '' as $$
begin
  -- Policies are checked after this; whoever may not freeze anything here is to learn nothing.
  if auth.uid() is not null and new.organization_id not in (select private.organizations_where_i_am('admin')) then
    return new;
  end if;
  if new.scope = 'organization' then
    new.scope_id := new.organization_id;
  end if;
  perform private.require_in_organization(new.organization_id, new.scope, new.scope_id::text);
  perform pg_catalog.pg_notify('call_freezes', '');
  return new;
end $$;
create trigger freezes_insert before insert on public.freezes
  for each row execute function private.on_freezes_insert();

create function private.find_freeze(organization_id uuid, project_id uuid, proxy_key_id uuid) returns jsonb
  language plpgsql stable set search_path = '' as $$
begin
  return (select jsonb_build_object('scope', f.scope, 'reason', f.reason, 'frozen_at', f.frozen_at)
    from public.freezes f
    where f.organization_id = find_freeze.organization_id
      and f.scope_id in (find_freeze.organization_id, find_freeze.project_id, find_freeze.proxy_key_id)
    order by f.frozen_at limit 1);
end $$;
comment on function private.find_freeze is 'Why a key may make no calls for now; null when it may.';

-- § Budgets ----------------------------------------------------------------------------------------------------
-- Beside the plan's budget, which spend_counters holds, an organization sets its own. Several may bind one call; each
-- must have room. Their counters stand in their rows, and whoever moves those has locked the organization's row of
-- spend_counters before: one lock, so no order to keep.

create function private.scope_name(scope text, scope_id text) returns text
  language plpgsql stable set search_path = '' as $$
begin
  return coalesce(case scope
      when 'project' then (select p.name from public.projects p where p.id = scope_id::uuid)
      when 'proxy_key' then (select k.name from public.proxy_keys k where k.id = scope_id::uuid)
      when 'agent' then (select a.name from public.agents a where a.id::text = scope_id)
      when 'credential' then (select c.name from public.provider_credentials c where c.id = scope_id::uuid) end,
    case when scope <> 'organization' then scope_id end);
end $$;
comment on function private.scope_name is 'How people call what is limited; null for the whole organization.';

create function private.scope_keys(organization_id uuid, project_id uuid, proxy_key_id uuid, user_id text, agent_id text,
  tags text[]) returns text[]
  language plpgsql immutable set search_path = '' as $$
declare
  keys constant text[] := array['organization:' || organization_id, 'project:' || project_id, 'proxy_key:' || proxy_key_id,
    'user:' || user_id, 'agent:' || agent_id];
begin
  return case when tags = '{}' then keys else keys || array(select 'tag:' || t from unnest(tags) t) end;
end $$;
comment on function private.scope_keys is 'What a call counts against, as budgets name it in scope_key; null where it is attributed to nobody.';

create table public.budgets (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  scope text not null,
  -- A project's or proxy key's id; the client's own name of a user, agent or tag; the organization's id.
  scope_id text not null,
  scope_key text not null generated always as (scope || ':' || scope_id) stored,
  period text not null,
  limit_usd numeric(20, 10) not null,
  -- A soft one lets through, and warns.
  mode text not null default 'hard',
  -- Percent of the limit, spent, at which to warn; once per window.
  warn_at int[] not null default '{50,80,90,100}',
  window_start timestamptz not null default '-infinity',
  window_end timestamptz not null default 'infinity',
  spent_usd numeric(20, 10) not null default 0,
  held_usd numeric(20, 10) not null default 0,
  warned_percent int not null default 0,
  -- While the limit is raised for a time: what it goes back to, and when.
  regular_limit_usd numeric(20, 10),
  raised_until timestamptz,
  created_by uuid default auth.uid() references public.profiles (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint budgets_unique unique (organization_id, scope_key, period)
) with (fillfactor = 50);
comment on table public.budgets is 'Limits of spending that an organization sets itself. spent_usd and held_usd are of the window that is open; a limit of zero means that nothing may be spent.';
create index budgets_created_by_index on public.budgets (created_by);
create index budgets_window_end_index on public.budgets (window_end);
create index budgets_raised_until_index on public.budgets (raised_until) where raised_until is not null;
create trigger budgets_touch before update of limit_usd, mode, warn_at on public.budgets
  for each row execute function private.touch_updated_at();
create trigger budgets_audit after insert or update of limit_usd, mode, warn_at or delete on public.budgets
  for each row execute function private.on_audited_change('budget', 'scope_key', 'window_start', 'window_end', 'spent_usd',
    'held_usd', 'warned_percent');
-- Not after deletion: that a call looks for budgets in vain is harmless, and the row's lock is held by then.
create trigger budgets_facts after insert on public.budgets
  for each row execute function private.on_call_facts_change();
alter table public.budgets enable row level security;
create policy "members read budgets" on public.budgets
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
create policy "admins create budgets" on public.budgets
  for insert to authenticated with check (organization_id in (select private.organizations_where_i_am('admin')));
create policy "admins change budgets" on public.budgets
  for update to authenticated
  using (organization_id in (select private.organizations_where_i_am('admin')))
  with check (organization_id in (select private.organizations_where_i_am('admin')));
create policy "admins delete budgets" on public.budgets
  for delete to authenticated using (organization_id in (select private.organizations_where_i_am('admin')));
grant select, insert (organization_id, scope, scope_id, period, limit_usd, mode, warn_at),
  update (limit_usd, mode, warn_at), delete on public.budgets to authenticated;

create table public.budget_warnings (
  id bigint generated always as identity primary key,
  -- No foreign key: settlement would check it while it holds the counter. Its budget's deletion takes it along.
  organization_id uuid not null,
  budget_id uuid not null references public.budgets (id) on delete cascade,
  percent int not null,
  spent_usd numeric(20, 10) not null,
  limit_usd numeric(20, 10) not null,
  window_start timestamptz not null,
  created_at timestamptz not null default now()
);
comment on table public.budget_warnings is 'That a budget''s spending passed a percentage that it warns at; once per window and percentage.';
create index budget_warnings_organization_index on public.budget_warnings (organization_id, id desc);
create index budget_warnings_budget_index on public.budget_warnings (budget_id, id desc);
create index budget_warnings_created_at_index on public.budget_warnings (created_at);
alter table public.budget_warnings enable row level security;
create policy "members read budget warnings" on public.budget_warnings
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
grant select on public.budget_warnings to authenticated;

create table public.budget_requests (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  budget_id uuid not null references public.budgets (id) on delete cascade,
  requested_by uuid references public.profiles (user_id) on delete set null,
  limit_usd numeric(20, 10) not null,
  reason text not null,
  status text not null default 'pending',
  -- Granted for a time; null for good.
  raised_until timestamptz,
  decided_by uuid references public.profiles (user_id) on delete set null,
  decided_at timestamptz,
  created_at timestamptz not null default now(),
  constraint budget_requests_limit_positive check (limit_usd > 0 and limit_usd < 'NaN'),
  constraint budget_requests_reason_length check (char_length(btrim(reason)) between 1 and 500),
  constraint budget_requests_status_known check (status in ('pending', 'granted', 'declined')),
  constraint budget_requests_decided_unless_pending check ((status = 'pending') = (decided_at is null))
);
comment on table public.budget_requests is 'That a member asks for a higher limit of a budget, and what an admin made of it.';
create index budget_requests_organization_index on public.budget_requests (organization_id, created_at desc);
create index budget_requests_budget_index on public.budget_requests (budget_id);
create index budget_requests_decided_by_index on public.budget_requests (decided_by);
create unique index budget_requests_one_pending on public.budget_requests (requested_by, budget_id) where status = 'pending';
create trigger budget_requests_audit after insert or update or delete on public.budget_requests
  for each row execute function private.on_audited_change('budget_request');
alter table public.budget_requests enable row level security;
create policy "members read budget requests" on public.budget_requests
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
grant select on public.budget_requests to authenticated;

create function public.request_budget_increase(budget_id uuid, limit_usd numeric, reason text) returns uuid
  -- definer: requests are not writable by clients
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  budget public.budgets;
  request uuid;
begin
  select * into budget from public.budgets b
  where b.id = request_budget_increase.budget_id and b.organization_id in (select private.my_organization_ids());
  if not found then
    perform private.refuse(404, 'budget_not_found');
  end if;
  if coalesce(request_budget_increase.limit_usd <= budget.limit_usd, true) then
    perform private.refuse(400, 'limit_not_higher', jsonb_build_object('limit_usd', budget.limit_usd::text));
  end if;
  if coalesce(char_length(btrim(request_budget_increase.reason)), 0) not between 1 and 500 then
    perform private.refuse(400, 'reason_invalid');
  end if;
  insert into public.budget_requests (organization_id, budget_id, requested_by, limit_usd, reason)
  values (budget.organization_id, budget.id, auth.uid(), request_budget_increase.limit_usd,
    btrim(request_budget_increase.reason))
  on conflict (requested_by, budget_id) where status = 'pending'
    do update set limit_usd = excluded.limit_usd, reason = excluded.reason
  returning id into request;
  return request;
end $$;
comment on function public.request_budget_increase is 'Asks the admins for a higher limit; asking again replaces what one has asked and is not decided.';

create function public.decide_budget_request(id uuid, is_granted boolean, raised_until timestamptz default null) returns void
  -- definer: requests are not writable by clients
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  request public.budget_requests;
  budget public.budgets;
begin
  select * into request from public.budget_requests r
  where r.id = decide_budget_request.id and r.organization_id in (select private.my_organization_ids());
  if not found then
    perform private.refuse(404, 'budget_request_not_found');
  end if;
  perform private.require_role(request.organization_id, 'admin');
  if decide_budget_request.raised_until <= now() then
    perform private.refuse(400, 'time_is_past');
  end if;
  update public.budget_requests r
  set status = case when is_granted then 'granted' else 'declined' end, decided_by = auth.uid(), decided_at = now(),
    raised_until = case when is_granted then decide_budget_request.raised_until end
  where r.id = request.id and r.status = 'pending';
  if not found then
    perform private.refuse(409, 'already_decided');
  end if;
  if is_granted then
    select * into budget from public.budgets b where b.id = request.budget_id for no key update;
    -- First as it regularly is: else raised twice until the same instant would look like a limit set by hand.
    update public.budgets b set limit_usd = coalesce(b.regular_limit_usd, b.limit_usd), raised_until = null,
      regular_limit_usd = null
    where b.id = budget.id and b.raised_until is not null;
    -- It may have been raised further meanwhile.
    update public.budgets b set limit_usd = greatest(budget.limit_usd, request.limit_usd),
      raised_until = decide_budget_request.raised_until,
      regular_limit_usd = case when decide_budget_request.raised_until is not null then b.limit_usd end
    where b.id = budget.id;
  end if;
end $$;
comment on function public.decide_budget_request is 'Grants a request, for good or until an instant, or declines it. Holds from the next call on.';
grant execute on function public.request_budget_increase, public.decide_budget_request to authenticated;

create function private.end_raised_budgets() returns int
  language plpgsql set search_path = '' as $$
declare
  ended int;
begin
  -- Calls take the counter first, then all their budgets.
  perform from private.spend_counters c
  where c.organization_id in (select b.organization_id from public.budgets b where b.raised_until <= now())
  order by c.organization_id for update;
  update public.budgets b set limit_usd = b.regular_limit_usd, regular_limit_usd = null, raised_until = null
  where b.raised_until <= now();
  get diagnostics ended = row_count;
  return ended;
end $$;
comment on function private.end_raised_budgets is 'Takes limits back that were raised for a time; answers how many.';

create function private.spent_in_scope(budget public.budgets, from_at timestamptz) returns numeric
  language plpgsql stable set search_path = '' as $$
begin
  -- Rollups outlive the ledger's rows.
  return (select coalesce(sum(f.cost_usd), 0)
    from private.sum_usage(budget.organization_id, case budget.scope when 'organization' then 'all' else budget.scope end,
      from_at, 'infinity') f
    where budget.scope = 'organization' or f.key = budget.scope_id);
end $$;
comment on function private.spent_in_scope is 'Dollars of settled calls that a budget binds, made at or after an instant (on the quarter hour).';

create function private.percent_spent(budget public.budgets) returns int
  language plpgsql immutable set search_path = '' as $$
begin
  return case when budget.limit_usd > 0 then least(floor(budget.spent_usd * 100 / budget.limit_usd), 1000) else 0 end;
end $$;
comment on function private.percent_spent is 'Whole percent of the limit, as high as a budget can warn at; 0 for a limit of zero.';
-- A trigger calls it with the rights of whoever changes the limit.
grant execute on function private.percent_spent to authenticated;

create function private.open_budget(inout budget public.budgets)
  language plpgsql set search_path = '' as $$
begin
  if budget.scope = 'organization' then
    budget.scope_id := budget.organization_id::text;
  end if;
  perform private.require_in_organization(budget.organization_id, budget.scope, budget.scope_id);
  if budget.scope in ('project', 'proxy_key') then
    -- As calls name it.
    budget.scope_id := budget.scope_id::uuid::text;
  end if;
  -- As the foreign key will; after the counter it could wait for a deletion that waits for this.
  perform from public.organizations o where o.id = budget.organization_id for key share;
  -- Under the lock each call is either still open, and held, or settled, and spent.
  perform private.open_window(budget.organization_id, now());
  select w.window_start, w.window_end into budget.window_start, budget.window_end
  from public.organizations o cross join lateral private.budget_window(budget.period, o.time_zone, now()) w
  where o.id = budget.organization_id;
  budget.spent_usd := private.spent_in_scope(budget, budget.window_start);
  budget.held_usd := (select coalesce(sum(c.held_usd), 0) from public.open_calls c
    where c.organization_id = budget.organization_id and budget.scope || ':' || budget.scope_id
      = any (private.scope_keys(c.organization_id, c.project_id, c.proxy_key_id, c.user_id, c.agent_id, c.tags)));
  -- It does not warn of what was spent before it was made.
  budget.warned_percent := private.percent_spent(budget);
end $$;
comment on function private.open_budget is 'A new budget with what is spent and held in its window; from here on the organization''s counter is locked.';

create function private.on_budgets_insert() returns trigger
  -- definer: counters are read past the policies
  language plpgsql security definer set search_path = '' as $$
begin
  -- Policies are checked after this; whoever may not create a budget here is to learn nothing.
  if auth.uid() is not null and new.organization_id not in (select private.organizations_where_i_am('admin')) then
    return new;
  end if;
  return private.open_budget(new);
end $$;
create trigger budgets_insert before insert on public.budgets
  for each row execute function private.on_budgets_insert();

create function private.on_budgets_limit_change() returns trigger
  language plpgsql set search_path = '' as $$
begin
  -- Who sets a limit by hand ends what it was raised for a time.
  if new.raised_until is not distinct from old.raised_until then
    new.raised_until := null;
    new.regular_limit_usd := null;
  end if;
  -- Measured by the new limit it may warn again.
  new.warned_percent := private.percent_spent(new);
  return new;
end $$;
create trigger budgets_limit_change before update of limit_usd on public.budgets
  for each row when (old.limit_usd <> new.limit_usd) execute function private.on_budgets_limit_change();

create function private.on_budgets_change() returns trigger
  language plpgsql set search_path = '' as $$
begin
  -- Of somebody who may create none here the scope is not known, and the policy says so.
  if (new.scope in ('organization', 'project', 'proxy_key', 'user', 'agent', 'tag')
    -- As long as calls may name them.
    and char_length(new.scope_id) between 1 and (case new.scope when 'tag' then 64 else 200 end)
    and new.period in ('day', 'week', 'month', 'total') and new.mode in ('hard', 'soft')
    and new.limit_usd >= 0 and new.limit_usd < 'NaN' and (new.raised_until is null) = (new.regular_limit_usd is null)
    and cardinality(new.warn_at) <= 10 and 1 <= all (new.warn_at) and 1000 >= all (new.warn_at)) is false then
    perform private.refuse(400, 'budget_invalid');
  end if;
  return new;
end $$;
comment on function private.on_budgets_change is 'What check constraints would say. Those are parsed anew by every statement that changes a row, and every call changes counters here.';
-- By its name after the others, which fill in what the client does not say.
create trigger budgets_valid before insert or update of scope, scope_id, period, mode, limit_usd, raised_until,
  regular_limit_usd, warn_at on public.budgets for each row execute function private.on_budgets_change();

create function private.roll_budgets(organization_id uuid, at timestamptz) returns int
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  rolled int;
begin
  perform from private.spend_counters c where c.organization_id = roll_budgets.organization_id for update;
  update public.budgets b set window_start = w.window_start, window_end = w.window_end,
    spent_usd = private.spent_in_scope(b, w.window_start), warned_percent = 0
  from (
    select each.id, present.window_start, present.window_end
    from public.budgets each join public.organizations o on o.id = each.organization_id
    cross join lateral private.budget_window(each.period, o.time_zone, at) present
    where each.organization_id = roll_budgets.organization_id
  ) w
  where b.id = w.id and (b.window_start, b.window_end) is distinct from (w.window_start, w.window_end);
  get diagnostics rolled = row_count;
  return rolled;
end $$;
comment on function private.roll_budgets is 'Opens the windows that an instant is in, where others are open: their time is over, or the organization moved to another zone.';

create function private.on_time_zone_change() returns trigger
  -- definer: admins change the zone, but not counters
  language plpgsql security definer set search_path = '' as $$
begin
  perform private.roll_budgets(new.id, clock_timestamp());
  return null;
end $$;
create trigger organizations_time_zone after update of time_zone on public.organizations
  for each row when (old.time_zone <> new.time_zone) execute function private.on_time_zone_change();

create function private.roll_overdue_budgets() returns int
  language plpgsql set search_path = '' as $$
declare
  organization uuid;
  rolled int := 0;
begin
  -- A few at a time: their calls wait until this is committed. Who makes calls opens windows by itself.
  for organization in
    select c.organization_id from private.spend_counters c
    where exists (select from public.budgets b where b.organization_id = c.organization_id and b.window_end <= now())
    order by c.organization_id limit 50 for update skip locked
  loop
    rolled := rolled + private.roll_budgets(organization, clock_timestamp());
  end loop;
  return rolled;
end $$;
comment on function private.roll_overdue_budgets is 'Opens the next window of budgets that no call has asked for since the last one ended.';

create function private.hold_in_budgets(organization_id uuid, scopes text[], added_usd numeric, at timestamptz,
  out refusal jsonb, out remaining_usd numeric)
  language plpgsql set search_path = '' as $$
declare
  is_over boolean;
  is_full boolean;
begin
  loop
    -- Limits may be changed without the counter's lock: what is returned is of the rows that are locked now.
    with held as (
      update public.budgets b set held_usd = b.held_usd + added_usd
      where b.organization_id = hold_in_budgets.organization_id and b.scope_key = any (scopes)
      returning b.limit_usd - b.spent_usd - b.held_usd as room, b.limit_usd, b.mode, b.window_end <= at as is_over
    )
    select bool_or(h.is_over), bool_or(h.mode = 'hard' and (h.room < 0 or h.limit_usd = 0)),
      min(h.room) filter (where h.mode = 'hard')
    into is_over, is_full, remaining_usd from held h;
    if not coalesce(is_over or is_full, false) then
      return;
    end if;
    if not is_over then
      select jsonb_build_object('budget_id', b.id, 'scope', b.scope, 'scope_id', b.scope_id,
          'scope_name', private.scope_name(b.scope, b.scope_id),
          'limit_usd', b.limit_usd::text, 'spent_usd', b.spent_usd::text, 'held_usd', (b.held_usd - added_usd)::text,
          'needed_usd', added_usd::text, 'period', b.period, 'resets_at', nullif(b.window_end, 'infinity'),
          'organization_slug', (select o.slug from public.organizations o where o.id = b.organization_id))
      into refusal
      from public.budgets b
      where b.organization_id = hold_in_budgets.organization_id and b.scope_key = any (scopes) and b.mode = 'hard'
      order by b.limit_usd > 0, b.limit_usd - b.spent_usd - b.held_usd limit 1;
    end if;
    update public.budgets b set held_usd = b.held_usd - added_usd
    where b.organization_id = hold_in_budgets.organization_id and b.scope_key = any (scopes);
    exit when refusal is not null;
    perform private.roll_budgets(organization_id, at);
  end loop;
end $$;
comment on function private.hold_in_budgets is 'Holds so much in every budget of these scopes, or in none and says which has the least room. The organization''s counter is locked before. remaining_usd: room in the tightest hard one, null without.';

create function private.settle_in_budgets(entries public.ai_usage[], organization uuid, sign int) returns void
  language plpgsql set search_path = '' as $$
declare
  warning uuid[];
begin
  -- Materialized: once for each entry, not for each of the budgets.
  with scoped as materialized (
    select e.held_usd, e.cost_usd, e.created_at, private.scope_keys(e.organization_id, e.project_id, e.proxy_key_id,
      e.user_id, e.agent_id, e.tags) as scopes
    from unnest(entries) e where e.organization_id = organization
  ), moved as (
    select b.id, sum(e.held_usd) as held_usd,
      coalesce(sum(e.cost_usd) filter (where e.created_at >= b.window_start), 0) as cost_usd
    from scoped e join public.budgets b on b.organization_id = organization and b.scope_key = any (e.scopes)
    group by b.id
  ), settled as (
    update public.budgets b set spent_usd = b.spent_usd + sign * m.cost_usd,
      -- What is taken back was released before.
      held_usd = case when sign > 0 then b.held_usd - m.held_usd else b.held_usd end
    from moved m where b.id = m.id
    returning b.id, b.warn_at, b.warned_percent, b.spent_usd, b.limit_usd
  )
  select array_agg(s.id) into warning from settled s
  -- Of a limit of zero, whatever is spent is more than any percentage.
  where exists (select from unnest(s.warn_at) w where w > s.warned_percent and s.spent_usd > 0
    and s.spent_usd * 100 >= w * s.limit_usd);
  if warning is null then
    return;
  end if;
  -- These rows are locked now: a limit that was changed meanwhile is seen here.
  with crossed as (
    select b.id, max(w) as percent from public.budgets b cross join lateral unnest(b.warn_at) w
    where b.id = any (warning) and b.spent_usd > 0 and b.spent_usd * 100 >= w * b.limit_usd and w > b.warned_percent
    group by b.id
  ), warned as (
    update public.budgets b set warned_percent = c.percent from crossed c where b.id = c.id
    returning b.organization_id, b.id, c.percent, b.spent_usd, b.limit_usd, b.window_start
  )
  insert into public.budget_warnings (organization_id, budget_id, percent, spent_usd, limit_usd, window_start)
  select * from warned;
end $$;
comment on function private.settle_in_budgets is 'Turns the holds of an organization''s closed calls into spending (sign 1), or takes their spending out again (-1). Its counter is locked before.';

-- § Rate limits ------------------------------------------------------------------------------------------------
-- What a key's calls count against is known with the facts of a call; like budgets, the counters stand in rows that
-- only the holder of the organization's counter moves. The minute slides: it is thirteen slots of five seconds, the
-- newest of them partly over, so that no sixty seconds see more than the limit, and what is used frees up bit by bit.

create table public.rate_limits (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  scope text not null,
  -- The organization's, project's, proxy key's or provider credential's.
  scope_id uuid not null,
  -- Null: not limited in this way.
  requests_per_minute int,
  tokens_per_minute bigint,
  max_open_calls int,
  -- The number of the newest slot since 1970, and what was counted in it and the twelve before, oldest first.
  slot bigint not null default 0,
  request_slots bigint[] not null default array_fill(0, array[13]),
  token_slots bigint[] not null default array_fill(0, array[13]),
  open_calls int not null default 0,
  -- No check constraints, which every call would parse anew: set_rate_limit checks, and nobody else writes limits.
  constraint rate_limits_unique unique (organization_id, scope_id)
) with (fillfactor = 50);
comment on table public.rate_limits is 'Requests and tokens a minute, and calls at once. An organization (100 requests a minute) and each credential (60) always have a row.';
-- Not of the rows that come and go with what they limit.
create trigger rate_limits_audit after insert or update of requests_per_minute, tokens_per_minute, max_open_calls or delete
  on public.rate_limits for each row when (pg_trigger_depth() = 0) execute function private.on_audited_change('rate_limit', 'slot', 'request_slots',
    'token_slots', 'open_calls');
create trigger rate_limits_facts after insert or delete on public.rate_limits
  for each row execute function private.on_call_facts_change();
alter table public.rate_limits enable row level security;
create policy "members read rate limits" on public.rate_limits
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
grant select on public.rate_limits to authenticated;

create function private.on_rate_limited_insert() returns trigger
  -- definer: rate limits are not writable by clients
  language plpgsql security definer set search_path = '' as $$
declare
  this_row constant jsonb := to_jsonb(new);
begin
  insert into public.rate_limits (organization_id, scope, scope_id, requests_per_minute)
  values (coalesce(this_row ->> 'organization_id', this_row ->> 'id')::uuid, tg_argv[0], new.id, tg_argv[1]::int);
  return null;
end $$;
create trigger organizations_rate_limit after insert on public.organizations
  for each row execute function private.on_rate_limited_insert('organization', 100);
create trigger provider_credentials_rate_limit after insert on public.provider_credentials
  for each row execute function private.on_rate_limited_insert('credential', 60);

create function private.on_provider_credentials_delete() returns trigger
  -- definer: rate limits are not writable by clients
  language plpgsql security definer set search_path = '' as $$
begin
  -- Calls take the counter first, then these.
  perform from private.spend_counters c where c.organization_id = old.organization_id for update;
  delete from public.credential_health h where h.credential_id = old.id;
  delete from public.rate_limits r where r.organization_id = old.organization_id and r.scope_id = old.id;
  return null;
end $$;
create trigger provider_credentials_delete after delete on public.provider_credentials
  for each row execute function private.on_provider_credentials_delete();

create function public.set_rate_limit(organization_id uuid, scope text, scope_id uuid, requests_per_minute int default null,
  tokens_per_minute bigint default null, max_open_calls int default null) returns void
  -- definer: rate limits are not writable by clients
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  target constant uuid := case scope when 'organization' then set_rate_limit.organization_id else scope_id end;
begin
  perform private.require_role(set_rate_limit.organization_id, 'admin');
  if scope not in ('organization', 'project', 'proxy_key', 'credential')
    or least(requests_per_minute, tokens_per_minute, max_open_calls) < 0 then
    perform private.refuse(400, 'rate_limit_invalid');
  end if;
  perform private.require_in_organization(set_rate_limit.organization_id, scope, target::text);
  -- As the foreign key will; after the counter it could wait for a deletion that waits for this.
  perform from public.organizations o where o.id = set_rate_limit.organization_id for key share;
  -- Under the lock each call is either still open, or settled.
  perform private.open_window(set_rate_limit.organization_id, now());
  if scope in ('project', 'proxy_key') and coalesce(requests_per_minute, tokens_per_minute, max_open_calls) is null then
    delete from public.rate_limits r where r.organization_id = set_rate_limit.organization_id and r.scope_id = target;
    return;
  end if;
  insert into public.rate_limits as r (organization_id, scope, scope_id, requests_per_minute, tokens_per_minute,
    max_open_calls, open_calls)
  values (set_rate_limit.organization_id, scope, target, requests_per_minute, tokens_per_minute, max_open_calls, (
    select count(*) from public.open_calls c
    where c.organization_id = set_rate_limit.organization_id
      and target in (c.organization_id, c.project_id, c.proxy_key_id, c.credential_id)))
  on conflict (organization_id, scope_id) do update set requests_per_minute = excluded.requests_per_minute,
    tokens_per_minute = excluded.tokens_per_minute, max_open_calls = excluded.max_open_calls,
    open_calls = excluded.open_calls;
end $$;
comment on function public.set_rate_limit is 'Limits an organization, project, proxy key or provider credential, from the next call on; null is no limit of that kind.';
grant execute on function public.set_rate_limit to authenticated;

create function private.move_slots(slots bigint[], steps bigint, added bigint) returns bigint[]
  language plpgsql immutable set search_path = '' as $$
begin
  if steps >= 13 then
    slots := array_fill(0::bigint, array[13]);
  elsif steps > 0 then
    slots := slots[steps + 1:] || array_fill(0::bigint, array[steps::int]);
  end if;
  slots[13] := slots[13] + added;
  return slots;
end $$;
comment on function private.move_slots is 'The thirteen slots so many steps later, with something added to the newest.';
grant execute on function private.move_slots to authenticated;

create function public.show_rate_limits(organization_id uuid, at timestamptz default now()) returns setof public.rate_limits
  language plpgsql stable set search_path = '' as $$
declare
  now_slot constant bigint := floor(extract(epoch from at) / 5);
  each public.rate_limits;
begin
  for each in select * from public.rate_limits r where r.organization_id = show_rate_limits.organization_id loop
    each.request_slots := private.move_slots(each.request_slots, now_slot - each.slot, 0);
    each.token_slots := private.move_slots(each.token_slots, now_slot - each.slot, 0);
    each.slot := greatest(each.slot, now_slot);
    return next each;
  end loop;
end $$;
comment on function public.show_rate_limits is 'An organization''s rate limits with their slots as of now, whatever a reader''s clock says: rows move with calls only.';
grant execute on function public.show_rate_limits to authenticated;

create function private.sum_slots(slots bigint[]) returns bigint
  language plpgsql immutable set search_path = '' as $$
declare
  total bigint := 0;
  slot bigint;
begin
  foreach slot in array slots loop
    total := total + slot;
  end loop;
  return total;
end $$;

create function private.seconds_until_room(slots bigint[], excess bigint, at timestamptz) returns int
  language plpgsql immutable set search_path = '' as $$
declare
  into_slot constant float8 := extract(epoch from at)::numeric % 5;
begin
  -- The oldest slot is forgotten when the newest one is over, then one every five seconds.
  for n in 1..13 loop
    excess := excess - slots[n];
    if excess <= 0 then
      return ceil(n * 5 - into_slot);
    end if;
  end loop;
  return 65;
end $$;
comment on function private.seconds_until_room is 'When so much of what the slots hold will have left the minute; 65 where more is asked than a minute allows.';

create function private.say_rate_refusal(rate_limit public.rate_limits, unit text, at timestamptz, excess bigint, needed bigint)
  returns jsonb
  language plpgsql stable set search_path = '' as $$
begin
  return jsonb_build_object('scope', rate_limit.scope, 'unit', unit, 'limit', case unit
      when 'requests' then rate_limit.requests_per_minute when 'tokens' then rate_limit.tokens_per_minute
      else rate_limit.max_open_calls end, 'needed', needed,
    'scope_name', private.scope_name(rate_limit.scope, rate_limit.scope_id::text),
    'retry_after_seconds', case unit when 'requests' then private.seconds_until_room(rate_limit.request_slots, excess, at)
      when 'tokens' then private.seconds_until_room(rate_limit.token_slots, excess, at) else 1 end);
end $$;

create function private.count_in_rate_limits(rate_limit_ids uuid[], calls int, tokens bigint, at timestamptz,
  out refusal jsonb, out rates jsonb)
  language plpgsql set search_path = '' as $$
declare
  now_slot constant bigint := floor(extract(epoch from at) / 5);
  each public.rate_limits;
  room bigint;
  requests_room bigint;
  requests_limit bigint;
  tokens_room bigint;
  tokens_limit bigint;
  limits_open_calls boolean := false;
begin
  for each in
    -- Who came later may have been served before: slots never move back.
    update public.rate_limits r set slot = greatest(r.slot, now_slot),
      request_slots = private.move_slots(r.request_slots, now_slot - r.slot, calls),
      token_slots = private.move_slots(r.token_slots, now_slot - r.slot, tokens),
      open_calls = case when r.max_open_calls is not null then r.open_calls + calls else 0 end
    where r.id = any (rate_limit_ids) returning r.*
  loop
    if each.requests_per_minute is not null then
      room := each.requests_per_minute - private.sum_slots(each.request_slots);
      if room < 0 then
        refusal := private.say_rate_refusal(each, 'requests', at, -room, calls);
      end if;
      if requests_room is null or room < requests_room then
        requests_room := room;
        requests_limit := each.requests_per_minute;
      end if;
    end if;
    if each.tokens_per_minute is not null then
      room := each.tokens_per_minute - private.sum_slots(each.token_slots);
      if room < 0 then
        refusal := private.say_rate_refusal(each, 'tokens', at, -room, tokens);
      end if;
      if tokens_room is null or room < tokens_room then
        tokens_room := room;
        tokens_limit := each.tokens_per_minute;
      end if;
    end if;
    limits_open_calls := limits_open_calls or each.max_open_calls is not null;
    if each.open_calls > each.max_open_calls then
      refusal := private.say_rate_refusal(each, 'open_calls', at, 0, calls);
    end if;
  end loop;
  -- Everything was just counted in the newest slot, the last to be forgotten.
  rates := jsonb_build_object('reset_seconds', 65 - (extract(epoch from at) % 5)::int, 'limits_open_calls', limits_open_calls,
    'requests', case when requests_limit is not null then jsonb_build_object('limit', requests_limit, 'remaining',
      case when refusal is null then requests_room else greatest(least(requests_room + calls, requests_limit), 0) end) end,
    'tokens', case when tokens_limit is not null then jsonb_build_object('limit', tokens_limit, 'remaining',
      case when refusal is null then tokens_room else greatest(least(tokens_room + tokens, tokens_limit), 0) end) end);
  if refusal is not null then
    perform private.take_back_in_rate_limits(rate_limit_ids, calls, tokens);
  end if;
end $$;
comment on function private.count_in_rate_limits is 'Counts so many calls and their tokens in every one of these limits, or in none and says which is reached. The organization''s counter is locked before. rates: the least that is left, of what is limited, and whether the calls at once are.';

create function private.take_back_in_rate_limits(rate_limit_ids uuid[], calls int, tokens bigint) returns void
  language plpgsql set search_path = '' as $$
begin
  update public.rate_limits r set request_slots = private.move_slots(r.request_slots, 0, -calls),
    token_slots = private.move_slots(r.token_slots, 0, -tokens),
    open_calls = case when r.max_open_calls is not null then r.open_calls - calls else 0 end
  where r.id = any (rate_limit_ids);
end $$;
comment on function private.take_back_in_rate_limits is 'Undoes what was counted in this transaction.';

create function private.hold_tokens(scope_ids uuid[], organization uuid, added bigint) returns void
  language plpgsql set search_path = '' as $$
declare
  now_slot constant bigint := floor(extract(epoch from clock_timestamp()) / 5);
begin
  update public.rate_limits r set slot = greatest(r.slot, now_slot),
    request_slots = private.move_slots(r.request_slots, now_slot - r.slot, 0),
    token_slots = private.move_slots(r.token_slots, now_slot - r.slot, added)
  where r.organization_id = organization and r.scope_id = any (scope_ids) and r.tokens_per_minute is not null;
end $$;
comment on function private.hold_tokens is 'Counts what an open call''s hold has grown by. The organization''s counter is locked before.';

create function private.settle_in_rate_limits(entries public.ai_usage[], organization uuid, sign int) returns void
  language plpgsql set search_path = '' as $$
declare
  now_slot constant bigint := floor(extract(epoch from clock_timestamp()) / 5);
  each public.rate_limits;
  call record;
  age bigint;
begin
  for each in
    select * from public.rate_limits r
    where r.organization_id = organization and coalesce(r.tokens_per_minute, r.max_open_calls) is not null
  loop
    each.token_slots := private.move_slots(each.token_slots, now_slot - each.slot, 0);
    each.request_slots := private.move_slots(each.request_slots, now_slot - each.slot, 0);
    each.slot := greatest(each.slot, now_slot);
    for call in
      select each.slot - floor(extract(epoch from e.created_at) / 5)::bigint as age,
        e.input_tokens + e.output_tokens - e.held_input_tokens - e.held_output_tokens as more_tokens
      from unnest(entries) e
      where e.organization_id = organization
        and each.scope_id in (e.organization_id, e.project_id, e.proxy_key_id, e.credential_id)
    loop
      each.open_calls := case when each.max_open_calls is not null then each.open_calls - sign else 0 end;
      -- Tokens beyond the hold count now. What was held in vain is given back where it was counted, if that is still
      -- within the minute. A call that is reopened was settled at its hold.
      age := case when call.more_tokens > 0 then 0 else greatest(call.age, 0) end;
      if sign > 0 and age < 13 then
        each.token_slots[13 - age] := each.token_slots[13 - age] + call.more_tokens;
      end if;
    end loop;
    update public.rate_limits r set slot = each.slot, request_slots = each.request_slots, token_slots = each.token_slots,
      open_calls = each.open_calls
    where r.id = each.id;
  end loop;
end $$;
comment on function private.settle_in_rate_limits is 'Closed calls (sign 1) are open no more, and count with the tokens they used; reopened ones (-1) are open again. The organization''s counter is locked before.';

-- § Personal keys ----------------------------------------------------------------------------------------------
-- Members mint keys for themselves where an admin has set what each may spend with them a month. That cap is a hard
-- budget of the user whom all calls of their personal keys are attributed to.

create function public.mint_personal_key(project_id uuid, name text, options jsonb default '{}')
  returns table (id uuid, key text)
  -- definer: neither keys nor budgets are insertable by members
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  member constant uuid := auth.uid();
  organization public.organizations;
  cap public.budgets;
begin
  -- Locked, so that the setting cannot move between the key and its cap; nor can its member be removed meanwhile.
  select o.* into organization from public.projects p join public.organizations o on o.id = p.organization_id
  where p.id = mint_personal_key.project_id and o.id in (select private.my_organization_ids()) for share of o;
  if not found or organization.id not in (select private.my_organization_ids()) then
    perform private.refuse(404, 'project_not_found');
  end if;
  if organization.personal_key_limit_usd is null then
    perform private.refuse(403, 'personal_keys_off');
  end if;
  if (select count(*) from public.proxy_keys k
      where k.organization_id = organization.id and k.member_id = member and k.revoked_at is null) >= 20 then
    perform private.refuse(409, 'too_many_personal_keys', '{"limit": 20}');
  end if;
  return query select * from private.mint_proxy_key_as(member, mint_personal_key.project_id, mint_personal_key.name,
    coalesce(mint_personal_key.options, '{}'), member);
  -- Locked, so that it cannot go or soften before this key is seen.
  perform from public.budgets b where b.organization_id = organization.id
    and b.scope_key = 'user:' || member and b.period = 'month' and b.mode = 'hard' for share;
  if not found then
    cap.organization_id := organization.id;
    cap.scope := 'user';
    cap.scope_id := member;
    cap.period := 'month';
    cap.limit_usd := organization.personal_key_limit_usd;
    cap := private.open_budget(cap);
    insert into public.budgets as b (organization_id, scope, scope_id, period, limit_usd, created_by, window_start, window_end,
      spent_usd, held_usd, warned_percent)
    values (cap.organization_id, cap.scope, cap.scope_id, cap.period, cap.limit_usd, null, cap.window_start, cap.window_end,
      cap.spent_usd, cap.held_usd, cap.warned_percent)
    -- What an admin set for this person stays, but it must hold.
    on conflict (organization_id, scope_key, period) do update set mode = 'hard';
  end if;
end $$;
comment on function public.mint_personal_key is 'Makes a key for the caller''s own calls, below the monthly cap that an admin set, and answers it, this once. Options as for mint_proxy_key.';
grant execute on function public.mint_personal_key to authenticated;

create function private.on_budgets_cap_change() returns trigger
  -- definer: keys are looked up past the policies
  language plpgsql security definer set search_path = '' as $$
begin
  if (tg_op = 'DELETE' or new.mode <> 'hard')
    and exists (select from public.proxy_keys k where k.organization_id = old.organization_id
      and k.member_id::text = old.scope_id and k.revoked_at is null)
    -- A deleted organization takes all along.
    and exists (select from public.organizations o where o.id = old.organization_id) then
    perform private.refuse(409, 'budget_caps_personal_keys');
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger budgets_cap_deletion before delete on public.budgets
  for each row when (old.scope = 'user' and old.period = 'month') execute function private.on_budgets_cap_change();
create trigger budgets_cap_mode before update of mode on public.budgets
  for each row when (old.scope = 'user' and old.period = 'month') execute function private.on_budgets_cap_change();

create function private.on_personal_key_limit_change() returns trigger
  -- definer: budgets are found past the policies
  language plpgsql security definer set search_path = '' as $$
begin
  -- Caps that were set for one person by hand stay.
  update public.budgets b set limit_usd = new.personal_key_limit_usd
  where b.organization_id = new.id and b.scope = 'user' and b.period = 'month' and b.raised_until is null
    and b.limit_usd = old.personal_key_limit_usd
    and exists (select from public.proxy_keys k where k.organization_id = new.id and k.member_id::text = b.scope_id);
  update public.budgets b set regular_limit_usd = new.personal_key_limit_usd
  where b.organization_id = new.id and b.scope = 'user' and b.period = 'month'
    and b.regular_limit_usd = old.personal_key_limit_usd
    and exists (select from public.proxy_keys k where k.organization_id = new.id and k.member_id::text = b.scope_id);
  return null;
end $$;
create trigger organizations_personal_key_limit after update of personal_key_limit_usd on public.organizations
  for each row when (old.personal_key_limit_usd <> new.personal_key_limit_usd)
  execute function private.on_personal_key_limit_change();

-- § Rollups ----------------------------------------------------------------------------------------------------
-- Settlement writes one signed delta; folding moves deltas into rollups with one delete … returning; readers add
-- what is not folded yet. A quarter of an hour is the grain, because some zones are that far off. Charts and totals are
-- read from sums by day of the organization's zone, one dimension at a time, so that they cost the same however many
-- calls there were.

create table private.usage_deltas (
  -- No key of its own and no foreign key: each would cost every call, and a delta lives for seconds.
  organization_id uuid not null,
  bucket_at timestamptz not null,
  project_id uuid not null,
  proxy_key_id uuid not null,
  user_id text not null,
  agent_id text not null,
  provider text not null,
  model text not null,
  calls int not null,
  errors int not null,
  refusals int not null,
  input_tokens bigint not null,
  cache_read_tokens bigint not null,
  output_tokens bigint not null,
  cost_usd numeric(20, 10) not null,
  latency_bucket smallint,
  tags text[] not null
);
comment on table private.usage_deltas is 'Settlements not yet folded into the rollups.';
create index usage_deltas_organization_index on private.usage_deltas (organization_id);
alter table private.usage_deltas enable row level security;
create policy "members read usage deltas as far back as their plan shows" on private.usage_deltas
  for select to authenticated using (organization_id in (select private.my_organization_ids())
    and bucket_at >= ((select private.my_history_starts()) ->> organization_id::text)::timestamptz);
grant select on private.usage_deltas to authenticated;

create table public.usage_rollups (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  bucket_at timestamptz not null,
  project_id uuid not null,
  proxy_key_id uuid not null,
  -- '' where a call was attributed to nobody, so that the key has no nulls
  user_id text not null,
  agent_id text not null,
  provider text not null,
  model text not null,
  calls bigint not null,
  errors bigint not null,
  refusals bigint not null,
  input_tokens bigint not null,
  cache_read_tokens bigint not null,
  output_tokens bigint not null,
  cost_usd numeric(20, 10) not null,
  primary key (organization_id, bucket_at, project_id, proxy_key_id, user_id, agent_id, provider, model)
) with (fillfactor = 70);
comment on table public.usage_rollups is 'Sums of settled calls by quarter hour. Read through public.usage_facts, which adds what is not folded yet.';
alter table public.usage_rollups enable row level security;
create policy "members read usage rollups as far back as their plan shows" on public.usage_rollups
  for select to authenticated using (organization_id in (select private.my_organization_ids())
    and bucket_at >= ((select private.my_history_starts()) ->> organization_id::text)::timestamptz);
grant select on public.usage_rollups to authenticated;

create table public.usage_quarters (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  bucket_at timestamptz not null,
  calls bigint not null,
  errors bigint not null,
  refusals bigint not null,
  input_tokens bigint not null,
  cache_read_tokens bigint not null,
  output_tokens bigint not null,
  cost_usd numeric(20, 10) not null,
  primary key (organization_id, bucket_at)
) with (fillfactor = 70);
comment on table public.usage_quarters is 'Sums of all settled calls by quarter hour: what a part of a day is added up from.';
alter table public.usage_quarters enable row level security;
create policy "members read usage quarters as far back as their plan shows" on public.usage_quarters
  for select to authenticated using (organization_id in (select private.my_organization_ids())
    and bucket_at >= ((select private.my_history_starts()) ->> organization_id::text)::timestamptz);
grant select on public.usage_quarters to authenticated;

create table public.usage_latency_rollups (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  bucket_at timestamptz not null,
  -- Percentiles do not add, histograms do. Bucket n holds 10 ms × 1.25^n up to 1.25 times that.
  latency_bucket smallint not null,
  calls bigint not null,
  primary key (organization_id, bucket_at, latency_bucket)
) with (fillfactor = 70);
comment on table public.usage_latency_rollups is 'Histogram of latencies of succeeded calls, by quarter hour.';
alter table public.usage_latency_rollups enable row level security;
create policy "members read usage latency rollups as far back as their plan shows" on public.usage_latency_rollups
  for select to authenticated using (organization_id in (select private.my_organization_ids())
    and bucket_at >= ((select private.my_history_starts()) ->> organization_id::text)::timestamptz);
grant select on public.usage_latency_rollups to authenticated;

create table public.usage_tag_rollups (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  bucket_at timestamptz not null,
  -- '' for calls without any; a call with several counts with each of them
  tag text not null,
  calls bigint not null,
  errors bigint not null,
  refusals bigint not null,
  input_tokens bigint not null,
  cache_read_tokens bigint not null,
  output_tokens bigint not null,
  cost_usd numeric(20, 10) not null,
  primary key (organization_id, bucket_at, tag)
) with (fillfactor = 70);
comment on table public.usage_tag_rollups is 'Sums of settled calls by quarter hour and tag, folded ones only.';
alter table public.usage_tag_rollups enable row level security;
create policy "members read usage tag rollups as far back as their plan shows" on public.usage_tag_rollups
  for select to authenticated using (organization_id in (select private.my_organization_ids())
    and bucket_at >= ((select private.my_history_starts()) ->> organization_id::text)::timestamptz);
grant select on public.usage_tag_rollups to authenticated;

create function private.tags_or_none(tags text[]) returns setof text
  language plpgsql immutable set search_path = '' as $$
begin
  return query select distinct t from unnest(case when tags = '{}' then array[''] else tags end) t;
end $$;
comment on function private.tags_or_none is 'Each tag once; '''' where there is none.';

create table public.usage_sums (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  -- all, model (key: provider/model), project, proxy_key, user, agent or tag
  dimension text not null,
  -- 1, 8 or 64: spans nest, so that any range of days is a few of them.
  span_days int not null,
  -- The first of the span, in the zone that private.usage_calendars says.
  day date not null,
  -- '' for all, and where a call was attributed to nobody or has no tag
  key text not null,
  calls bigint not null,
  errors bigint not null,
  refusals bigint not null,
  input_tokens bigint not null,
  cache_read_tokens bigint not null,
  output_tokens bigint not null,
  cost_usd numeric(20, 10) not null,
  primary key (organization_id, dimension, span_days, day, key)
) with (fillfactor = 70);
comment on table public.usage_sums is 'Sums of settled calls by spans of days and one dimension at a time. Folded ones only: reports add what is not folded yet.';
alter table public.usage_sums enable row level security;
-- A day that began before the plan's history is not whole in it.
create policy "members read usage sums as far back as their plan shows" on public.usage_sums
  for select to authenticated using (organization_id in (select private.my_organization_ids())
    and day > ((select private.my_history_starts()) ->> organization_id::text)::timestamptz);
grant select on public.usage_sums to authenticated;

create table public.usage_latency_sums (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  span_days int not null,
  day date not null,
  latency_bucket smallint not null,
  calls bigint not null,
  primary key (organization_id, span_days, day, latency_bucket)
) with (fillfactor = 70);
comment on table public.usage_latency_sums is 'As usage_sums, the histogram of latencies of succeeded calls.';
alter table public.usage_latency_sums enable row level security;
create policy "members read usage latency sums as far back as their plan shows" on public.usage_latency_sums
  for select to authenticated using (organization_id in (select private.my_organization_ids())
    and day > ((select private.my_history_starts()) ->> organization_id::text)::timestamptz);
grant select on public.usage_latency_sums to authenticated;

create table private.usage_calendars (
  organization_id uuid primary key references public.organizations (id) on delete cascade,
  time_zone text not null
);
comment on table private.usage_calendars is 'The zone that an organization''s sums by day are in. Where it is not the organization''s own (which moved), reports read quarter hours until the days are counted anew.';
alter table private.usage_calendars enable row level security;
create policy "members read usage calendars" on private.usage_calendars
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
grant select on private.usage_calendars to authenticated;

create view public.usage_facts with (security_invoker = true) as
  select organization_id, bucket_at, project_id, proxy_key_id, user_id, agent_id, provider, model,
    calls, errors, refusals, input_tokens, cache_read_tokens, output_tokens, cost_usd
  from public.usage_rollups
  union all
  select organization_id, bucket_at, project_id, proxy_key_id, user_id, agent_id, provider, model,
    calls, errors, refusals, input_tokens, cache_read_tokens, output_tokens, cost_usd
  from private.usage_deltas;
comment on view public.usage_facts is 'Rollups and what is not folded yet; sum over it for exact figures up to the last settled call.';
grant select on public.usage_facts to authenticated;

create view public.usage_logs with (security_invoker = true) as
  select id, input_tokens as tokens_in, output_tokens as tokens_out, cost_usd as cost, model, created_at as "timestamp",
    organization_id as organization, project_id as project, proxy_key_id as api_key
  from public.ai_usage
  where settled_at is not null;
comment on view public.usage_logs is 'The ledger with the columns of the SpendAI document.';
grant select on public.usage_logs to authenticated;

create function private.add_to_quarters(entries private.usage_deltas[]) returns void
  language plpgsql set search_path = '' as $$
begin
  insert into public.usage_rollups as r
  select organization_id, bucket_at, project_id, proxy_key_id, user_id, agent_id, provider, model,
    sum(calls), sum(errors), sum(refusals), sum(input_tokens), sum(cache_read_tokens), sum(output_tokens), sum(cost_usd)
  from unnest(entries) group by 1, 2, 3, 4, 5, 6, 7, 8
  on conflict (organization_id, bucket_at, project_id, proxy_key_id, user_id, agent_id, provider, model) do update set
    calls = r.calls + excluded.calls, errors = r.errors + excluded.errors, refusals = r.refusals + excluded.refusals,
    input_tokens = r.input_tokens + excluded.input_tokens,
    cache_read_tokens = r.cache_read_tokens + excluded.cache_read_tokens,
    output_tokens = r.output_tokens + excluded.output_tokens, cost_usd = r.cost_usd + excluded.cost_usd;
  insert into public.usage_quarters as q
  select organization_id, bucket_at, sum(calls), sum(errors), sum(refusals), sum(input_tokens), sum(cache_read_tokens),
    sum(output_tokens), sum(cost_usd)
  from unnest(entries) group by 1, 2
  on conflict (organization_id, bucket_at) do update set
    calls = q.calls + excluded.calls, errors = q.errors + excluded.errors, refusals = q.refusals + excluded.refusals,
    input_tokens = q.input_tokens + excluded.input_tokens,
    cache_read_tokens = q.cache_read_tokens + excluded.cache_read_tokens,
    output_tokens = q.output_tokens + excluded.output_tokens, cost_usd = q.cost_usd + excluded.cost_usd;
  insert into public.usage_latency_rollups as l
  select organization_id, bucket_at, latency_bucket, sum(calls)
  from unnest(entries) where latency_bucket is not null group by 1, 2, 3
  on conflict (organization_id, bucket_at, latency_bucket) do update set calls = l.calls + excluded.calls;
end $$;
comment on function private.add_to_quarters is 'Adds to what is kept by quarter hour.';

create function private.span_start(day date, span_days int) returns date
  language plpgsql immutable set search_path = '' as $$
begin
  return day - (day - date '2000-01-01') % span_days;
end $$;
comment on function private.span_start is 'The first day of the span of so many days that a day is in.';

create function private.add_to_days(entries private.usage_deltas[]) returns void
  language plpgsql set search_path = '' as $$
begin
  insert into public.usage_sums as s
  select organization_id, dimension, span_days, private.span_start(on_day, span_days), key,
    sum(calls), sum(errors), sum(refusals), sum(input_tokens), sum(cache_read_tokens), sum(output_tokens), sum(cost_usd)
  from (
    select e.organization_id, k.dimension, (e.bucket_at at time zone c.time_zone)::date as on_day, k.key,
      sum(e.calls) as calls, sum(e.errors) as errors, sum(e.refusals) as refusals, sum(e.input_tokens) as input_tokens,
      sum(e.cache_read_tokens) as cache_read_tokens, sum(e.output_tokens) as output_tokens, sum(e.cost_usd) as cost_usd
    from unnest(entries) e join private.usage_calendars c using (organization_id)
    cross join lateral (
      values ('all', ''), ('model', e.provider || '/' || e.model), ('project', e.project_id::text),
        ('proxy_key', e.proxy_key_id::text), ('user', e.user_id), ('agent', e.agent_id)
      union all select 'tag', t from private.tags_or_none(e.tags) t
    ) k (dimension, key)
    group by 1, 2, 3, 4
  ) by_day cross join (values (1), (8), (64)) spans (span_days)
  group by 1, 2, 3, 4, 5
  on conflict (organization_id, dimension, span_days, day, key) do update set
    calls = s.calls + excluded.calls, errors = s.errors + excluded.errors, refusals = s.refusals + excluded.refusals,
    input_tokens = s.input_tokens + excluded.input_tokens,
    cache_read_tokens = s.cache_read_tokens + excluded.cache_read_tokens,
    output_tokens = s.output_tokens + excluded.output_tokens, cost_usd = s.cost_usd + excluded.cost_usd;
end $$;
comment on function private.add_to_days is 'Adds to the sums by day, of every dimension and span.';

create function private.add_to_tags(entries private.usage_deltas[]) returns void
  language plpgsql set search_path = '' as $$
begin
  insert into public.usage_tag_rollups as r
  select organization_id, bucket_at, tag, sum(calls), sum(errors), sum(refusals), sum(input_tokens), sum(cache_read_tokens),
    sum(output_tokens), sum(cost_usd)
  from unnest(entries) cross join lateral private.tags_or_none(tags) tag group by 1, 2, 3
  on conflict (organization_id, bucket_at, tag) do update set calls = r.calls + excluded.calls,
    errors = r.errors + excluded.errors, refusals = r.refusals + excluded.refusals,
    input_tokens = r.input_tokens + excluded.input_tokens,
    cache_read_tokens = r.cache_read_tokens + excluded.cache_read_tokens,
    output_tokens = r.output_tokens + excluded.output_tokens, cost_usd = r.cost_usd + excluded.cost_usd;
end $$;

create function private.add_to_latency_days(entries private.usage_deltas[]) returns void
  language plpgsql set search_path = '' as $$
begin
  insert into public.usage_latency_sums as s
  select organization_id, span_days, private.span_start(on_day, span_days), latency_bucket, sum(calls)
  from (
    select e.organization_id, (e.bucket_at at time zone c.time_zone)::date as on_day, e.latency_bucket, sum(e.calls) as calls
    from unnest(entries) e join private.usage_calendars c using (organization_id)
    where e.latency_bucket is not null group by 1, 2, 3
  ) by_day cross join (values (1), (8), (64)) spans (span_days)
  group by 1, 2, 3, 4
  on conflict (organization_id, span_days, day, latency_bucket) do update set calls = s.calls + excluded.calls;
end $$;
comment on function private.add_to_latency_days is 'Adds to the histograms by day, of every span.';

create function private.fold_usage() returns bigint
  language plpgsql set search_path = '' as $$
declare
  organizations constant uuid[] := array(select distinct d.organization_id from private.usage_deltas d);
  deltas private.usage_deltas[];
  used jsonb := '{}';
  folded bigint := 0;
begin
  -- Before any delta is taken: who deletes an organization has its row, and then waits for deltas.
  perform from public.organizations o where o.id = any (organizations) order by o.id for key share;
  -- One fold at a time for each organization, and none while its days are counted anew.
  perform from private.usage_calendars c where c.organization_id = any (organizations)
  order by c.organization_id for no key update;
  loop
    with taken as (
      delete from private.usage_deltas d
      where d.ctid in (select ctid from private.usage_deltas where organization_id = any (organizations) limit 20000)
      returning d as delta
    )
    select array_agg(delta) into deltas from taken;
    exit when deltas is null;
    folded := folded + cardinality(deltas);
    perform private.add_to_quarters(deltas);
    perform private.add_to_tags(deltas);
    perform private.add_to_days(deltas);
    perform private.add_to_latency_days(deltas);
    used := used || (select jsonb_object_agg(d.proxy_key_id, greatest(d.at, (used ->> d.proxy_key_id::text)::timestamptz))
      from (select proxy_key_id, max(bucket_at) as at from unnest(deltas) group by 1) d);
  end loop;
  -- Last, and in the order of everyone who locks several keys.
  with moved as (
    select k.id, u.at from public.proxy_keys k
    join (select key::uuid as id, least(value::timestamptz + interval '15 minutes', now()) as at from jsonb_each_text(used)) u
      on u.id = k.id and (k.last_used_at < u.at or k.last_used_at is null)
    order by k.id for no key update of k
  )
  update public.proxy_keys k set last_used_at = m.at from moved m where k.id = m.id;
  return folded;
end $$;
comment on function private.fold_usage is 'Moves deltas into rollups; answers how many. Safe to run at any time and at once with itself.';

create function private.recount_days() returns int
  language plpgsql set search_path = '' as $$
declare
  calendar record;
  from_at timestamptz;
begin
  select c.organization_id, o.time_zone into calendar
  from private.usage_calendars c join public.organizations o on o.id = c.organization_id
  where c.time_zone <> o.time_zone order by c.organization_id limit 1;
  -- As fold_usage locks them; whoever was here first may have done it.
  perform from public.organizations o where o.id = calendar.organization_id for key share;
  perform from private.usage_calendars c
  where c.organization_id = calendar.organization_id and c.time_zone <> calendar.time_zone for no key update;
  if not found then
    return 0;
  end if;
  delete from public.usage_sums s where s.organization_id = calendar.organization_id;
  delete from public.usage_latency_sums s where s.organization_id = calendar.organization_id;
  update private.usage_calendars c set time_zone = calendar.time_zone where c.organization_id = calendar.organization_id;
  -- Month by month, since the entries are held in memory. Those know no tags.
  for from_at in
    select distinct date_trunc('month', q.bucket_at, 'UTC') from public.usage_quarters q
    where q.organization_id = calendar.organization_id
  loop
    perform private.add_to_days(array_agg(row(r.organization_id, r.bucket_at, r.project_id, r.proxy_key_id, r.user_id,
      r.agent_id, r.provider, r.model, r.calls, r.errors, r.refusals, r.input_tokens, r.cache_read_tokens, r.output_tokens,
      r.cost_usd, null, null)::private.usage_deltas))
    from public.usage_rollups r
    where r.organization_id = calendar.organization_id
      and r.bucket_at >= from_at and r.bucket_at < from_at + interval '1 month';
    perform private.add_to_latency_days(array_agg(row(l.organization_id, l.bucket_at, l.organization_id, l.organization_id,
      '', '', '', '', l.calls, 0, 0, 0, 0, 0, 0, l.latency_bucket, null)::private.usage_deltas))
    from public.usage_latency_rollups l
    where l.organization_id = calendar.organization_id
      and l.bucket_at >= from_at and l.bucket_at < from_at + interval '1 month';
  end loop;
  insert into public.usage_sums
  select t.organization_id, 'tag', spans.days,
    private.span_start((t.bucket_at at time zone calendar.time_zone)::date, spans.days), t.tag, sum(t.calls), sum(t.errors),
    sum(t.refusals), sum(t.input_tokens), sum(t.cache_read_tokens), sum(t.output_tokens), sum(t.cost_usd)
  from public.usage_tag_rollups t cross join (values (1), (8), (64)) spans (days)
  where t.organization_id = calendar.organization_id
  group by 1, 3, 4, 5;
  return 1;
end $$;
comment on function private.recount_days is 'Counts the days of one organization anew that moved to another zone, from the quarter hours. The only time that a sum is not added to but made again.';

create function private.split_range(organization_id uuid, from_at timestamptz, to_at timestamptz)
  returns table (time_zone text, starts_at timestamptz, days_from_at timestamptz, days_to_at timestamptz, ends_at timestamptz,
    first_day date, after_day date)
  language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  counted_in text;
begin
  select o.time_zone, c.time_zone into time_zone, counted_in
  from public.organizations o left join private.usage_calendars c on c.organization_id = o.id
  where o.id = split_range.organization_id;
  -- Days beyond these have no sums, and infinity is not on any day.
  starts_at := least(greatest(from_at, '2000-01-01Z'), '2200-01-01Z');
  ends_at := least(greatest(to_at, '2000-01-01Z'), '2200-01-01Z');
  first_day := (starts_at at time zone time_zone)::date;
  if private.day_start(first_day, time_zone) < starts_at then
    first_day := first_day + 1;
  end if;
  after_day := (ends_at at time zone time_zone)::date;
  days_from_at := private.day_start(first_day, time_zone);
  days_to_at := private.day_start(after_day, time_zone);
  if first_day >= after_day or counted_in is distinct from time_zone then
    first_day := after_day;
    days_from_at := ends_at;
    days_to_at := ends_at;
  end if;
  return next;
end $$;
comment on function private.split_range is 'Splits a range of time into what is before, in and after its whole days in the organization''s zone; where those are not counted in this zone yet, all of it is before.';

create function private.day_spans(first_day date, after_day date, by_day boolean)
  returns table (span_days int, from_day date, to_day date)
  language plpgsql immutable rows 5 set search_path = '' as $$
declare
  first_8 constant date := private.span_start(first_day + 7, 8);
  after_8 constant date := private.span_start(after_day, 8);
  first_64 constant date := private.span_start(first_8 + 63, 64);
  after_64 constant date := private.span_start(after_8, 64);
begin
  if by_day or first_8 >= after_8 then
    return query values (1, first_day, after_day);
  elsif first_64 >= after_64 then
    return query values (1, first_day, first_8), (8, first_8, after_8), (1, after_8, after_day);
  else
    return query values (1, first_day, first_8), (8, first_8, first_64), (64, first_64, after_64),
      (8, after_64, after_8), (1, after_8, after_day);
  end if;
end $$;
comment on function private.day_spans is 'The longest spans that a range of days is made of, as ranges of their first days; single days if asked.';

create function private.usage_key(dimension text, project_id uuid, proxy_key_id uuid, user_id text, agent_id text,
  provider text, model text) returns text
  language plpgsql immutable set search_path = '' as $$
begin
  return case dimension when 'all' then '' when 'model' then provider || '/' || model when 'project' then project_id::text
    when 'proxy_key' then proxy_key_id::text when 'user' then user_id when 'agent' then agent_id end;
end $$;
comment on function private.usage_key is 'What a fact is counted under in a dimension of public.usage_sums, but for tags.';

create function private.sum_usage(organization_id uuid, dimension text, from_at timestamptz, to_at timestamptz,
  by_day boolean default false)
  returns table (day date, key text, calls bigint, errors bigint, refusals bigint, input_tokens bigint,
    output_tokens bigint, cost_usd numeric)
  language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  part record;
begin
  select * into part from private.split_range(sum_usage.organization_id, sum_usage.from_at, sum_usage.to_at);
  return query
    select f.day, f.key, sum(f.calls)::bigint, sum(f.errors)::bigint, sum(f.refusals)::bigint, sum(f.input_tokens)::bigint,
      sum(f.output_tokens)::bigint, sum(f.cost_usd)
    from (
      select case when by_day then s.day end as day, s.key, s.calls, s.errors, s.refusals, s.input_tokens, s.output_tokens,
        s.cost_usd
      from private.day_spans(part.first_day, part.after_day, by_day) r
      join public.usage_sums s on s.organization_id = sum_usage.organization_id and s.dimension = sum_usage.dimension
        and s.span_days = r.span_days and s.day >= r.from_day and s.day < r.to_day
      union all
      select case when by_day then (q.bucket_at at time zone part.time_zone)::date end, '', q.calls, q.errors, q.refusals,
        q.input_tokens, q.output_tokens, q.cost_usd
      from (values (part.starts_at, part.days_from_at), (part.days_to_at, part.ends_at)) edge (from_at, to_at)
      join public.usage_quarters q on q.organization_id = sum_usage.organization_id
        and q.bucket_at >= edge.from_at and q.bucket_at < edge.to_at
      where sum_usage.dimension = 'all'
      union all
      select case when by_day then (u.bucket_at at time zone part.time_zone)::date end,
        private.usage_key(sum_usage.dimension, u.project_id, u.proxy_key_id, u.user_id, u.agent_id, u.provider, u.model),
        u.calls, u.errors, u.refusals, u.input_tokens, u.output_tokens, u.cost_usd
      from (values (part.starts_at, part.days_from_at), (part.days_to_at, part.ends_at)) edge (from_at, to_at)
      join public.usage_rollups u on u.organization_id = sum_usage.organization_id
        and u.bucket_at >= edge.from_at and u.bucket_at < edge.to_at
      where sum_usage.dimension not in ('all', 'tag')
      union all
      select case when by_day then (t.bucket_at at time zone part.time_zone)::date end, t.tag, t.calls, t.errors, t.refusals,
        t.input_tokens, t.output_tokens, t.cost_usd
      from (values (part.starts_at, part.days_from_at), (part.days_to_at, part.ends_at)) edge (from_at, to_at)
      join public.usage_tag_rollups t on t.organization_id = sum_usage.organization_id
        and t.bucket_at >= edge.from_at and t.bucket_at < edge.to_at
      where sum_usage.dimension = 'tag'
      union all
      select case when by_day then (d.bucket_at at time zone part.time_zone)::date end, k.key,
        d.calls, d.errors, d.refusals, d.input_tokens, d.output_tokens, d.cost_usd
      from private.usage_deltas d
      cross join lateral (
        select private.usage_key(sum_usage.dimension, d.project_id, d.proxy_key_id, d.user_id, d.agent_id, d.provider,
          d.model) as key where sum_usage.dimension <> 'tag'
        union all select t from private.tags_or_none(d.tags) t where sum_usage.dimension = 'tag'
      ) k
      where d.organization_id = sum_usage.organization_id and d.bucket_at >= part.starts_at and d.bucket_at < part.ends_at
    ) f
    group by 1, 2
    -- What was taken out again was not there.
    having sum(f.calls) <> 0 or sum(f.cost_usd) <> 0;
end $$;
comment on function private.sum_usage is 'Sums of settled calls between two instants (quarter-hour grain) per key of a dimension, by day in the organization''s zone if asked; exact up to the last settled call.';

-- § Internal calls ---------------------------------------------------------------------------------------------
-- What the product itself asks models. The caller chooses the id before it calls, so the call is admitted once however
-- often it is sent; its answer is kept until it is taken, so that it outlives whoever asked; and it can be cut off here.

create table private.internal_calls (
  call_id uuid primary key,
  -- No foreign key: it would be checked while the counter is held. Deleting the organization deletes its rows.
  organization_id uuid not null,
  task_id text,
  -- When it was admitted. Null: it was cut off before.
  created_at timestamptz,
  cancelled_at timestamptz,
  settled_at timestamptz,
  status public.call_status,
  error_code text,
  -- As the client was answered, while nobody has taken it.
  answer text,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  cost_usd numeric(20, 10),
  -- What of it the caller has added to its own sums.
  counted_usd numeric(20, 10)
);
comment on table private.internal_calls is 'Calls made with an internal key, by the id that the caller chose, with the answer until it is taken.';
create index internal_calls_organization_index on private.internal_calls (organization_id);
create index internal_calls_uncounted_index on private.internal_calls (settled_at)
  where settled_at is not null and counted_usd is distinct from cost_usd;
create index internal_calls_over_index on private.internal_calls ((coalesce(settled_at, cancelled_at)));
alter table private.internal_calls enable row level security;

create function private.cancel_internal_call(call_id uuid, organization_id uuid, task_id text) returns void
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  insert into private.internal_calls as i (call_id, organization_id, task_id, cancelled_at)
  values (cancel_internal_call.call_id, cancel_internal_call.organization_id, cancel_internal_call.task_id, clock_timestamp())
  on conflict (call_id) do update set cancelled_at = coalesce(i.cancelled_at, excluded.cancelled_at)
  where i.settled_at is null;
  perform pg_catalog.pg_notify('call_freezes', '');
end $$;
comment on function private.cancel_internal_call is 'Cuts a call off: the proxy that makes it cancels upstream at once, and one that was not admitted yet never is.';

create function private.settle_internal_calls(entries public.ai_usage[], settlements jsonb) returns void
  language plpgsql set search_path = '' as $$
begin
  update private.internal_calls i set settled_at = e.settled_at, status = e.status, error_code = e.error_code,
    answer = s.settlement ->> 'answer', input_tokens = e.input_tokens, output_tokens = e.output_tokens,
    cost_usd = coalesce(e.cost_usd, 0)
  from unnest(entries) e
  left join lateral (select s as settlement from jsonb_array_elements(settlements) s
    where (s ->> 'id')::uuid = e.id limit 1) s on true
  where i.call_id = e.id;
end $$;
comment on function private.settle_internal_calls is 'Writes the answers of calls down with their settlement: one is never there without the other.';

create function private.forget_internal_calls(at timestamptz) returns int
  language plpgsql set search_path = '' as $$
declare
  forgotten int;
begin
  delete from private.internal_calls i where i.call_id in (
    select old.call_id from private.internal_calls old
    where coalesce(old.settled_at, old.cancelled_at) < at - interval '7 days'
    order by coalesce(old.settled_at, old.cancelled_at) limit 5000);
  get diagnostics forgotten = row_count;
  return forgotten;
end $$;
comment on function private.forget_internal_calls is 'Deletes what was settled or cut off a week ago; answers how many.';
select cron.schedule('forget-internal-calls', '27 * * * *', 'select private.forget_internal_calls(now())');

-- § The calls --------------------------------------------------------------------------------------------------
-- The hot path: one statement finds all there is to know, one writes. plpgsql throughout, which keeps its plans (SQL
-- functions are planned at every call).

create function private.model_is_allowed(allowed_models text[], provider text, model text) returns boolean
  language plpgsql immutable set search_path = '' as $$
begin
  return allowed_models is null or exists (
    select from unnest(allowed_models) allowed
    cross join lateral (select replace(replace(replace(replace(allowed, '\', '\\'), '%', '\%'), '_', '\_'), '*', '%') as pattern) p
    where model like p.pattern or provider || '/' || model like p.pattern
  );
end $$;
comment on function private.model_is_allowed is 'Whether an allowlist lets a model through; * stands for anything, null for every model.';

create function private.write_deltas(entries public.ai_usage[], sign int) returns void
  language plpgsql set search_path = '' as $$
begin
  insert into private.usage_deltas (organization_id, bucket_at, project_id, proxy_key_id, user_id, agent_id, provider, model,
    calls, errors, refusals, input_tokens, cache_read_tokens, output_tokens, cost_usd, latency_bucket, tags)
  select e.organization_id, date_bin('15 minutes', e.created_at, '2000-01-01Z'), e.project_id, e.proxy_key_id,
    coalesce(e.user_id, ''), coalesce(e.agent_id, ''), e.provider, e.model, sign,
    case when e.status in ('failed', 'expired') then sign else 0 end, case when e.status = 'refused' then sign else 0 end,
    sign * e.input_tokens, sign * e.cache_read_tokens, sign * e.output_tokens, sign * coalesce(e.cost_usd, 0),
    case when e.status = 'succeeded' then least(greatest(floor(
      ln(greatest(e.latency_ms::float8, 1) / 10) / ln(1.25::float8)), 0), 60) end, e.tags
  from unnest(entries) e;
end $$;
comment on function private.write_deltas is 'Adds (sign 1) closed entries to the rollups, or takes them out again (-1).';

create function private.refuse_call(call jsonb, proxy_key_id uuid, code text, details jsonb, rates jsonb default null) returns jsonb
  language plpgsql set search_path = '' as $$
declare
  at constant timestamptz := clock_timestamp();
  key public.proxy_keys;
  entry public.ai_usage;
begin
  select * into key from public.proxy_keys k where k.id = refuse_call.proxy_key_id;
  -- Its deletion waits for this, or has taken everything along.
  perform from private.spend_counters c where c.organization_id = key.organization_id for key share;
  if not found then
    return '{"ok": false, "code": "invalid_proxy_key", "details": {}}';
  end if;
  insert into public.ai_usage (id, organization_id, project_id, proxy_key_id, user_id, agent_id, task_id, tags,
    dialect, operation, provider, model, is_stream, status, error_code, cost_usd, request_id, created_at, settled_at)
  values ((call ->> 'id')::uuid, key.organization_id, key.project_id, key.id,
    coalesce(key.member_id::text, call ->> 'user_id'), call ->> 'agent_id', call ->> 'task_id',
    array(select jsonb_array_elements_text(coalesce(call -> 'tags', '[]'))),
    call ->> 'dialect', call ->> 'operation', coalesce(call ->> 'provider', ''), call ->> 'model',
    coalesce((call ->> 'stream')::boolean, false), 'refused', code, 0, call ->> 'id', at, at)
  returning * into entry;
  perform private.write_deltas(array[entry], 1);
  return jsonb_build_object('ok', false, 'code', code, 'organization_id', key.organization_id, 'rates', rates, 'details',
    coalesce(details, jsonb_build_object('provider', call ->> 'provider', 'model', call ->> 'model')));
end $$;
comment on function private.refuse_call is 'Writes the ledger row of a call that was not let through, and answers the refusal; of a key that is not known there is no row.';

create function private.open_window(organization_id uuid, at timestamptz) returns private.spend_counters
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  counter private.spend_counters;
begin
  perform from private.spend_counters c where c.organization_id = open_window.organization_id for update;
  -- A month that has ended takes its spending with it; what is held stays held. After a change of zone, part of the
  -- window that ended may be in the new one as well.
  insert into private.spend_counters as c (organization_id, window_start, window_end)
  select o.id, w.window_start, w.window_end
  from public.organizations o cross join lateral private.budget_window('month', o.time_zone, at) w
  where o.id = open_window.organization_id
  on conflict (organization_id) do update set version = c.version + 1,
    spent_usd = (select coalesce(sum(u.cost_usd), 0) from public.ai_usage u
      where u.organization_id = excluded.organization_id and u.created_at >= excluded.window_start
        and coalesce(u.settled_at, 'infinity') < 'infinity'),
    window_start = excluded.window_start, window_end = excluded.window_end
  where c.window_end <= at;
  select * into counter from private.spend_counters c where c.organization_id = open_window.organization_id;
  return counter;
end $$;
comment on function private.open_window is 'The organization''s counter, of the month that this instant is in.';

create function private.on_organizations_insert() returns trigger
  -- definer: nobody writes counters directly
  language plpgsql security definer set search_path = '' as $$
begin
  -- Before the first call: a change that came at once with it would not find the version it has to move.
  perform private.open_window(new.id, now());
  insert into private.usage_calendars values (new.id, new.time_zone);
  return null;
end $$;
create trigger organizations_insert after insert on public.organizations
  for each row execute function private.on_organizations_insert();

create function private.find_candidates(key public.proxy_keys, provider text, model text, providers jsonb, at timestamptz,
  out candidates private.call_candidate[], out model_alias text, out refusal text)
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  allows_unpriced constant boolean := (select o.allows_unpriced_models from public.organizations o where o.id = key.organization_id);
  targets text[];
  seen record;
begin
  select a.targets, a.name into targets, model_alias from public.model_aliases a
  where a.organization_id = key.organization_id and a.name = find_candidates.model;
  if targets is null and find_candidates.provider is not null then
    targets := array[find_candidates.provider || '/' || find_candidates.model];
  end if;
  with named as (
    select t.place, split_part(t.target, '/', 1) as provider, substr(t.target, position('/' in t.target) + 1) as model
    from unnest(targets) with ordinality as t (target, place)
  ), allowed as (
    select n.*, p as price from named n
    cross join lateral private.find_organization_price(key.organization_id, n.provider,
      private.find_model(n.provider, n.model), 'standard', at) p
    where private.model_is_allowed(key.allowed_models, n.provider, n.model)
      or model_alias is not null and private.model_is_allowed(key.allowed_models, 'alias', model_alias)
  ), priced as (
    select * from allowed a where (a.price).id is not null or allows_unpriced
  )
  select (select count(*) from named n where providers is null or providers ? n.provider) as are_served,
    (select count(*) from allowed) as are_allowed, (select count(*) from priced) as are_priced, array_agg(row(p.place, p.provider, p.model, c.id,
      c.provider = 'sandbox', c.priority, c.weight, r.id, p.price, e.output_tokens, jsonb_build_object(
        'provider', p.provider, 'model', p.model,
        'credential', jsonb_build_object('id', c.id, 'ciphertext', s.ciphertext, 'is_sandbox', c.provider = 'sandbox'),
        'price', case when (p.price).id is not null then jsonb_build_object(
          'input', (p.price).input_usd_per_mtok::text, 'cache_read', (p.price).cache_read_usd_per_mtok::text,
          'cache_write_5m', (p.price).cache_write_5m_usd_per_mtok::text,
          'cache_write_1h', (p.price).cache_write_1h_usd_per_mtok::text,
          'output', (p.price).output_usd_per_mtok::text, 'context_tiers', (p.price).context_tiers) end)
    )::private.call_candidate order by p.place, c.priority desc, c.created_at) filter (where c.id is not null) as candidates
  into seen
  from priced p
  -- The sandbox stands in for a provider without a key, never for one that fails.
  left join public.provider_credentials c on c.organization_id = key.organization_id and c.is_active
    and (c.provider = p.provider or c.provider = 'sandbox' and not exists (
      select from public.provider_credentials real
      where real.organization_id = key.organization_id and real.is_active and real.provider = p.provider))
  left join private.provider_credential_secrets s on s.credential_id = c.id
  left join public.rate_limits r on r.organization_id = key.organization_id and r.scope_id = c.id
  left join private.output_estimates e on e.proxy_key_id = key.id and e.model = p.model;
  -- Nor does it stand in for a model of another provider.
  candidates := case when exists (select from unnest(seen.candidates) c where not c.is_sandbox)
    then array(select c from unnest(seen.candidates) c where not c.is_sandbox) else seen.candidates end;
  refusal := case when targets is null then 'model_not_found' when seen.are_served = 0 then 'wrong_endpoint'
    when seen.are_allowed = 0 then 'model_not_allowed' when seen.are_priced = 0 then 'model_not_found'
    when candidates is null then 'no_provider_credential' end;
end $$;
comment on function private.find_candidates is 'Who may serve a key''s calls of a model or an alias, in the order of asking; or why nobody may.';

create function private.learn_call_facts(call jsonb, at timestamptz, out facts private.call_facts, out refusal text,
  out refusal_details jsonb)
  language plpgsql set search_path = '' as $$
declare
  key public.proxy_keys;
  project public.projects;
  organization public.organizations;
  found_candidates record;
  frozen jsonb;
  secret_until timestamptz;
begin
  select k.* into key from private.proxy_key_hashes h join public.proxy_keys k on k.id = h.proxy_key_id
  where h.public_id = call ->> 'key_id' and h.key_hash = call ->> 'key_hash';
  if not found then
    refusal := 'invalid_proxy_key';
    return;
  end if;
  facts.proxy_key_id := key.id;
  -- The version is read first: what is read after it is at least as new.
  facts.facts_version := (private.open_window(key.organization_id, at)).facts_version;
  select * into key from public.proxy_keys where id = key.id;
  select h.valid_until into secret_until from private.proxy_key_hashes h where h.public_id = call ->> 'key_id';
  select * into project from public.projects p where p.id = key.project_id;
  select * into organization from public.organizations where id = key.organization_id;
  frozen := private.find_freeze(key.organization_id, key.project_id, key.id);
  found_candidates := private.find_candidates(key, call ->> 'provider', call ->> 'model', call -> 'providers', at);
  refusal := case
    when key.revoked_at is not null then 'proxy_key_revoked'
    when key.expires_at <= at then 'proxy_key_expired'
    when secret_until <= at then 'proxy_key_rotated'
    when project.archived_at is not null then 'project_archived'
    when frozen is not null then 'frozen'
    else found_candidates.refusal
  end;
  if refusal is not null then
    refusal_details := case when refusal = 'frozen' then frozen end;
    return;
  end if;
  facts.candidates := found_candidates.candidates;
  facts.model_alias := found_candidates.model_alias;
  select coalesce(l.amount, 0), l.is_unlimited into facts.limit_usd, facts.is_unlimited
  from private.limit_of(key.organization_id, 'ai_budget_usd_month') l;
  facts.public_id := call ->> 'key_id';
  facts.provider := coalesce(call ->> 'provider', '');
  facts.model := call ->> 'model';
  facts.key_hash := call ->> 'key_hash';
  facts.valid_until := least(key.expires_at, secret_until, at + interval '1 day', (
    select min(p.valid_from) from unnest(facts.candidates) c
    join public.model_prices p on p.provider = (c.price).provider and p.model = (c.price).model and p.valid_from > at
      and not p.is_superseded and (p.organization_id is null or p.organization_id = key.organization_id)));
  facts.organization_id := key.organization_id;
  facts.project_id := key.project_id;
  facts.member_id := key.member_id;
  facts.limit_usd := coalesce(facts.limit_usd, 0);
  facts.is_unlimited := coalesce(facts.is_unlimited, false);
  facts.has_budgets := exists (select from public.budgets b where b.organization_id = key.organization_id);
  facts.rate_limit_ids := array(select r.id from public.rate_limits r where r.organization_id = key.organization_id
    and r.scope_id in (key.organization_id, key.project_id, key.id));
  facts.answer := jsonb_build_object('ok', true, 'organization_id', key.organization_id, 'project_id', key.project_id,
    'cache_seconds', key.cache_seconds,
    'on_client_abort', organization.on_client_abort, 'max_attempts', organization.max_attempts,
    'bodies', case when project.body_logging <> 'none' then jsonb_build_object('logging', project.body_logging,
      'project_id', key.project_id) end);
  insert into private.call_facts select facts.*
  on conflict (public_id, provider, model) do update set key_hash = excluded.key_hash,
    facts_version = excluded.facts_version, valid_until = excluded.valid_until, project_id = excluded.project_id,
    candidates = excluded.candidates, model_alias = excluded.model_alias, limit_usd = excluded.limit_usd,
    is_unlimited = excluded.is_unlimited, has_budgets = excluded.has_budgets,
    rate_limit_ids = excluded.rate_limit_ids, answer = excluded.answer;
end $$;
comment on function private.learn_call_facts is 'Finds out whether and how a key may call a model, and remembers it; or says why it may not.';

create function private.choose_candidate(candidates private.call_candidate[], providers jsonb, attempts jsonb, at timestamptz)
  returns private.call_candidate
  language plpgsql set search_path = '' as $$
declare
  now_slot constant bigint := floor(extract(epoch from at) / 5);
  chosen private.call_candidate;
begin
  -- The usual case: there is one.
  if cardinality(candidates) = 1 and attempts = '[]' then
    return case when providers is null or providers ? candidates[1].provider then candidates[1] end;
  end if;
  select c.* into chosen
  from unnest(candidates) c
  left join public.credential_health h on h.credential_id = c.credential_id
  left join public.rate_limits r on r.id = c.rate_limit_id
  cross join lateral (
    select count(*) as times, coalesce(bool_or(a ->> 'code' = 'provider_credential_rejected'), false) as is_rejected
    from jsonb_array_elements(attempts) a
    where a ->> 'credential_id' = c.credential_id::text and a ->> 'model' = c.model
  ) asked
  where (providers is null or providers ? c.provider) and not asked.is_rejected
    -- Nobody waits longer than this for one that has just failed.
    and (asked.times = 0 or h.avoided_until is null or h.avoided_until <= at + interval '3 seconds')
  order by asked.times, coalesce(h.avoided_until > at, false)
      or coalesce(private.sum_slots(private.move_slots(r.request_slots, now_slot - r.slot, 1)) > r.requests_per_minute, false)
      or coalesce(private.sum_slots(private.move_slots(r.token_slots, now_slot - r.slot, 1)) > r.tokens_per_minute, false)
      or coalesce(r.open_calls >= r.max_open_calls, false),
    c.place, c.priority desc, -ln(1 - random()) / c.weight
  limit 1;
  return chosen;
end $$;
comment on function private.choose_candidate is 'Who is to be asked next: least often asked for this call, then who is well and has room, then by place, priority and weight. Null when nobody is left.';

create function private.output_to_hold(operation text, usual_tokens bigint, maximum bigint) returns bigint
  language plpgsql immutable set search_path = '' as $$
begin
  -- What this key's calls really return, never beyond what the client allowed. Before a key has a history, a thousand
  -- tokens cover most answers.
  return case when operation in ('embeddings', 'count_tokens') then 0
    -- What images take is known from what was asked.
    when operation in ('images.generations', 'images.edits') then coalesce(maximum, 0)
    else greatest(least(coalesce(usual_tokens, 1000), maximum), 0) end;
end $$;

create function private.usd_to_hold(operation text, price public.model_prices, input_tokens bigint, output_tokens bigint)
  returns numeric
  language plpgsql immutable set search_path = '' as $$
declare
  media constant jsonb := private.guess_media(operation, input_tokens, output_tokens);
begin
  -- Counting tokens is free.
  return case when operation = 'count_tokens' then 0 else
    coalesce(private.price_usage(price, row(input_tokens, 0, 0, 0, output_tokens)::private.token_usage)
      + case when media is null then 0 else private.price_media(price, media) end, 0) end;
end $$;

create function private.reserve_alike(calls jsonb) returns jsonb
  language plpgsql set search_path = '' as $$
declare
  at constant timestamptz := clock_timestamp();
  how_many constant int := jsonb_array_length(calls);
  call constant jsonb := calls -> 0;
  facts private.call_facts;
  learnt record;
  must_learn boolean;
  times_learnt int := 0;
  others private.call_candidate[];
  candidate private.call_candidate;
  rate_limit_ids uuid[];
  spender text;
  output_tokens bigint[];
  usd numeric[];
  total_tokens bigint;
  total_usd numeric;
  remaining_usd numeric;
  rates jsonb;
  in_budgets record;
  refusal text;
  refusal_details jsonb;
  answer jsonb;
  tags text[] := '{}';
begin
  if how_many > 1 and (call -> 'is_internal')::boolean then
    return null;
  end if;
  if call -> 'tags' <> '[]' then
    tags := array(select jsonb_array_elements_text(call -> 'tags'));
  end if;
  select * into facts from private.call_facts f
  where f.public_id = call ->> 'key_id' and f.provider = coalesce(call ->> 'provider', '') and f.model = call ->> 'model'
    and f.key_hash = call ->> 'key_hash' and f.valid_until > at;
  must_learn := not found;
  while times_learnt < 3 loop
    if must_learn then
      must_learn := false;
      times_learnt := times_learnt + 1;
      learnt := private.learn_call_facts(call, at);
      facts := learnt.facts;
      refusal := learnt.refusal;
      refusal_details := learnt.refusal_details;
      exit when refusal is not null;
    end if;
    -- A personal key's calls are its member's, whatever they say.
    spender := coalesce(facts.member_id::text, call ->> 'user_id');

    candidate := private.choose_candidate(facts.candidates, call -> 'providers', '[]', at);
    if candidate.credential_id is null then
      refusal := 'wrong_endpoint';
      exit;
    end if;
    rate_limit_ids := facts.rate_limit_ids || candidate.rate_limit_id;
    total_usd := 0;
    total_tokens := 0;
    for n in 1..how_many loop
      output_tokens[n] := private.output_to_hold(call ->> 'operation', candidate.usual_output_tokens,
        (calls -> n - 1 ->> 'max_output_tokens')::bigint);
      usd[n] := private.usd_to_hold(call ->> 'operation', candidate.price, (calls -> n - 1 ->> 'input_tokens')::bigint,
        output_tokens[n]);
      total_usd := total_usd + usd[n];
      if call ->> 'operation' <> 'count_tokens' then
        total_tokens := total_tokens + (calls -> n - 1 ->> 'input_tokens')::bigint + output_tokens[n];
      end if;
    end loop;

    update private.spend_counters s set held_usd = s.held_usd + total_usd, version = s.version + 1
    where s.organization_id = facts.organization_id and s.facts_version = facts.facts_version and s.window_end > at
      and (facts.is_unlimited or facts.limit_usd > 0 and s.spent_usd + s.held_usd + total_usd <= facts.limit_usd)
    returning case when not facts.is_unlimited then facts.limit_usd - s.spent_usd - s.held_usd end into remaining_usd;
    if found then
      -- No other call of this organization can be admitted meanwhile.
      if (call -> 'is_internal')::boolean then
        if exists (select from private.internal_calls i where i.call_id = (call ->> 'id')::uuid) then
          update private.spend_counters s set held_usd = s.held_usd - total_usd
          where s.organization_id = facts.organization_id;
          -- Without a row in the ledger, which has one of this id.
          return '[{"ok": false, "code": "call_repeated", "details": {}}]';
        end if;
      end if;
      select c.refusal, c.rates into refusal_details, rates
      from private.count_in_rate_limits(rate_limit_ids, how_many, total_tokens, at) c;
      if refusal_details ->> 'scope' = 'credential' then
        -- It was chosen before the lock, and its minute may be full by now. Another one may have room.
        others := array(select c from unnest(facts.candidates) c where c.credential_id <> candidate.credential_id
          and (call -> 'providers' is null or call -> 'providers' ? c.provider));
        if cardinality(others) > 0 then
          facts.candidates := others;
          update private.spend_counters s set held_usd = s.held_usd - total_usd
          where s.organization_id = facts.organization_id;
          continue;
        end if;
      end if;
      if refusal_details is not null then
        refusal := 'rate_limited';
      elsif facts.has_budgets then
        in_budgets := private.hold_in_budgets(facts.organization_id, private.scope_keys(facts.organization_id,
          facts.project_id, facts.proxy_key_id, spender, call ->> 'agent_id', tags), total_usd, at);
        if in_budgets.refusal is not null then
          perform private.take_back_in_rate_limits(rate_limit_ids, how_many, total_tokens);
          refusal := 'budget_exceeded';
          refusal_details := in_budgets.refusal;
        end if;
        remaining_usd := least(remaining_usd, in_budgets.remaining_usd);
      end if;
      if refusal is not null then
        update private.spend_counters s set held_usd = s.held_usd - total_usd
        where s.organization_id = facts.organization_id;
        exit;
      end if;
      insert into public.ai_usage (id, organization_id, project_id, proxy_key_id, credential_id, user_id, agent_id, task_id,
        tags, dialect, operation, provider, model, model_alias, is_stream, is_sandbox, status, held_usd, held_input_tokens,
        held_output_tokens, max_output_tokens, model_price_id, request_id, created_at, lease_until)
      select (c ->> 'id')::uuid, facts.organization_id, facts.project_id, facts.proxy_key_id, candidate.credential_id, spender,
        call ->> 'agent_id', c ->> 'task_id', tags, call ->> 'dialect', call ->> 'operation', candidate.provider, candidate.model,
        facts.model_alias, coalesce((c -> 'stream')::boolean, false), candidate.is_sandbox, 'reserved', usd[n],
        (c ->> 'input_tokens')::bigint, output_tokens[n], (c ->> 'max_output_tokens')::bigint, (candidate.price).id,
        (c ->> 'id')::uuid, at, at + make_interval(secs => (call -> 'lease_seconds')::float8)
      from jsonb_array_elements(calls) with ordinality as e (c, n);
      if (call -> 'is_internal')::boolean then
        -- One that is being cut off this moment stays so: its proxy hears of it.
        insert into private.internal_calls (call_id, organization_id, task_id, created_at)
        values ((call ->> 'id')::uuid, facts.organization_id, call ->> 'task_id', at)
        on conflict (call_id) do update set created_at = excluded.created_at;
      end if;
      answer := facts.answer || candidate.answer || jsonb_build_object('created_at', at,
        'budget_remaining_usd', remaining_usd::text, 'rates', rates);
      return (select jsonb_agg(answer || jsonb_build_object('held_output_tokens', tokens)) from unnest(output_tokens) tokens);
    end if;
    -- Refused by facts that were just learnt: it is the budget. By remembered ones: they may be old.
    if times_learnt > 0 then
      select 'budget_exceeded', jsonb_build_object('scope', 'plan', 'limit_usd', facts.limit_usd::text,
        'spent_usd', s.spent_usd::text, 'held_usd', s.held_usd::text, 'needed_usd', total_usd::text, 'period', 'month',
        'resets_at', s.window_end)
      into refusal, refusal_details
      from private.spend_counters s
      where s.organization_id = facts.organization_id and s.facts_version = facts.facts_version and s.window_end > at;
      exit when found;
    end if;
    must_learn := true;
  end loop;

  if how_many > 1 then
    return null;
  end if;
  return jsonb_build_array(private.refuse_call(call, facts.proxy_key_id, coalesce(refusal, 'budget_exceeded'),
    refusal_details, rates));
end $$;
comment on function private.reserve_alike is 'Admits calls that differ in size only, in one go; a single one may be refused, of several null says that not all can be admitted.';

-- What the proxy calls is planned once, and looks rows up by key, whatever the planner thinks: these tables have few rows
-- and change all the time, so that reading one from end to end looks cheap and means thousands of dead rows a moment later.
create function private.reserve_calls(calls jsonb) returns jsonb
  -- definer: the proxy's login sees no table
  language plpgsql security definer set search_path = ''
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off
  set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  may_differ constant text[] := '{id,task_id,stream,input_tokens,max_output_tokens}';
  are_alike boolean := true;
  alike record;
  answers jsonb;
  answer_at jsonb[] := '{}';
begin
  if calls = '[]' then
    return calls;
  end if;
  for n in 1..jsonb_array_length(calls) - 1 loop
    are_alike := are_alike and (calls -> n) - may_differ = (calls -> 0) - may_differ;
  end loop;
  if are_alike then
    answers := private.reserve_alike(calls);
    if answers is not null then
      return answers;
    end if;
  end if;
  -- Several calls in one transaction: take the counters in one order, so that batches cannot deadlock.
  perform from private.spend_counters c
  where c.organization_id in (
    select k.organization_id from jsonb_array_elements(calls) e
    join private.proxy_key_hashes h on h.public_id = e ->> 'key_id' join public.proxy_keys k on k.id = h.proxy_key_id
  )
  order by c.organization_id for update;
  for alike in
    select jsonb_agg(e.call order by e.place) as calls, array_agg(e.place order by e.place) as places
    from jsonb_array_elements(calls) with ordinality as e (call, place)
    group by e.call - may_differ
    order by min(e.place)
  loop
    answers := private.reserve_alike(alike.calls);
    for n in 1..cardinality(alike.places) loop
      -- Where there is no room for all, each is decided by itself.
      answer_at[alike.places[n]] := coalesce(answers -> (n - 1),
        private.reserve_alike(jsonb_build_array(alike.calls -> (n - 1))) -> 0);
    end loop;
  end loop;
  return to_jsonb(answer_at);
end $$;
comment on function private.reserve_calls is 'Admits calls: key, model, credential, rate limits, budgets, hold and ledger row, in one transaction. Same order in and out.';

create function private.hold_more(open_call public.open_calls, added_usd numeric) returns jsonb
  language plpgsql set search_path = '' as $$
declare
  budget record;
  in_budgets record;
begin
  select coalesce(l.amount, 0) as limit_usd, l.is_unlimited into budget
  from private.limit_of(open_call.organization_id, 'ai_budget_usd_month') l;
  update private.spend_counters c set held_usd = c.held_usd + added_usd
  where c.organization_id = open_call.organization_id
    and (budget.is_unlimited or c.spent_usd + c.held_usd + added_usd <= budget.limit_usd);
  if not found then
    return jsonb_build_object('limit_usd', budget.limit_usd::text, 'needed_usd', added_usd::text);
  end if;
  in_budgets := private.hold_in_budgets(open_call.organization_id, private.scope_keys(open_call.organization_id,
    open_call.project_id, open_call.proxy_key_id, open_call.user_id, open_call.agent_id, open_call.tags), added_usd, now());
  if in_budgets.refusal is not null then
    update private.spend_counters c set held_usd = c.held_usd - added_usd
    where c.organization_id = open_call.organization_id;
  end if;
  return in_budgets.refusal;
end $$;
comment on function private.hold_more is 'Holds more for an open call, in its counter and every budget, or answers which has no room.';

create function private.cost_of_attempts(attempts jsonb) returns numeric
  language plpgsql immutable set search_path = '' as $$
begin
  return case when attempts is null then 0
    else (select coalesce(sum((a ->> 'cost_usd')::numeric), 0) from jsonb_array_elements(attempts) a) end;
end $$;

create function private.count_open(organization_id uuid, credential_id uuid, change int) returns void
  language plpgsql set search_path = '' as $$
begin
  update public.rate_limits r set open_calls = r.open_calls + change
  where r.organization_id = count_open.organization_id and r.scope_id = count_open.credential_id
    and r.max_open_calls is not null;
end $$;

create function private.repeat_reroute(open_call public.open_calls, call jsonb, at timestamptz) returns jsonb
  language plpgsql set search_path = '' as $$
declare
  learnt record;
  candidate private.call_candidate;
begin
  learnt := private.learn_call_facts(call, at);
  select c.* into candidate from unnest((learnt.facts).candidates) c
  where c.credential_id = open_call.credential_id and c.model = open_call.model;
  if not found then
    return jsonb_build_object('ok', false, 'code', coalesce(learnt.refusal, 'nobody_left'),
      'details', coalesce(learnt.refusal_details, '{}'));
  end if;
  return candidate.answer || jsonb_build_object('ok', true, 'held_output_tokens', open_call.held_output_tokens,
    'is_repeated', open_call.attempts -> -1 ->> 'credential_id' = open_call.credential_id::text);
end $$;
comment on function private.repeat_reroute is 'What reroute_call answered, whose answer was lost: who is to be asked is in the call''s row, and counted.';

create function private.refuse_reroute(call_id uuid, code text, details jsonb default null) returns jsonb
  language plpgsql set search_path = '' as $$
begin
  -- Not among the attempts: the last one is what the call itself is settled as, which also says what went wrong with it.
  update public.open_calls o set error_code = refuse_reroute.code where o.id = refuse_reroute.call_id;
  return jsonb_build_object('ok', false, 'code', code, 'details', coalesce(details, '{}'));
end $$;
comment on function private.refuse_reroute is 'Nobody else is asked. The code stays with the open call, for a reroute that is told again.';

create function private.reroute_call(reroute jsonb) returns jsonb
  language plpgsql set search_path = '' as $$
declare
  at constant timestamptz := clock_timestamp();
  call constant jsonb := reroute -> 'call';
  open_call public.open_calls;
  price public.model_prices;
  failed_attempts jsonb;
  learnt record;
  candidate private.call_candidate;
  expected_tokens bigint;
  added_usd numeric;
  refusal jsonb;
begin
  select * into open_call from public.open_calls o where o.id = (call ->> 'id')::uuid for update;
  if not found then
    return '{"ok": false, "code": "call_not_open", "details": {}}';
  end if;
  if jsonb_array_length(open_call.attempts) >= (reroute ->> 'failed_attempts')::int then
    return private.repeat_reroute(open_call, call, at);
  end if;
  -- Nobody was left the first time: the call is about to be settled as failed.
  if open_call.error_code is not null then
    return jsonb_build_object('ok', false, 'code', open_call.error_code, 'details', '{}'::jsonb);
  end if;
  select * into price from public.model_prices p where p.id = open_call.model_price_id;
  failed_attempts := coalesce(open_call.attempts, '[]') || jsonb_build_array(reroute -> 'attempt' || jsonb_build_object(
    'credential_id', open_call.credential_id, 'provider', open_call.provider, 'model', open_call.model,
    'cost_usd', (private.price_usage(price,
      jsonb_populate_record(null::private.token_usage, reroute #> '{attempt,usage}'))
      + private.price_media(price, private.guess_media(open_call.operation,
        (reroute #>> '{attempt,usage,input_tokens}')::bigint, (reroute #>> '{attempt,usage,output_tokens}')::bigint)))::text));
  perform from private.spend_counters c where c.organization_id = open_call.organization_id for update;
  perform private.record_upstream_failure(open_call.organization_id, open_call.credential_id, reroute -> 'attempt', at);
  learnt := private.learn_call_facts(call, at);
  if learnt.refusal is not null then
    return private.refuse_reroute(open_call.id, learnt.refusal, learnt.refusal_details);
  end if;
  if jsonb_array_length(failed_attempts) < ((learnt.facts).answer ->> 'max_attempts')::int then
    candidate := private.choose_candidate((learnt.facts).candidates, call -> 'providers', failed_attempts, at);
  end if;
  if candidate.credential_id is null then
    return private.refuse_reroute(open_call.id, 'nobody_left');
  end if;
  expected_tokens := private.output_to_hold(open_call.operation, candidate.usual_output_tokens, open_call.max_output_tokens);
  -- One attempt is open at a time, and each is a request of its own to its provider.
  perform private.count_open(open_call.organization_id, open_call.credential_id, -1);
  select c.refusal into refusal
  from private.count_in_rate_limits(array[candidate.rate_limit_id], 1, open_call.held_input_tokens + expected_tokens, at) c;
  if refusal is null then
    -- The hold goes on to the next attempt, which may be dearer; what the others cost is spent in any case.
    added_usd := greatest(private.usd_to_hold(open_call.operation, candidate.price, open_call.held_input_tokens, expected_tokens)
      + private.cost_of_attempts(failed_attempts) - open_call.held_usd, 0);
    refusal := case when added_usd > 0 then private.hold_more(open_call, added_usd) end;
    if refusal is not null then
      perform private.take_back_in_rate_limits(array[candidate.rate_limit_id], 1, open_call.held_input_tokens + expected_tokens);
    end if;
  end if;
  if refusal is not null then
    perform private.count_open(open_call.organization_id, open_call.credential_id, 1);
    return private.refuse_reroute(open_call.id, 'nobody_left');
  end if;
  perform private.hold_tokens(array[open_call.organization_id, open_call.project_id, open_call.proxy_key_id],
    open_call.organization_id, expected_tokens - open_call.held_output_tokens);
  update public.open_calls o set provider = candidate.provider, model = candidate.model, attempts = failed_attempts,
    credential_id = candidate.credential_id, is_sandbox = candidate.is_sandbox, model_price_id = (candidate.price).id,
    held_usd = o.held_usd + added_usd, held_output_tokens = expected_tokens,
    lease_until = at + make_interval(secs => (call ->> 'lease_seconds')::float8)
  where o.id = open_call.id;
  return candidate.answer || jsonb_build_object('ok', true, 'held_output_tokens', expected_tokens,
    'is_repeated', candidate.credential_id = open_call.credential_id);
end $$;

create function private.reroute_calls(reroutes jsonb) returns jsonb
  -- definer: the proxy's login sees no table
  language plpgsql security definer set search_path = ''
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off
  set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  ids constant uuid[] := array(select (r #>> '{call,id}')::uuid from jsonb_array_elements(reroutes) r);
  reroute jsonb;
  answers jsonb := '[]';
begin
  -- In the order of settle_calls.
  perform from public.open_calls o where o.id = any (ids) order by o.id for update;
  for reroute in select value from jsonb_array_elements(reroutes) loop
    answers := answers || jsonb_build_array(private.reroute_call(reroute));
  end loop;
  return answers;
end $$;
comment on function private.reroute_calls is 'Writes down an attempt that failed before its first byte (code, http_status, usage, usage_source, latency_ms, retry_after_seconds), and says who is to be asked next, or nobody_left. Told again (failed_attempts: how many there are by now), it counts nothing twice. Same order in and out.';

create function private.extend_call(extension jsonb) returns jsonb
  language plpgsql set search_path = '' as $$
declare
  open_call public.open_calls;
  observed constant bigint := coalesce((extension ->> 'output_tokens')::bigint, 0);
  price public.model_prices;
  wanted bigint;
  added_usd numeric := 0;
  refusal jsonb;
  frozen jsonb;
begin
  select * into open_call from public.open_calls o where o.id = (extension ->> 'id')::uuid for update;
  if not found then
    return '{"ok": false, "code": "call_not_open", "details": {}}';
  end if;
  if open_call.task_id is not null and exists (select from private.internal_calls i
      where i.call_id = open_call.id and i.cancelled_at is not null) then
    return '{"ok": false, "code": "call_cancelled", "details": {}}';
  end if;
  frozen := private.find_freeze(open_call.organization_id, open_call.project_id, open_call.proxy_key_id);
  if frozen is not null then
    return jsonb_build_object('ok', false, 'code', 'frozen', 'details', frozen);
  end if;
  wanted := open_call.held_output_tokens;
  if observed > wanted then
    -- Half as much again, at least 500 tokens: few steps for long answers, small overshoot for short ones.
    wanted := greatest(least(greatest(observed * 3 / 2, wanted + 500), open_call.max_output_tokens), observed);
    select * into price from public.model_prices p where p.id = open_call.model_price_id;
    added_usd := coalesce(
      private.price_usage(price, row(open_call.held_input_tokens, 0, 0, 0, wanted)::private.token_usage)
      - private.price_usage(price, row(open_call.held_input_tokens, 0, 0, 0, open_call.held_output_tokens)::private.token_usage), 0);
    refusal := private.hold_more(open_call, added_usd);
    if refusal is not null then
      return jsonb_build_object('ok', false, 'code', 'budget_exceeded', 'details', refusal);
    end if;
    perform private.hold_tokens(array[open_call.organization_id, open_call.project_id, open_call.proxy_key_id,
      open_call.credential_id], open_call.organization_id, wanted - open_call.held_output_tokens);
  end if;
  update public.open_calls o set held_usd = o.held_usd + added_usd, held_output_tokens = wanted,
    lease_until = clock_timestamp() + make_interval(secs => (extension ->> 'lease_seconds')::float8)
  where o.id = open_call.id;
  return jsonb_build_object('ok', true, 'held_output_tokens', wanted);
end $$;

create function private.extend_calls(extensions jsonb) returns jsonb
  -- definer: the proxy's login sees no table
  language plpgsql security definer set search_path = ''
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off
  set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  ids constant uuid[] := array(select (e ->> 'id')::uuid from jsonb_array_elements(extensions) e);
  extension jsonb;
  answers jsonb := '[]';
begin
  -- In the order of settle_calls.
  perform from public.open_calls o where o.id = any (ids) order by o.id for update;
  for extension in select value from jsonb_array_elements(extensions) loop
    answers := answers || jsonb_build_array(private.extend_call(extension));
  end loop;
  return answers;
end $$;
comment on function private.extend_calls is 'Renews leases, and grows the hold of a stream that outgrew it (output_tokens: seen so far). Same order in and out.';

create function private.reopen_expired_call(call_id uuid) returns boolean
  language plpgsql set search_path = '' as $$
declare
  entry public.ai_usage;
begin
  delete from public.ai_usage u where u.id = call_id and u.status = 'expired' returning * into entry;
  if not found then
    return false;
  end if;
  perform private.write_deltas(array[entry], -1);
  perform from private.spend_counters c where c.organization_id = entry.organization_id for update;
  update private.spend_counters c set spent_usd = c.spent_usd - coalesce(entry.cost_usd, 0)
  where c.organization_id = entry.organization_id and entry.created_at >= c.window_start;
  perform private.settle_in_budgets(array[entry], entry.organization_id, -1);
  perform private.settle_in_rate_limits(array[entry], entry.organization_id, -1);
  entry.status := 'reserved';
  entry.settled_at := null;
  entry.cost_usd := null;
  -- Its hold was released when it expired.
  entry.held_usd := 0;
  insert into public.ai_usage select entry.*;
  return true;
end $$;
comment on function private.reopen_expired_call is 'Takes the sweeper''s estimate back, so that a late settlement can say what really happened. False when there is none.';

create function private.settle_credential_health(entries public.ai_usage[], settlements jsonb, organization uuid) returns void
  language plpgsql set search_path = '' as $$
begin
  perform private.record_upstream_failure(organization, e.credential_id, s -> 'upstream_failure', clock_timestamp())
  from unnest(entries) e join jsonb_array_elements(settlements) s on (s ->> 'id')::uuid = e.id
  where e.organization_id = organization and e.status <> 'succeeded' and s -> 'upstream_failure' <> 'null';
  if exists (select from public.credential_health h where h.organization_id = organization and h.failures_in_a_row > 0) then
    -- A call that ended well says nothing of failures that came after it began.
    update public.credential_health h set failures_in_a_row = 0, avoided_until = null
    from unnest(entries) e
    where h.credential_id = e.credential_id and e.organization_id = organization and e.status = 'succeeded'
      and not e.is_cached and h.failures_in_a_row > 0 and h.last_failed_at < e.created_at;
  end if;
end $$;
comment on function private.settle_credential_health is 'Holds failures against the credentials that closed calls were made with, and forgets them when one serves again. The organization''s counter is locked before.';

create function private.settle_calls(settlements jsonb) returns jsonb
  -- definer: the proxy's login sees no table
  language plpgsql security definer set search_path = ''
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off
  set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  ids constant uuid[] := array(select (s ->> 'id')::uuid from jsonb_array_elements(settlements) s);
  settled public.ai_usage[];
  late jsonb;
  late_answers jsonb;
  organization uuid;
  open_count int;
begin
  -- Not flushed at once: a settlement lost with the whole server leaves its durable hold, which the sweeper turns
  -- into estimated spend. Nothing is lost, and settling does not wait for the disk.
  perform set_config('synchronous_commit', 'off', true);
  -- Whoever closes or extends calls takes their rows in this order, and counters after them.
  perform from public.open_calls o where o.id = any (ids) order by o.id for update;
  get diagnostics open_count = row_count;
  if open_count < jsonb_array_length(settlements) then
    -- Those that come late take their rows before any counter too, in the order of reprice_usage.
    perform from public.ai_usage u where u.id = any (ids) and u.status = 'expired' order by u.id for update;
  end if;
  with asked as (
    -- Of two settlements of one call the first counts.
    select distinct on (s.id) *, jsonb_populate_record(null::private.token_usage, s.usage) as tokens
    from rows from (jsonb_to_recordset(settlements) as (id uuid, status public.call_status, http_status int,
      error_code text, usage_source public.usage_source, served_model text, usage jsonb, raw_usage jsonb, latency_ms numeric,
      first_byte_ms numeric, overhead_ms numeric, upstream_request_id text, upstream_failure jsonb, is_cached boolean,
      saved_usd numeric)) with ordinality s
    order by s.id, s.ordinality
  ), closed as (
    delete from public.open_calls o where o.id = any (ids) returning o as call
  ), entries as (
    insert into public.ai_usage (id, organization_id, project_id, proxy_key_id, credential_id, user_id, agent_id, task_id,
      tags, dialect, operation, provider, model, model_alias, is_stream, is_sandbox, held_usd, held_input_tokens,
      held_output_tokens, max_output_tokens, model_price_id, attempts, request_id, created_at, settled_at, status, http_status,
      error_code, usage_source, served_model, input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens,
      output_tokens, reasoning_tokens, cost_usd, raw_usage, latency_ms, first_byte_ms, overhead_ms, upstream_request_id,
      service_tier, media, is_cached, saved_usd)
    select (call).id, (call).organization_id, (call).project_id, (call).proxy_key_id, (call).credential_id, (call).user_id,
      (call).agent_id, (call).task_id, (call).tags, (call).dialect, (call).operation, (call).provider, (call).model,
      (call).model_alias, (call).is_stream, (call).is_sandbox, (call).held_usd, (call).held_input_tokens,
      (call).held_output_tokens, (call).max_output_tokens, (call).model_price_id, (call).attempts, (call).request_id,
      (call).created_at, clock_timestamp(), a.status, a.http_status, a.error_code,
      case when (call).attempts @> '[{"usage_source": "estimated"}]' then 'estimated' else a.usage_source end, a.served_model, (a.tokens).input_tokens, (a.tokens).cache_read_tokens,
      (a.tokens).cache_write_5m_tokens, (a.tokens).cache_write_1h_tokens, (a.tokens).output_tokens,
      coalesce((a.usage ->> 'reasoning_tokens')::bigint, 0), case when a.is_cached then 0 else coalesce(private.cost_of_attempts((call).attempts) + private.price_usage(
        case when coalesce(a.usage ->> 'service_tier', 'standard') in ('standard', 'default', 'auto') then p
          else private.find_organization_price((call).organization_id, p.provider, p.model, a.usage ->> 'service_tier',
            (call).created_at) end, a.tokens) + private.price_media(p, m.media),
        -- Without a price for the last one, what the others cost is spent all the same.
        nullif(private.cost_of_attempts((call).attempts), 0)) end,
      nullif(a.raw_usage, 'null'), a.latency_ms, a.first_byte_ms, a.overhead_ms, a.upstream_request_id, a.usage ->> 'service_tier',
      m.media, coalesce(a.is_cached, false), a.saved_usd
    from closed
    join asked a on a.id = (call).id
    cross join lateral (
      select case when a.usage_source = 'reported' then a.usage -> 'media'
        else private.guess_media((call).operation, (a.tokens).input_tokens, (a.tokens).output_tokens) end as media
    ) m
    left join public.model_prices p on p.id = (call).model_price_id
    returning *
  )
  select array_agg(e) into settled from entries e;
  if settled is not null then
    perform private.write_deltas(settled, 1);
    if exists (select from unnest(settled) e where e.task_id is not null) then
      perform private.settle_internal_calls(settled, settlements);
    end if;
    -- Last, so that the counter is locked for a moment only. A call of last month that ends in this one is last
    -- month's spending.
    for organization in select distinct e.organization_id from unnest(settled) e order by 1 loop
      update private.spend_counters c set version = c.version + 1,
        (held_usd, spent_usd) = (
          select c.held_usd - sum(e.held_usd),
            c.spent_usd + coalesce(sum(e.cost_usd) filter (where e.created_at >= c.window_start), 0)
          from unnest(settled) e where e.organization_id = organization)
      where c.organization_id = organization;
      if exists (select from public.budgets b where b.organization_id = organization) then
        perform private.settle_in_budgets(settled, organization, 1);
      end if;
      perform private.settle_in_rate_limits(settled, organization, 1);
      perform private.settle_credential_health(settled, settlements, organization);
      if settlements @> '[{"is_cached": true}]' then
        perform private.add_to_savings(settled, organization);
      end if;
    end loop;
  end if;
  if coalesce(cardinality(settled), 0) < jsonb_array_length(settlements) then
    select jsonb_agg(s) into late from jsonb_array_elements(settlements) s
    where private.reopen_expired_call((s ->> 'id')::uuid);
    late_answers := case when late is not null then private.settle_calls(late) end;
  end if;
  return (
    select jsonb_agg(jsonb_build_object('id', s.id, 'settled', e.id is not null or coalesce(l.settled, false),
      'cost_usd', coalesce(e.cost_usd::text, l.cost_usd)) order by s.ordinality)
    from (
      select *, row_number() over (partition by r.id order by r.ordinality) = 1 as is_first
      from rows from (jsonb_to_recordset(settlements) as (id uuid)) with ordinality r
    ) s
    left join unnest(settled) e on e.id = s.id and s.is_first
    left join jsonb_to_recordset(late_answers) l (id uuid, settled boolean, cost_usd text) on l.id = s.id and s.is_first);
end $$;
comment on function private.settle_calls is 'Prices and closes calls, each once; a second settlement of the same call changes nothing. Same order in and out.';

create function private.sweep_expired_calls() returns int
  language plpgsql set search_path = '' as $$
declare
  open_call public.open_calls;
  swept int := 0;
begin
  for open_call in
    select * from public.open_calls where lease_until < clock_timestamp()
    order by organization_id limit 1000 for update skip locked
  loop
    begin
      perform private.settle_calls(jsonb_build_array(jsonb_build_object(
        'id', open_call.id, 'status', 'expired', 'error_code', 'lease_expired',
        'usage_source', 'estimated', 'usage', jsonb_build_object('input_tokens', open_call.held_input_tokens,
          'cache_read_tokens', 0, 'cache_write_5m_tokens', 0, 'cache_write_1h_tokens', 0,
          'output_tokens', open_call.held_output_tokens))));
      swept := swept + 1;
    exception when others then
      -- It keeps its hold and is tried again; the others are not to wait for it.
      raise warning 'call % cannot be swept: % (%)', open_call.id, sqlerrm, sqlstate;
    end;
  end loop;
  return swept;
end $$;
comment on function private.sweep_expired_calls is 'Settles calls whose process died at what was held for them; answers how many. A late settlement replaces that.';

create function private.refresh_output_estimates() returns int
  language sql set search_path = '' as $$
  with recent as (
    select k.id as proxy_key_id, u.model, u.output_tokens,
      row_number() over (partition by k.id, u.model order by u.created_at desc) as age
    from public.proxy_keys k
    join public.ai_usage u on u.proxy_key_id = k.id and u.organization_id = k.organization_id
    where k.last_used_at > now() - interval '1 hour' and u.created_at > now() - interval '1 day'
      and u.status = 'succeeded' and not u.is_cached and u.operation in ('chat.completions', 'responses', 'messages')
  ), refreshed as (
    insert into private.output_estimates as e (proxy_key_id, model, output_tokens)
    select proxy_key_id, model, greatest(percentile_disc(0.95) within group (order by output_tokens), 16)
    from recent where age <= 200 group by 1, 2 having count(*) >= 20
    on conflict (proxy_key_id, model) do update set output_tokens = excluded.output_tokens, updated_at = now()
    where e.output_tokens <> excluded.output_tokens
    returning e.proxy_key_id, e.model
  ), forgotten as (
    delete from private.call_facts f using refreshed r where f.proxy_key_id = r.proxy_key_id
  ) select count(*)::int from refreshed
$$;
comment on function private.refresh_output_estimates is 'Learns from each active key''s last 200 calls per model what a hold needs to cover; answers how many estimates moved.';

create function private.authenticate_key(key_id text, key_hash text) returns jsonb
  -- definer: the proxy's login sees no table
  language plpgsql stable security definer set search_path = '' as $$
declare
  caller record;
begin
  select k.organization_id, k.project_id, k.allowed_models, case when k.revoked_at is not null then 'proxy_key_revoked'
    when k.expires_at <= now() then 'proxy_key_expired' when h.valid_until <= now() then 'proxy_key_rotated'
    when j.archived_at is not null then 'project_archived' end as refusal
  into caller
  from private.proxy_key_hashes h join public.proxy_keys k on k.id = h.proxy_key_id
  join public.projects j on j.id = k.project_id
  where h.public_id = authenticate_key.key_id and h.key_hash = authenticate_key.key_hash;
  if not found or caller.refusal is not null then
    return jsonb_build_object('ok', false, 'code', coalesce(caller.refusal, 'invalid_proxy_key'));
  end if;
  return jsonb_build_object('ok', true, 'organization_id', caller.organization_id, 'project_id', caller.project_id,
    'models', coalesce((
      select jsonb_agg(jsonb_build_object('id', m.model, 'provider', m.provider, 'display_name', m.display_name,
        'created', extract(epoch from p.created_at)::bigint) order by m.provider, m.position)
      from public.models m
      cross join lateral private.find_model_price(m.provider, m.model, 'standard', now()) p
      where p.id is not null and private.model_is_allowed(caller.allowed_models, m.provider, m.model)
        and exists (select from public.provider_credentials c where c.organization_id = caller.organization_id
          and c.is_active and c.provider in (m.provider, 'sandbox'))), '[]')
      || coalesce((
      select jsonb_agg(jsonb_build_object('id', a.name, 'provider', split_part(a.targets[1], '/', 1), 'display_name', a.name,
        'created', extract(epoch from a.created_at)::bigint) order by a.name)
      from public.model_aliases a
      where a.organization_id = caller.organization_id and (private.model_is_allowed(caller.allowed_models, 'alias', a.name)
        or private.model_is_allowed(caller.allowed_models, split_part(a.targets[1], '/', 1),
          substr(a.targets[1], position('/' in a.targets[1]) + 1)))), '[]'));
end $$;
comment on function private.authenticate_key is 'Who a key is and which models it may call, for GET /v1/models. Writes nothing.';

grant execute on function private.reserve_calls, private.reroute_calls, private.extend_calls, private.settle_calls,
  private.authenticate_key to proxy;

create function private.on_organizations_delete() returns trigger
  -- definer: the ledger is deletable by nobody else
  language plpgsql security definer set search_path = '' as $$
begin
  -- Calls, then the counter, as settling locks them: a reservation under way commits before its row is looked for here.
  perform from public.open_calls where organization_id = old.id order by id for update;
  perform from public.ai_usage u where u.organization_id = old.id and u.status = 'expired' order by u.id for update;
  delete from private.spend_counters where organization_id = old.id;
  delete from private.usage_deltas where organization_id = old.id;
  delete from private.call_facts where organization_id = old.id;
  delete from public.cache_savings where organization_id = old.id;
  delete from private.internal_calls where organization_id = old.id;
  delete from public.ai_usage where organization_id = old.id;
  return old;
end $$;
create trigger organizations_delete before delete on public.organizations
  for each row execute function private.on_organizations_delete();

-- § Reports ----------------------------------------------------------------------------------------------------
-- With the rights of the owner, since a plan bounds the history that is visible, but never the totals of the current
-- month. Money leaves as text, since JSON numbers are floats.

create function private.visible_from(organization_id uuid, from_at timestamptz, is_total boolean) returns timestamptz
  language plpgsql stable set search_path = '' as $$
declare
  starts_at timestamptz := private.history_start(organization_id);
begin
  -- Jobs and the operator see everything, and who is no member nothing.
  if auth.role() is distinct from 'authenticated' then
    return from_at;
  end if;
  if organization_id not in (select private.my_organization_ids()) then
    return 'infinity';
  end if;
  if is_total and starts_at > '-infinity' then
    starts_at := (select least(starts_at, w.window_start) from public.organizations o
      cross join lateral private.budget_window('month', o.time_zone, now()) w where o.id = organization_id);
  end if;
  return greatest(from_at, starts_at);
end $$;
comment on function private.visible_from is 'From when on the caller may see what was asked from an instant on; totals reach back to the beginning of the month at least.';

create function public.spend_status(organization_id uuid)
  returns table (version text, today_usd text, month_usd text, held_usd text, budget_usd text, budget_is_unlimited boolean,
    today_calls bigint, month_calls bigint, month_started_at timestamptz, month_ends_at timestamptz,
    today_started_at timestamptz, history_starts_at timestamptz, first_call_at timestamptz, as_of timestamptz)
  -- definer: the month may reach back further than the plan's history
  language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return query
    select coalesce(c.version, 0)::text, coalesce(today.cost_usd, 0)::text,
      (case when c.window_end > now() then c.spent_usd else 0 end)::text,
      coalesce(c.held_usd, 0)::text, budget.amount::text, coalesce(budget.is_unlimited, false),
      coalesce(today.calls, 0), coalesce(this_month.calls, 0),
      month.window_start, month.window_end, day.window_start, nullif(private.history_start(o.id), '-infinity'),
      coalesce(
        (select private.day_start(min(s.day), o.time_zone) from public.usage_sums s
          where s.organization_id = o.id and s.dimension = 'all' and s.span_days = 1),
        (select min(d.bucket_at) from private.usage_deltas d where d.organization_id = o.id),
        (select min(u.created_at) from public.open_calls u where u.organization_id = o.id)),
      clock_timestamp()
    from public.organizations o
    cross join lateral private.budget_window('month', o.time_zone, now()) month
    cross join lateral private.budget_window('day', o.time_zone, now()) day
    left join lateral private.sum_usage(o.id, 'all', month.window_start, 'infinity') this_month on true
    left join lateral private.sum_usage(o.id, 'all', day.window_start, 'infinity') today on true
    left join lateral private.limit_of(o.id, 'ai_budget_usd_month') budget on true
    left join private.spend_counters c on c.organization_id = o.id
    where o.id = spend_status.organization_id and private.visible_from(o.id, now(), true) < 'infinity';
end $$;
comment on function public.spend_status is 'Spent today and this month (organization''s zone), held, the budget, since when the plan shows history (null: all), and the day of the first call ever (null: none). version changes whenever a call is reserved or settled.';

create function private.latency_percentile(organization_id uuid, from_at timestamptz, to_at timestamptz, fraction numeric)
  returns numeric
  language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  part record;
begin
  select * into part from private.split_range(latency_percentile.organization_id, latency_percentile.from_at,
    latency_percentile.to_at);
  return (
    with latencies as (
      select latency_bucket, sum(calls) as calls from (
        select s.latency_bucket, s.calls from private.day_spans(part.first_day, part.after_day, false) r
        join public.usage_latency_sums s on s.organization_id = latency_percentile.organization_id
          and s.span_days = r.span_days and s.day >= r.from_day and s.day < r.to_day
        union all
        select l.latency_bucket, l.calls
        from (values (part.starts_at, part.days_from_at), (part.days_to_at, part.ends_at)) edge (from_at, to_at)
        join public.usage_latency_rollups l on l.organization_id = latency_percentile.organization_id
          and l.bucket_at >= edge.from_at and l.bucket_at < edge.to_at
        union all
        select d.latency_bucket, d.calls from private.usage_deltas d
        where d.organization_id = latency_percentile.organization_id and d.latency_bucket is not null
          and d.bucket_at >= part.starts_at and d.bucket_at < part.ends_at
      ) sources group by 1
    ), ranked as (
      select latency_bucket, calls, sum(calls) over (order by latency_bucket) as up_to, sum(calls) over () as total
      from latencies
    )
    -- Within its bucket the percentile is placed by proportion.
    select round(10 * 1.25 ^ (latency_bucket + (fraction * total - (up_to - calls)) / calls), 1)
    from ranked where calls > 0 and up_to >= fraction * total order by latency_bucket limit 1);
end $$;
comment on function private.latency_percentile is 'Milliseconds that this fraction of the succeeded calls took at most, within 12 %; null without any.';

create function public.summarize_usage(organization_id uuid, from_at timestamptz, to_at timestamptz)
  returns table (calls bigint, errors bigint, refusals bigint, cost_usd text, input_tokens bigint, output_tokens bigint,
    latency_p95_ms numeric, cached_calls bigint, saved_usd text)
  -- definer: totals of the month may reach back further than the plan's history
  language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  visible_at constant timestamptz := private.visible_from(organization_id, from_at, true);
begin
  return query
    select coalesce(sum(f.calls), 0)::bigint, coalesce(sum(f.errors), 0)::bigint, coalesce(sum(f.refusals), 0)::bigint,
      coalesce(sum(f.cost_usd), 0)::text, coalesce(sum(f.input_tokens), 0)::bigint, coalesce(sum(f.output_tokens), 0)::bigint,
      private.latency_percentile(summarize_usage.organization_id, visible_at, to_at, 0.95), min(s.calls), min(s.saved_usd)::text
    from private.sum_savings(summarize_usage.organization_id, visible_at, to_at) s
    left join private.sum_usage(summarize_usage.organization_id, 'all', visible_at, to_at) f on true;
end $$;
comment on function public.summarize_usage is 'Totals of settled calls between two instants (quarter-hour grain); latency_p95_ms from the histogram, within 12 %; saved_usd by the response cache.';

create function public.break_down_usage(organization_id uuid, from_at timestamptz, to_at timestamptz, dimension text,
  by_day boolean default false)
  returns table (day date, key text, calls bigint, errors bigint, cost_usd text, input_tokens bigint, output_tokens bigint)
  -- definer: as summarize_usage
  language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  visible_at constant timestamptz := private.visible_from(organization_id, from_at, not by_day);
begin
  return query
    select f.day,
      case dimension when 'provider' then split_part(f.key, '/', 1) when 'model' then substr(f.key, strpos(f.key, '/') + 1)
        else f.key end,
      sum(f.calls)::bigint, sum(f.errors)::bigint, sum(f.cost_usd)::text, sum(f.input_tokens)::bigint,
      sum(f.output_tokens)::bigint
    from private.sum_usage(break_down_usage.organization_id, case dimension when 'provider' then 'model' else dimension end,
      visible_at, to_at, by_day) f
    group by 1, 2
    order by 1, sum(f.cost_usd) desc, 2;
end $$;
comment on function public.break_down_usage is 'Sums per model, provider, project, proxy_key, user, agent or tag (key; '''' is nobody, or no tag), by day in the organization''s zone if asked. Dearest first. A call of two tags is counted under each.';

create view public.team_costs_daily with (security_invoker = true) as
  select organization_id as team_id, day as date, split_part(key, '/', 1) as provider, substr(key, strpos(key, '/') + 1) as model,
    sum(cost_usd) as total_cost, sum(input_tokens)::bigint as total_input, sum(output_tokens)::bigint as total_output,
    sum(calls)::bigint as request_count
  from (
    select organization_id, day, key, cost_usd, input_tokens, output_tokens, calls
    from public.usage_sums where dimension = 'model' and span_days = 1
    union all
    select d.organization_id, (d.bucket_at at time zone c.time_zone)::date, d.provider || '/' || d.model, d.cost_usd,
      d.input_tokens, d.output_tokens, d.calls
    from private.usage_deltas d join private.usage_calendars c using (organization_id)
  ) facts
  group by organization_id, day, key;
comment on view public.team_costs_daily is 'Costs by day (organization''s zone), provider and model, with the columns of the first seed. A view on the rollups, so that nothing is ever refreshed; exact up to the last settled call.';
grant select on public.team_costs_daily to authenticated;

create function public.dry_run_budget(organization_id uuid, scope text, scope_id text, period text, limit_usd numeric,
  at timestamptz default now())
  returns table (from_at timestamptz, to_at timestamptz, calls bigint, cost_usd text, refused_calls bigint, refused_usd text,
    first_refused_at timestamptz)
  language plpgsql stable set search_path = '' as $$
#variable_conflict use_variable
declare
  zone constant text := (select o.time_zone from public.organizations o where o.id = organization_id);
  call record;
  walk_from timestamptz;
  window_end timestamptz := '-infinity';
  spent_usd numeric := 0;
  total_usd numeric := 0;
  lost_usd numeric := 0;
begin
  if zone is null then
    return;
  end if;
  select m.window_start, m.window_end into from_at, to_at
  from private.budget_window('month', zone, at) present
  cross join lateral private.budget_window('month', zone, present.window_start - interval '1 second') m;
  -- A week may have begun in the month before.
  select case period when 'week' then w.window_start else from_at end into walk_from
  from private.budget_window('week', zone, from_at) w;
  calls := 0;
  refused_calls := 0;
  for call in
    select u.created_at, coalesce(u.cost_usd, 0) as cost_usd
    from public.ai_usage u
    where u.organization_id = dry_run_budget.organization_id and u.created_at >= walk_from and u.created_at < to_at
      and u.settled_at is not null and u.status <> 'refused'
      and case scope when 'organization' then true when 'project' then u.project_id::text = scope_id
        when 'proxy_key' then u.proxy_key_id::text = scope_id when 'user' then u.user_id = scope_id
        when 'agent' then u.agent_id = scope_id when 'tag' then scope_id = any (u.tags) end
    order by u.created_at, u.id
  loop
    if call.created_at >= window_end then
      select w.window_end into window_end from private.budget_window(period, zone, call.created_at) w;
      spent_usd := 0;
    end if;
    if limit_usd > 0 and spent_usd + call.cost_usd <= limit_usd then
      spent_usd := spent_usd + call.cost_usd;
    elsif call.created_at >= from_at then
      refused_calls := refused_calls + 1;
      lost_usd := lost_usd + call.cost_usd;
      first_refused_at := coalesce(first_refused_at, call.created_at);
    end if;
    if call.created_at >= from_at then
      calls := calls + 1;
      total_usd := total_usd + call.cost_usd;
    end if;
  end loop;
  cost_usd := total_usd::text;
  refused_usd := lost_usd::text;
  return next;
end $$;
comment on function public.dry_run_budget is 'What a hard budget would have refused in the calendar month before this instant: its calls are walked in order, each held at what it came to cost. One in total begins with that month.';
grant execute on function public.dry_run_budget to authenticated;

grant execute on function public.store_provider_credential, public.rotate_provider_credential,
  public.administer_provider_credential, public.enable_sandbox,
  public.mint_proxy_key, public.revoke_proxy_key, public.rotate_proxy_key, public.spend_status, public.summarize_usage, public.break_down_usage
  to authenticated;

-- § Jobs -------------------------------------------------------------------------------------------------------
-- Also run now by POST functions/gateway/jobs/<verb>.

create function public.run_gateway_job(verb text) returns int
  -- definer: the functions below are for the scheduler's role
  language plpgsql security definer set search_path = '' as $$
begin
  return case verb
    when 'sweep-expired-calls' then private.sweep_expired_calls()
    when 'fold-usage' then private.fold_usage()
    when 'refresh-output-estimates' then private.refresh_output_estimates()
    when 'ensure-usage-partitions' then private.ensure_usage_partitions(now(), now() + interval '3 months')
    when 'roll-budgets' then private.roll_overdue_budgets()
    when 'end-raised-budgets' then private.end_raised_budgets()
    when 'detect-alerts' then private.detect_alerts(now())
    when 'purge-call-bodies' then private.purge_call_bodies()
    when 'purge-cached-answers' then private.purge_cached_answers(now())
    when 'write-weekly-reports' then private.write_weekly_reports(now())
    when 'recount-days' then private.recount_days()
    when 'retire-usage-months' then private.retire_usage_months(now())
    when 'drop-detached-months' then private.drop_detached_months()
    when 'expire-archives' then private.expire_archives(now())
  end;
end $$;
comment on function public.run_gateway_job is 'For functions/gateway with the service role: runs one SQL job now and answers its count; null when there is no such job.';

select cron.schedule('sweep-expired-calls', '5 seconds', 'select private.sweep_expired_calls()');
select cron.schedule('fold-usage', '10 seconds', 'select private.fold_usage()');
select cron.schedule('refresh-output-estimates', '* * * * *', 'select private.refresh_output_estimates()');
select cron.schedule('ensure-usage-partitions', '* * * * *',
  $$select private.ensure_usage_partitions(now(), now() + interval '3 months')$$);
select cron.schedule('recount-days', '30 seconds', 'select private.recount_days()');
select cron.schedule('end-raised-budgets', '10 seconds', 'select private.end_raised_budgets()');
select cron.schedule('roll-budgets', '10 seconds', 'select private.roll_overdue_budgets()');
select cron.schedule('refresh-prices', '20 4 * * *', $$select private.call_job('gateway', 'refresh-prices')$$);
