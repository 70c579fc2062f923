\echo Use "CREATE EXTENSION pg_net" to load this file. \quit

create schema if not exists net;

create unlogged table net.http_request_queue (
  id bigserial primary key,
  method text not null,
  url text not null,
  headers jsonb,
  body bytea,
  timeout_milliseconds int not null
);

create unlogged table net._http_response (
  id bigint,
  status_code int,
  content_type text,
  headers jsonb,
  content text,
  timed_out bool,
  error_msg text,
  created timestamptz not null default now()
);
create index on net._http_response (id);
create index on net._http_response (created);

-- A notification is delivered when its transaction commits, and so a request leaves only then.
create function net._notify_worker() returns trigger
language plpgsql set search_path = '' as $$
begin
  perform pg_notify('pg_net', '');
  return null;
end $$;

create trigger http_request_queue_insert after insert on net.http_request_queue
  for each statement execute function net._notify_worker();

create function net._urlencode_string(string text) returns text
language sql immutable strict set search_path = '' as $$
  select coalesce(string_agg(
    case
      when chr(byte) ~ '^[A-Za-z0-9_.~-]$' and byte < 128 then chr(byte)
      else '%' || upper(lpad(to_hex(byte), 2, '0'))
    end, '' order by position), '')
  from (
    select position, get_byte(convert_to(string, 'UTF8'), position) as byte
    from generate_series(0, octet_length(string) - 1) as position
  ) as bytes
$$;

create function net._url_with_params(url text, params jsonb) returns text
language sql immutable set search_path = '' as $$
  select url || coalesce(
    case when position('?' in url) > 0 then '&' else '?' end
      || string_agg(net._urlencode_string(key) || '=' || net._urlencode_string(value), '&'), '')
  from jsonb_each_text(coalesce(params, '{}'))
$$;

create function net.http_get(
  url text, params jsonb default '{}', headers jsonb default '{}', timeout_milliseconds int default 5000
) returns bigint
language sql volatile strict security definer set search_path = '' as $$
  insert into net.http_request_queue (method, url, headers, timeout_milliseconds)
  values ('GET', net._url_with_params(url, params), headers, timeout_milliseconds)
  returning id
$$;

create function net.http_delete(
  url text, params jsonb default '{}', headers jsonb default '{}', timeout_milliseconds int default 5000,
  body jsonb default null
) returns bigint
language sql volatile security definer set search_path = '' as $$
  insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
  values ('DELETE', net._url_with_params(url, params), headers, convert_to(body::text, 'UTF8'), timeout_milliseconds)
  returning id
$$;

create function net.http_post(
  url text, body jsonb default '{}', params jsonb default '{}',
  headers jsonb default '{"Content-Type": "application/json"}', timeout_milliseconds int default 5000
) returns bigint
language plpgsql volatile security definer set search_path = '' as $$
declare
  content_type text;
  request_id bigint;
begin
  select value into content_type
  from jsonb_each_text(coalesce(headers, '{}')) where lower(key) = 'content-type' limit 1;
  if content_type is null then
    headers := coalesce(headers, '{}') || '{"Content-Type": "application/json"}';
  elsif content_type <> 'application/json' then
    raise exception 'Content-Type header must be "application/json"';
  end if;
  if body is null then
    raise exception 'body must not be null';
  end if;
  insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
  values ('POST', net._url_with_params(url, params), headers, convert_to(body::text, 'UTF8'), timeout_milliseconds)
  returning id into request_id;
  return request_id;
end $$;

revoke all on all functions in schema net from public;
grant usage on schema net to supabase_functions_admin, postgres, anon, authenticated, service_role;
grant execute on function net.http_get, net.http_post, net.http_delete
  to supabase_functions_admin, postgres, anon, authenticated, service_role;
grant all on all tables in schema net to postgres, supabase_functions_admin;
grant all on all sequences in schema net to postgres, supabase_functions_admin;
