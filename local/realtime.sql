-- Schema realtime as hosted Supabase has it: messages, the functions that send them, the check that lets someone in.
-- Runs as supabase_admin at every start and says the same each time. The server in `local/realtime` makes the
-- partitions and delivers what is written.

create table if not exists realtime.messages (
  topic text not null,
  extension text not null,
  payload jsonb,
  event text,
  private boolean default false,
  updated_at timestamp not null default now(),
  inserted_at timestamp not null default now(),
  id uuid not null default gen_random_uuid(),
  binary_payload bytea,
  skip_broadcast boolean not null default false,
  expires_at timestamp,
  constraint messages_payload_exclusive check (payload is null or binary_payload is null),
  primary key (id, inserted_at)
) partition by range (inserted_at);
create table if not exists realtime.messages_default partition of realtime.messages default;
create index if not exists messages_inserted_at_topic_index on realtime.messages (inserted_at desc, topic)
  where extension = 'broadcast' and private is true;
create index if not exists messages_expires_at_index on realtime.messages (expires_at) where expires_at is not null;
alter table realtime.messages enable row level security;
alter table realtime.messages owner to supabase_realtime_admin;
grant select, insert on realtime.messages to postgres with grant option;
grant select, insert, update on realtime.messages to anon, authenticated, service_role;

create or replace function realtime.topic() returns text
  language sql stable set search_path = '' as $$
  select nullif(current_setting('realtime.topic', true), '')
$$;

create or replace function realtime.send(payload jsonb, event text, topic text, private boolean default true)
  returns void language plpgsql set search_path = '' as $$
declare
  message_id uuid := gen_random_uuid();
begin
  perform set_config('realtime.topic', topic, true);
  insert into realtime.messages (id, payload, event, topic, private, extension)
  values (message_id,
    case when payload ? 'id' then payload else payload || jsonb_build_object('id', message_id) end,
    event, topic, private, 'broadcast');
exception when others then
  -- As on hosted Supabase: a message that cannot be sent never fails whoever sends it.
  raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
end $$;

create or replace function realtime.send_binary(payload bytea, event text, topic text, private boolean default true)
  returns void language plpgsql set search_path = '' as $$
begin
  perform set_config('realtime.topic', topic, true);
  insert into realtime.messages (binary_payload, event, topic, private, extension)
  values (payload, event, topic, private, 'broadcast');
exception when others then
  raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
end $$;

create or replace function realtime.broadcast_changes(topic_name text, event_name text, operation text, table_name text,
  table_schema text, new record, old record, level text default 'ROW')
  returns void language plpgsql set search_path = '' as $$
begin
  if level = 'STATEMENT' then
    raise exception 'function can only be triggered for each row, not for each statement';
  end if;
  if operation not in ('INSERT', 'UPDATE', 'DELETE') then
    raise exception 'Unexpected operation type: %', operation;
  end if;
  perform realtime.send(jsonb_build_object(
    'id', gen_random_uuid(), 'operation', operation, 'table', table_name, 'schema', table_schema,
    'record', case when operation = 'DELETE' then null else to_jsonb(new) end,
    'old_record', case when operation = 'INSERT' then null else to_jsonb(old) end
  ), event_name, topic_name);
exception when others then
  raise exception 'Failed to process the row: %', sqlerrm;
end $$;

-- Tells the server what to fetch. Not the message itself: a notification holds 8000 bytes, and any login may listen.
create or replace function realtime.on_message_insert() returns trigger
  language plpgsql set search_path = '' as $$
begin
  perform pg_notify('realtime_messages', json_build_object('id', new.id, 'inserted_at', new.inserted_at)::text);
  return null;
end $$;
create or replace trigger messages_notify_server after insert on realtime.messages for each row
  when (not new.skip_broadcast and new.event is not null and new.private is not null
    and (new.payload is not null or new.binary_payload is not null))
  execute function realtime.on_message_insert();

-- What someone with these claims may read and write on a topic. Rows are tried out under their role, and every one of
-- them, like the role and the settings, is gone when the inner block ends.
create or replace function realtime.authorize(role_name text, topic_name text, claims text, sub text, headers text,
  read_extensions text[], write_extensions text[], out read_allowed boolean[], out write_allowed boolean[])
  language plpgsql set search_path = '' set synchronous_commit = off as $$
declare
  probed_at timestamp := now() at time zone 'utc';
  probe_ids uuid[] := array(select gen_random_uuid() from unnest(read_extensions));
  visible_ids uuid[];
  write_extension text;
begin
  read_allowed := '{}';
  write_allowed := '{}';
  begin
    insert into realtime.messages (id, topic, extension, inserted_at, updated_at)
    select probe.id, topic_name, probe.extension, probed_at, probed_at
    from unnest(probe_ids, read_extensions) as probe (id, extension);
    perform set_config('role', role_name, true), set_config('realtime.topic', topic_name, true),
      set_config('request.jwt.claims', claims, true), set_config('request.jwt.claim.sub', sub, true),
      set_config('request.jwt.claim.role', role_name, true), set_config('request.headers', headers, true);
    if cardinality(probe_ids) > 0 then
      visible_ids := array(
        select m.id from realtime.messages m where m.id = any (probe_ids) and m.inserted_at = probed_at);
      read_allowed := array(select id = any (visible_ids) from unnest(probe_ids) with ordinality as probe (id, place)
        order by place);
    end if;
    foreach write_extension in array write_extensions loop
      begin
        insert into realtime.messages (topic, extension, inserted_at, updated_at)
        values (topic_name, write_extension, probed_at, probed_at);
        write_allowed := write_allowed || true;
      exception when insufficient_privilege then
        write_allowed := write_allowed || false;
      end;
    end loop;
    raise sqlstate 'RTEND';
  exception when sqlstate 'RTEND' then
    null;
  end;
end $$;
revoke execute on function realtime.authorize from public;

alter function realtime.topic() owner to supabase_realtime_admin;
alter function realtime.send(jsonb, text, text, boolean) owner to supabase_realtime_admin;
alter function realtime.send_binary(bytea, text, text, boolean) owner to supabase_realtime_admin;
alter function realtime.broadcast_changes(text, text, text, text, text, record, record, text)
  owner to supabase_realtime_admin;
grant execute on function realtime.topic, realtime.send, realtime.send_binary, realtime.broadcast_changes
  to postgres, anon, authenticated, service_role;
