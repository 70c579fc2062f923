-- Foundations: what every domain stands on.
--
-- `public` is what the Data API shows: tables under RLS, and RPCs. `private` is never exposed: predicates for
-- policies, trigger functions, secrets, counters and the ledger's partitions live there. Nothing is granted by
-- default; each table and function below grants what its readers need, next to its definition.

create extension if not exists pgcrypto with schema extensions;
create extension if not exists pg_cron with schema pg_catalog;
create extension if not exists pg_net with schema extensions;
create extension if not exists supabase_vault with schema vault;

create schema if not exists private;
comment on schema private is 'Never exposed by the Data API: predicates, triggers, secrets, counters, partitions.';
revoke all on schema private from public;
grant usage on schema private to authenticated, anon, service_role;

alter default privileges in schema public revoke all on tables from anon, authenticated;
alter default privileges in schema public revoke all on sequences from anon, authenticated;
alter default privileges in schema public revoke execute on functions from public, anon, authenticated;
alter default privileges revoke execute on functions from public;
alter default privileges in schema private revoke all on tables from anon, authenticated, service_role;

-- § Refusals ---------------------------------------------------------------------------------------------------

create function private.refuse(status int, code text, details jsonb default '{}') returns void
  language plpgsql set search_path = '' as $$
begin
  -- The Data API turns SQLSTATE PTnnn into HTTP nnn; message carries the code that clients switch on.
  raise exception using errcode = 'PT' || status, message = code, detail = details::text;
end $$;
comment on function private.refuse is 'Raises a refusal that the Data API renders with this HTTP status; message is the code, detail its data as JSON.';

create function private.touch_updated_at() returns trigger
  language plpgsql set search_path = '' as $$
begin
  new.updated_at := now();
  return new;
end $$;

-- § Secrets ----------------------------------------------------------------------------------------------------

create function private.random_token() returns text
  language sql volatile set search_path = '' as $$
  select encode(extensions.gen_random_bytes(32), 'hex')
$$;
comment on function private.random_token is '256 random bits as 64 hex digits.';

create function private.hash_token(token text) returns text
  language sql immutable strict set search_path = '' as $$
  select encode(sha256(convert_to(token, 'utf8')), 'hex')
$$;
comment on function private.hash_token is 'SHA-256 in hex. Tokens carry 256 random bits, so no salt or stretching is needed.';

-- § Jobs -------------------------------------------------------------------------------------------------------

create function private.retry_delay(attempts int) returns interval
  language sql volatile set search_path = '' as $$
  select least(10 * 2 ^ least(attempts - 1, 20), 3600) * (0.8 + 0.4 * random()) * interval '1 second'
$$;
comment on function private.retry_delay is 'How long to wait after so many failures: ten seconds, doubled each time up to an hour, a fifth more or less, so that what failed together does not return together.';

create function private.call_job(domain text, verb text) returns bigint
  language plpgsql set search_path = '' as $$
declare
  project_url text := (select decrypted_secret from vault.decrypted_secrets where name = 'project_url');
  jobs_secret text := (select decrypted_secret from vault.decrypted_secrets where name = 'jobs_secret');
begin
  if project_url is null or jobs_secret is null then
    raise notice 'job %/% not called: vault has no project_url or jobs_secret', domain, verb;
    return null;
  end if;
  return net.http_post(
    url := format('%s/functions/v1/%s/jobs/%s', project_url, domain, verb),
    headers := jsonb_build_object('content-type', 'application/json', 'x-jobs-secret', jobs_secret),
    timeout_milliseconds := 120000
  );
end $$;
comment on function private.call_job is 'Asks functions/<domain>/jobs/<verb> to run, for what needs the outside. Answers the request id, null when the vault is not set up.';
