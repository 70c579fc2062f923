-- The auth schema's functions and grants as hosted Supabase has them. Runs as supabase_admin at every start, after
-- the tables have been made, before the port opens.

create or replace function auth.uid() returns uuid language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
  )::uuid
$$;

create or replace function auth.role() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
  )
$$;

create or replace function auth.email() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.email', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
  )
$$;

create or replace function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$;

-- The embedded Auth writes JSON columns as JSON strings of JSON (a string that holds '{"full_name": …}'). Hosted Auth
-- writes objects, and triggers on auth.users read them: unwrapped before any trigger of the project runs.
create or replace function auth.unwrap_user_metadata() returns trigger language plpgsql set search_path = '' as $$
begin
  if jsonb_typeof(new.raw_user_meta_data) = 'string' then
    new.raw_user_meta_data := (new.raw_user_meta_data #>> '{}')::jsonb;
  end if;
  if jsonb_typeof(new.raw_app_meta_data) = 'string' then
    new.raw_app_meta_data := (new.raw_app_meta_data #>> '{}')::jsonb;
  end if;
  return new;
end $$;
create or replace trigger a_unwrap_user_metadata before insert or update on auth.users
  for each row execute function auth.unwrap_user_metadata();

create or replace function auth.unwrap_identity_data() returns trigger language plpgsql set search_path = '' as $$
begin
  if jsonb_typeof(new.identity_data) = 'string' then
    new.identity_data := (new.identity_data #>> '{}')::jsonb;
  end if;
  return new;
end $$;
create or replace trigger a_unwrap_identity_data before insert or update on auth.identities
  for each row execute function auth.unwrap_identity_data();

do $$
declare
  relation regclass;
begin
  for relation in
    select oid::regclass from pg_class where relnamespace = 'auth'::regnamespace and relkind = 'r'
  loop
    execute format('alter table %s owner to supabase_auth_admin', relation);
    execute format('alter table %s enable row level security', relation);
    execute format('revoke all on %s from public, anon, authenticated, service_role', relation);
    execute format('grant all on %s to postgres, dashboard_user', relation);
  end loop;
end $$;

grant execute on all functions in schema auth to postgres, dashboard_user;
