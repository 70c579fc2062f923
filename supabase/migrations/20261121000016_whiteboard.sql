-- Whiteboard: boards of an organization, whose every change is ordered here.
--
-- A board is a set of tldraw's records. Changes come from functions/whiteboard, which knows tldraw's schema; here they get
-- their place in time, once, and are told to who has the board open. What is told may be lost: everything can be pulled.

insert into public.plan_limits (plan, resource, amount, is_unlimited) values
  ('free', 'boards', 1, false), ('pro', 'boards', null, true), ('enterprise', 'boards', null, true),
  -- Zero or unlimited: whether there is such a thing.
  ('free', 'board_images', 0, false), ('pro', 'board_images', null, true), ('enterprise', 'board_images', null, true),
  -- What they have together, in millions of bytes.
  ('free', 'board_image_mb', 0, false), ('pro', 'board_image_mb', 5000, false), ('enterprise', 'board_image_mb', 50000, false),
  ('free', 'board_versions', 0, false), ('pro', 'board_versions', null, true), ('enterprise', 'board_versions', null, true),
  ('free', 'board_exports', 0, false), ('pro', 'board_exports', 0, false), ('enterprise', 'board_exports', null, true);

-- § Boards -----------------------------------------------------------------------------------------------------

create table public.boards (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  name text not null,
  -- Members read it only; admins still write.
  is_locked boolean not null default false,
  -- Moves on by one with each push that changes something.
  clock bigint not null default 0,
  -- What was removed up to here is forgotten: who knows less than this reads the board anew.
  history_from bigint not null default 0,
  record_count int not null default 0,
  -- Of its records, as JSON.
  bytes bigint not null default 0,
  tombstone_count int not null default 0,
  -- tldraw's, which the records follow; version 0 and null until functions/whiteboard has seen the board.
  schema_version int not null default 0,
  schema jsonb,
  created_by uuid references public.profiles (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint boards_name_length check (char_length(btrim(name)) between 1 and 100)
) with (fillfactor = 50);
comment on table public.boards is 'Whiteboards. The row is the lock under which the changes of its records are put in order.';
create index boards_organization_index on public.boards (organization_id, created_at);
create index boards_created_by_index on public.boards (created_by);
create trigger boards_audit after insert or delete on public.boards
  for each row execute function private.on_audited_change('board');
create trigger boards_audit_update after update of name, is_locked on public.boards
  for each row execute function private.on_audited_change('board', 'clock', 'history_from', 'record_count',
    'bytes', 'tombstone_count', 'schema_version', 'schema');
alter table public.boards enable row level security;
create policy "members read boards" on public.boards
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
create policy "admins change boards" on public.boards
  for update to authenticated
  using (organization_id in (select private.organizations_where_i_am('admin')))
  with check (organization_id in (select private.organizations_where_i_am('admin')));
create policy "admins delete boards" on public.boards
  for delete to authenticated using (organization_id in (select private.organizations_where_i_am('admin')));
grant select, update (name, is_locked), delete on public.boards to authenticated;

create table public.board_records (
  board_id uuid not null references public.boards (id) on delete cascade,
  -- The board's, for the policy.
  organization_id uuid not null,
  record_id text not null,
  type text not null,
  state jsonb not null,
  -- Of the push that wrote it last.
  clock bigint not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  updated_by uuid references public.profiles (user_id) on delete set null,
  primary key (board_id, record_id),
  constraint board_records_id_length check (char_length(record_id) between 1 and 200),
  constraint board_records_state_is_itself check (state ->> 'id' = record_id and state ->> 'typeName' = type)
);
comment on table public.board_records is 'What is on boards, in tldraw''s form: the document, its pages, shapes, bindings, assets and users.';
create index board_records_clock_index on public.board_records (board_id, clock);
create index board_records_updated_by_index on public.board_records (updated_by);
create index board_records_notes_index on public.board_records (board_id) where type = 'shape' and state ->> 'type' = 'note';
alter table public.board_records enable row level security;
create policy "members read board records" on public.board_records
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
grant select on public.board_records to authenticated;

create table private.board_tombstones (
  board_id uuid not null references public.boards (id) on delete cascade,
  record_id text not null,
  clock bigint not null,
  primary key (board_id, record_id)
);
comment on table private.board_tombstones is 'What was removed from a board and when, so that who was away hears of it; the oldest are forgotten.';
create index board_tombstones_clock_index on private.board_tombstones (board_id, clock);
alter table private.board_tombstones enable row level security;

create table private.board_operations (
  board_id uuid not null references public.boards (id) on delete cascade,
  client_id uuid not null,
  user_id uuid not null references public.profiles (user_id) on delete cascade,
  client_clock bigint not null,
  result jsonb not null,
  at timestamptz not null default now(),
  primary key (board_id, client_id)
);
comment on table private.board_operations is 'The last push of each open tab and its answer. A tab sends one after the other, so a push that comes again is never done again.';
create index board_operations_user_index on private.board_operations (user_id);
create index board_operations_at_index on private.board_operations (at);
alter table private.board_operations enable row level security;

create function public.create_board(organization_id uuid, name text) returns uuid
  -- definer: records are not writable by clients
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  board uuid := gen_random_uuid();
begin
  perform private.require_role(create_board.organization_id, 'member');
  if coalesce(char_length(btrim(create_board.name)), 0) not between 1 and 100 then
    perform private.refuse(400, 'name_invalid');
  end if;
  perform from public.organizations o where o.id = create_board.organization_id for no key update;
  perform private.require_room(create_board.organization_id, 'boards', 1 + (
    select count(*) from public.boards b where b.organization_id = create_board.organization_id));
  insert into public.boards (id, organization_id, name, clock, record_count, created_by)
  values (board, create_board.organization_id, btrim(create_board.name), 1, 5, auth.uid());
  insert into public.board_records (board_id, organization_id, record_id, type, state, clock, updated_by)
  select board, create_board.organization_id, r ->> 'id', r ->> 'typeName', r, 1, auth.uid() from jsonb_array_elements('[
    {"id": "document:document", "typeName": "document", "gridSize": 10, "name": "", "meta": {}},
    {"id": "page:vision", "typeName": "page", "name": "Vision", "index": "a1", "meta": {}},
    {"id": "page:goals", "typeName": "page", "name": "Goals", "index": "a2", "meta": {}},
    {"id": "page:rules", "typeName": "page", "name": "Rules", "index": "a3", "meta": {}},
    {"id": "page:ideas", "typeName": "page", "name": "Ideas", "index": "a4", "meta": {}}
  ]') r;
  return board;
end $$;
comment on function public.create_board is 'A new board with the tabs Vision, Goals, Rules and Ideas, by any member as far as the plan has room. Answers its id.';

-- § Telling ----------------------------------------------------------------------------------------------------

create function private.board_topic(board public.boards) returns text
  language sql stable set search_path = '' as $$
  select format('board:%s:%s', board.id, o.topic_epoch) from public.organizations o where o.id = board.organization_id
$$;

create function private.is_my_board_topic(topic text) returns boolean
  -- definer: the caller reads boards past their policies
  language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.boards b
    join public.organizations o on o.id = b.organization_id
    join public.organization_members m on m.organization_id = o.id and m.user_id = auth.uid()
    where topic like 'board:%' and b.id::text = split_part(topic, ':', 2)
      and topic in (format('board:%s:%s', b.id, o.topic_epoch), format('board:%s:people:%s', b.id, o.topic_epoch))
  )
$$;
comment on function private.is_my_board_topic is 'Whether this is a topic of now of a board that the caller may see.';
grant execute on function private.is_my_board_topic to authenticated;

create policy "members hear their boards" on realtime.messages
  for select to authenticated using (
    extension in ('broadcast', 'presence') and private.is_my_board_topic((select realtime.topic())));
-- Beside the changes, which the database alone tells: nobody can make up a change for the others.
create policy "members show cursors on their boards" on realtime.messages
  for insert to authenticated with check (
    extension in ('broadcast', 'presence') and (select realtime.topic()) like 'board:%:people:%'
    and private.is_my_board_topic((select realtime.topic())));

create function private.tell_board(board public.boards, told jsonb) returns void
  language plpgsql set search_path = '' as $$
declare
  -- Larger messages are dropped on the way.
  most constant int := 200000;
begin
  perform realtime.send(
    case when octet_length(told::text) <= most then told
      else told - 'changes' end,
    'changed', private.board_topic(board));
end $$;
comment on function private.tell_board is 'Tells open tabs what changed ({ clock, changes: [{ clock, diff }] }), or, where that is too much, only up to which clock there is something to pull.';

create function private.on_boards_update() returns trigger
  -- definer: whoever renames or locks need not be able to tell
  language plpgsql security definer set search_path = '' as $$
begin
  perform realtime.send(jsonb_build_object('is_locked', new.is_locked, 'name', new.name), 'settings', private.board_topic(new));
  return null;
end $$;
create trigger boards_tell after update of name, is_locked on public.boards
  for each row execute function private.on_boards_update();

-- § Pushing ----------------------------------------------------------------------------------------------------

create function private.require_may_write(board public.boards, role text) returns void
  language plpgsql set search_path = '' as $$
begin
  if board.is_locked and role = 'member' then
    perform private.refuse(403, 'board_locked');
  end if;
end $$;

create function private.open_board_for(board_id uuid, user_id uuid, writes boolean) returns public.boards
  language plpgsql set search_path = '' as $$
declare
  board public.boards;
  role text;
begin
  select b.* into board from public.boards b where b.id = open_board_for.board_id for no key update;
  select m.role into role from public.organization_members m
  where m.organization_id = board.organization_id and m.user_id = open_board_for.user_id;
  if role is null then
    perform private.refuse(404, 'board_not_found');
  end if;
  if writes then
    perform private.require_may_write(board, role);
  end if;
  return board;
end $$;
comment on function private.open_board_for is 'Locks a board for this person. 404 to who is no member, 403 to members who would write on a locked one.';

create function private.needs_board_images(record jsonb) returns boolean
  language sql immutable set search_path = '' as $$
  select record ->> 'typeName' = 'asset'
    or record ->> 'typeName' = 'shape' and record ->> 'type' in ('image', 'video', 'bookmark', 'embed')
$$;

create function private.forget_tombstones(board public.boards) returns public.boards
  language plpgsql set search_path = '' as $$
declare
  kept constant int := 5000;
  spared constant int := 4000;
begin
  if board.tombstone_count <= kept then
    return board;
  end if;
  select clock into board.history_from from private.board_tombstones t
  where t.board_id = board.id order by clock desc offset spared limit 1;
  delete from private.board_tombstones t where t.board_id = board.id and t.clock <= board.history_from;
  select count(*) into board.tombstone_count from private.board_tombstones t where t.board_id = board.id;
  return board;
end $$;
comment on function private.forget_tombstones is 'Above 5,000 the oldest are forgotten, those of one push together.';

create function private.write_board(board public.boards, writer uuid, changes jsonb) returns public.boards
  language plpgsql set search_path = '' as $$
declare
  next constant bigint := board.clock + 1;
  added int;
  removed int;
  revived int := 0;
  grown bigint;
begin
  select count(*) filter (where c.state is not null and r.record_id is null), count(*) filter (where c.state is null),
      sum(coalesce(octet_length(c.state::text), 0) - coalesce(octet_length(r.state::text), 0)) into added, removed, grown
  from jsonb_to_recordset(changes) c (id text, state jsonb)
  left join public.board_records r on r.board_id = board.id and r.record_id = c.id;
  insert into public.board_records as r (board_id, organization_id, record_id, type, state, clock, updated_by)
  select board.id, board.organization_id, c.id, c.state ->> 'typeName', c.state, next, writer
  from jsonb_to_recordset(changes) c (id text, state jsonb) where c.state is not null
  on conflict (board_id, record_id) do update
    set state = excluded.state, clock = excluded.clock, updated_by = excluded.updated_by, updated_at = now();
  if removed > 0 then
    with gone as (
      delete from public.board_records r using jsonb_to_recordset(changes) c (id text, state jsonb)
      where r.board_id = board.id and r.record_id = c.id and c.state is null
      returning r.record_id
    )
    insert into private.board_tombstones as t (board_id, record_id, clock) select board.id, record_id, next from gone
    on conflict (board_id, record_id) do update set clock = excluded.clock;
    get diagnostics removed = row_count;
  end if;
  if added > 0 and board.tombstone_count > 0 then
    delete from private.board_tombstones t using jsonb_to_recordset(changes) c (id text, state jsonb)
    where t.board_id = board.id and t.record_id = c.id and c.state is not null;
    get diagnostics revived = row_count;
  end if;
  board.clock := next;
  board.record_count := board.record_count + added - removed;
  board.bytes := board.bytes + coalesce(grown, 0);
  board.tombstone_count := board.tombstone_count + removed - revived;
  return case when removed > 0 then private.forget_tombstones(board) else board end;
end $$;
comment on function private.write_board is 'Writes changes ([{ id, state }], null: removed), all of which change something, at the next tick of a board that is locked; keep_board ends it.';

create function private.keep_board(board public.boards) returns void
  language plpgsql set search_path = '' as $$
begin
  update public.boards b set clock = board.clock, history_from = board.history_from, record_count = board.record_count,
    bytes = board.bytes, tombstone_count = board.tombstone_count, updated_at = now()
  where b.id = board.id;
end $$;
comment on function private.keep_board is 'Keeps what became of a board that is locked, after one push or many.';

create function private.most_board_records() returns int
  language sql immutable set search_path = '' as 'select 20000';

create function private.has_board_images(organization_id uuid) returns boolean
  language plpgsql stable set search_path = '' as $$
begin
  return exists (select from private.limit_of(organization_id, 'board_images') l where l.is_unlimited or l.amount > 0);
end $$;

create function private.judge_changes(board public.boards, changes jsonb,
  out stale jsonb, out writes jsonb, out diff jsonb, out refused jsonb)
  language plpgsql stable set search_path = '' as $$
declare
  most_bytes constant bigint := 50 * 1024 * 1024;
  most_records constant int := private.most_board_records();
begin
  with looked as (
    select c.id, c.op, c.op ->> 0 as kind, c.state, c.base, c.position, r.state as before, r.type, r.clock
    from rows from (jsonb_to_recordset(changes) as (id text, op jsonb, state jsonb, base bigint)) with ordinality
      as c (id, op, state, base, position)
    left join public.board_records r on r.board_id = board.id and r.record_id = c.id
  ), judged as (
    select l.id, l.op, l.state, l.before, l.clock, l.kind = 'patch' and l.clock <> l.base as is_stale,
      case l.kind
        when 'put' then l.before is null or l.type = l.state ->> 'typeName' and l.before <> l.state
        when 'patch' then l.type = l.state ->> 'typeName' and l.before <> l.state
        else l.type in ('shape', 'binding', 'asset', 'page', 'user')
      end as is_effective,
      case
        when l.kind = 'put' and private.needs_board_images(l.state)
          and not private.has_board_images(board.organization_id) then 'plan_limit_exceeded'
        when l.kind = 'put' and l.before is null and board.record_count + l.position > most_records then 'board_full'
        when l.kind <> 'remove' and octet_length(l.state::text) > coalesce(octet_length(l.before::text), 0)
          and board.bytes + octet_length(l.state::text) > most_bytes then 'board_full'
      end as code
    from looked l
  )
  select
    jsonb_agg(jsonb_build_object('id', j.id, 'clock', j.clock, 'state', j.before)) filter (where j.is_stale),
    jsonb_agg(jsonb_build_object('id', j.id, 'state', j.state)) filter (where j.is_effective and j.code is null),
    jsonb_object_agg(j.id, j.op) filter (where j.is_effective and j.code is null),
    jsonb_agg(jsonb_build_object('id', j.id, 'code', j.code)) filter (where j.is_effective and j.code is not null)
  into stale, writes, diff, refused from judged j;
end $$;
comment on function private.judge_changes is 'What of a push ([{ id, op, state, base }]) is stale, what is to be written, as changes and as a diff, and what is refused; null where there is none.';

create function private.push_board(inout board public.boards, push jsonb, out answer jsonb)
  language plpgsql set search_path = '' as $$
declare
  writer constant uuid := push ->> 'user_id';
  client constant uuid := push ->> 'client_id';
  tick constant bigint := push -> 'client_clock';
  version constant int := push -> 'schema_version';
  known record;
  judged record;
  is_effective boolean;
begin
  select m.role, o.user_id, o.client_clock, o.result into known
  from public.organization_members m
  left join private.board_operations o on o.board_id = board.id and o.client_id = client
  where m.organization_id = board.organization_id and m.user_id = writer;
  if known.role is null or known.user_id <> writer then
    perform private.refuse(404, 'board_not_found');
  end if;
  if known.client_clock >= tick then
    answer := known.result || jsonb_build_object('is_known', true);
    return;
  end if;
  perform private.require_may_write(board, known.role);
  if version <> board.schema_version then
    perform private.refuse(409, case when version < board.schema_version then 'client_outdated' else 'board_outdated' end);
  end if;
  judged := private.judge_changes(board, push -> 'changes');
  if judged.stale is not null then
    answer := jsonb_build_object('stale', judged.stale);
    return;
  end if;
  is_effective := judged.writes is not null;
  if is_effective then
    board := private.write_board(board, writer, judged.writes);
  end if;
  answer := jsonb_build_object('clock', board.clock, 'is_effective', is_effective, 'refused', coalesce(judged.refused, '[]'));
  insert into private.board_operations as o (board_id, client_id, user_id, client_clock, result)
  values (board.id, client, writer, tick, answer)
  on conflict (board_id, client_id) do update
    set client_clock = excluded.client_clock, result = excluded.result, at = excluded.at;
  answer := answer || jsonb_build_object('diff', coalesce(judged.diff, '{}'));
end $$;
comment on function private.push_board is 'One push to a board that is locked, done once: see board_push.';

create function public.board_push(board_id uuid, pushes jsonb) returns jsonb
  -- definer: records are not writable by clients. A push names a few of thousands of records: each is looked up by its
  -- key, by a plan that is made once, also where the table was never analyzed.
  language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan
  set enable_hashjoin = off set enable_mergejoin = off set enable_material = off set enable_bitmapscan = off as $$
declare
  board public.boards;
  push jsonb;
  pushed record;
  answers jsonb := '[]';
  changes jsonb := '[]';
begin
  select b.* into board from public.boards b where b.id = board_push.board_id for no key update;
  for push in select * from jsonb_array_elements(board_push.pushes) loop
    pushed := private.push_board(board, push);
    answers := answers || pushed.answer;
    if (pushed.board).clock > board.clock then
      changes := changes || jsonb_build_object('clock', (pushed.board).clock, 'diff', pushed.answer -> 'diff');
    end if;
    board := pushed.board;
  end loop;
  if changes <> '[]' then
    perform private.keep_board(board);
    perform private.tell_board(board, jsonb_build_object('clock', board.clock, 'changes', changes));
  end if;
  return answers;
end $$;
comment on function public.board_push is 'For functions/whiteboard with the service role, which has checked the sessions and each record. Pushes of one board, in order: [{ user_id, client_id, client_clock, schema_version, changes: [{ id, op: tldraw''s, state: what it makes of the record (null: none), base: clock of the record that a patch was applied to }] }]. Answers for each { clock, is_effective, diff, refused: [{ id, code }] }, { is_known } for what was done before, or { stale } with records that moved since, having done nothing of it. Those who look are told in one message.';

create function public.read_board_records(board_id uuid, user_id uuid, ids text[]) returns jsonb
  -- definer: reads past policies, for the person that is named
  language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  answer jsonb;
begin
  select jsonb_build_object('clock', b.clock, 'schema_version', b.schema_version, 'records', coalesce((
      select jsonb_agg(jsonb_build_object('id', r.record_id, 'clock', r.clock, 'state', r.state))
      from public.board_records r
      where r.board_id = b.id and (read_board_records.ids is null or r.record_id = any (read_board_records.ids))), '[]'),
    'schema', b.schema)
  into answer
  from public.boards b join public.organization_members m on m.organization_id = b.organization_id
  where b.id = read_board_records.board_id and m.user_id = read_board_records.user_id;
  if answer is null then
    perform private.refuse(404, 'board_not_found');
  end if;
  return answer;
end $$;
comment on function public.read_board_records is 'For functions/whiteboard: these records of a board (null: all) with their clocks, to a member.';

create function public.upgrade_board(board_id uuid, user_id uuid, from_clock bigint, schema_version int, schema jsonb,
  records jsonb) returns boolean
  -- definer: records are not writable by clients
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  board public.boards := private.open_board_for(upgrade_board.board_id, upgrade_board.user_id, false);
begin
  if board.schema_version >= upgrade_board.schema_version then
    return true;
  end if;
  if board.clock <> upgrade_board.from_clock then
    return false;
  end if;
  update public.board_records r set state = c, clock = board.clock + 1
  from jsonb_array_elements(upgrade_board.records) c
  where r.board_id = board.id and r.record_id = c ->> 'id' and r.state <> c;
  delete from public.board_records r where r.board_id = board.id
    and not exists (select from jsonb_array_elements(upgrade_board.records) c where c ->> 'id' = r.record_id);
  update public.boards b set clock = b.clock + 1, history_from = b.clock + 1, tombstone_count = 0,
    record_count = jsonb_array_length(upgrade_board.records),
    bytes = (select coalesce(sum(octet_length(c::text)), 0) from jsonb_array_elements(upgrade_board.records) c), schema_version = upgrade_board.schema_version,
    schema = upgrade_board.schema
  where b.id = board.id returning * into board;
  delete from private.board_tombstones t where t.board_id = board.id;
  perform private.tell_board(board, jsonb_build_object('clock', board.clock));
  return true;
end $$;
comment on function public.upgrade_board is 'For functions/whiteboard: all records in the form of a newer schema, which everyone then reads anew. False when the board moved on meanwhile.';

-- § Images -----------------------------------------------------------------------------------------------------

insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types) values
  ('board-images', 'board-images', false, 10485760, array['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

create table private.board_images (
  path text primary key,
  board_id uuid not null references public.boards (id) on delete cascade,
  -- The board's.
  organization_id uuid not null,
  created_at timestamptz not null default now(),
  -- Since when nothing on the board, and none of its versions, shows it.
  unused_since timestamptz default now()
);
comment on table private.board_images is 'What may be in the bucket board-images. With its row an image goes, too: with its board, or when it was not used for a week.';
create index board_images_board_index on private.board_images (board_id);
create index board_images_organization_index on private.board_images (organization_id);
alter table private.board_images enable row level security;

create function private.on_board_images_delete() returns trigger
  -- definer: nobody writes the list directly
  language plpgsql security definer set search_path = '' as $$
begin
  -- As long as the address to upload to holds, it may still come.
  insert into private.stale_objects (bucket_id, path, remove_after)
  values ('board-images', old.path, greatest(now(), old.created_at + interval '3 hours'))
  on conflict (bucket_id, path) do nothing;
  return null;
end $$;
create trigger board_images_delete after delete on private.board_images
  for each row execute function private.on_board_images_delete();

create function private.image_bytes(organization_id uuid) returns numeric
  language sql stable set search_path = '' as $$
  select coalesce(sum(case when o.id is not null then (o.metadata ->> 'size')::bigint
    -- On its way it may be as large as the bucket lets in.
    when i.created_at > now() - interval '3 hours' then b.file_size_limit else 0 end), 0)
  from private.board_images i join storage.buckets b on b.id = 'board-images'
  left join storage.objects o on o.bucket_id = b.id and o.name = i.path
  where i.organization_id = image_bytes.organization_id
$$;
comment on function private.image_bytes is 'What the images on an organization''s boards have together.';

create function public.admit_board_image(board_id uuid, user_id uuid) returns uuid
  -- definer: reads past policies, for the person that is named
  language plpgsql security definer set search_path = '' as $$
declare
  board constant public.boards := private.open_board_for(admit_board_image.board_id, admit_board_image.user_id, false);
begin
  return board.organization_id;
end $$;
comment on function public.admit_board_image is 'For functions/whiteboard: whose the board is, to a member.';

create function public.begin_board_image(board_id uuid, user_id uuid, type text, bytes bigint) returns text
  -- definer: reads past policies, for the person that is named
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  board public.boards;
  image_path text;
  used numeric;
begin
  -- Organizations are locked before their boards.
  perform from public.organizations o
  where o.id = (select b.organization_id from public.boards b where b.id = begin_board_image.board_id) for no key update;
  board := private.open_board_for(begin_board_image.board_id, begin_board_image.user_id, true);
  perform private.require_room(board.organization_id, 'board_images', 1);
  used := private.image_bytes(board.organization_id);
  perform private.refuse(402, 'plan_limit_exceeded', jsonb_build_object('resource', 'board_image_mb', 'limit', l.amount,
    'used', ceil(used / 1e6), 'plan', o.plan))
  from private.limit_of(board.organization_id, 'board_image_mb') l
  join public.organizations o on o.id = board.organization_id
  where not l.is_unlimited and used + begin_board_image.bytes > l.amount * 1e6;
  image_path := format('%s/%s/%s.%s', board.organization_id, board.id, gen_random_uuid(), begin_board_image.type);
  insert into private.board_images (path, board_id, organization_id) values (image_path, board.id, board.organization_id);
  return image_path;
end $$;
comment on function public.begin_board_image is 'For functions/whiteboard: where an image of this type and size goes. 402 where the plan has no images, or no room for one more.';

create function private.release_board_images(at timestamptz) returns int
  language plpgsql set search_path = '' as $$
declare
  released int;
begin
  with shown as (
    select a.board_id, a.state #>> '{props,src}' as src
    from public.board_records a
    join public.board_records s on s.board_id = a.board_id and s.type = 'shape' and s.state #>> '{props,assetId}' = a.record_id
    where a.type = 'asset' and a.board_id in (select i.board_id from private.board_images i)
    union
    select v.board_id, r #>> '{props,src}'
    from public.board_snapshots v cross join lateral jsonb_array_elements(v.records) r
    where r ->> 'typeName' = 'asset' and v.board_id in (select i.board_id from private.board_images i)
  )
  update private.board_images i set unused_since = case when s.src is null then release_board_images.at end
  from private.board_images j left join shown s on s.board_id = j.board_id and s.src = 'asset:' || j.path
  where i.path = j.path and (i.unused_since is null) <> (s.src is not null);
  delete from private.board_images i where i.unused_since < release_board_images.at - interval '7 days';
  get diagnostics released = row_count;
  return released;
end $$;
comment on function private.release_board_images is 'Gives up images that were not used for a week, in which undo may bring them back; answers how many.';
select cron.schedule('release-board-images', '41 3 * * *', 'select private.release_board_images(now())');
select cron.schedule('remove-board-images', '*/5 * * * *', $$select private.call_job('whiteboard', 'remove-images')
  where exists (select from private.stale_objects where bucket_id = 'board-images' and remove_after < now())$$);

revoke execute on function public.admit_board_image, public.begin_board_image from public, anon, authenticated;
grant execute on function public.admit_board_image, public.begin_board_image to service_role;
revoke execute on function public.board_push, public.read_board_records, public.upgrade_board from public, anon, authenticated;
grant execute on function public.board_push, public.read_board_records, public.upgrade_board to service_role;

-- § Pulling ----------------------------------------------------------------------------------------------------

create function public.board_pull(board_id uuid, since bigint) returns jsonb
  -- definer: membership is asked once, not for each record
  language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  board public.boards;
  wipe boolean;
begin
  select b.* into board from public.boards b
  where b.id = board_pull.board_id and b.organization_id in (select private.my_organization_ids());
  if not found then
    perform private.refuse(404, 'board_not_found');
  end if;
  wipe := board_pull.since < board.history_from or board_pull.since > board.clock;
  return jsonb_build_object('clock', board.clock, 'schema_version', board.schema_version, 'wipe', wipe,
    'puts', (select coalesce(jsonb_agg(r.state), '[]') from public.board_records r
      where r.board_id = board.id and (wipe or r.clock > board_pull.since)),
    'deletes', (select coalesce(jsonb_agg(t.record_id), '[]') from private.board_tombstones t
      where t.board_id = board.id and not wipe and t.clock > board_pull.since));
end $$;
comment on function public.board_pull is 'What changed on a board after a clock: { clock, schema_version, wipe, puts, deletes }. With wipe, puts is all there is.';
grant execute on function public.create_board, public.board_pull to authenticated;

select cron.schedule('forget-board-operations', '23 3 * * *',
  $$delete from private.board_operations where at < now() - interval '30 days'$$);

-- § Notes ------------------------------------------------------------------------------------------------------

create function private.plain_text(rich_text jsonb) returns text
  language sql immutable set search_path = '' as $$
  select coalesce(string_agg(coalesce((
    select string_agg(t #>> '{}', '' order by n)
    from jsonb_path_query(block, 'strict $.**.text ? (@.type() == "string")') with ordinality x (t, n)), ''), e'\n' order by position), '')
  from jsonb_array_elements(case jsonb_typeof(rich_text -> 'content') when 'array' then rich_text -> 'content' else '[]' end)
    with ordinality b (block, position)
$$;
comment on function private.plain_text is 'The words of tldraw''s rich text, a line for each of its blocks.';

create function private.page_of(board_id uuid, parent_id text) returns text
  language plpgsql stable set search_path = '' as $$
declare
  ancestor text := parent_id;
  depth int := 0;
begin
  while ancestor not like 'page:%' and depth < 50 loop
    select r.state ->> 'parentId' into ancestor from public.board_records r
    where r.board_id = page_of.board_id and r.record_id = ancestor;
    depth := depth + 1;
  end loop;
  return ancestor;
end $$;
comment on function private.page_of is 'The page on which a shape is, through the groups and frames that it is in.';
grant execute on function private.plain_text, private.page_of to authenticated;

create view public.whiteboard_notes with (security_invoker = true) as
select r.board_id, r.organization_id, r.record_id as note_id, p.state ->> 'name' as tab, p.record_id as page_id,
  private.plain_text(r.state #> '{props,richText}') as text, r.state #>> '{props,color}' as color,
  r.state ->> 'index' as position, r.created_at, r.updated_at, r.updated_by,
  case when r.record_id = 'shape:result-' || (r.state #>> '{meta,task_id}') then r.state #>> '{meta,task_id}' end as result_of
from public.board_records r
join public.board_records p on p.board_id = r.board_id and p.record_id = private.page_of(r.board_id, r.state ->> 'parentId')
where r.type = 'shape' and r.state ->> 'type' = 'note';
comment on view public.whiteboard_notes is 'The sticky notes of boards as plain text; tab is the name of their page; result_of the task of which it is the result.';
grant select on public.whiteboard_notes to authenticated;

create function private.recent_notes(organization_id uuid) returns jsonb
  language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('board', n.board, 'tab', p.state ->> 'name',
    'text', left(private.plain_text(n.state #> '{props,richText}'), 500), 'changed_at', n.updated_at) order by n.updated_at desc), '[]')
  from (
    select b.name as board, r.board_id, r.state, r.updated_at
    from public.boards b join public.board_records r on r.board_id = b.id
    where b.organization_id = recent_notes.organization_id and r.type = 'shape' and r.state ->> 'type' = 'note'
    order by r.updated_at desc limit 100
  ) n
  join public.board_records p on p.board_id = n.board_id and p.record_id = private.page_of(n.board_id, n.state ->> 'parentId')
$$;
comment on function private.recent_notes is 'The hundred notes of an organization that were changed last, with their boards and tabs.';

-- § Tasks made from notes --------------------------------------------------------------------------------------

create function private.may_write_on(board public.boards, user_id uuid) returns boolean
  language sql stable set search_path = '' as $$
  select exists (select from public.organization_members m where m.organization_id = board.organization_id
    and m.user_id = may_write_on.user_id and (m.role in ('owner', 'admin') or not board.is_locked))
$$;

create function private.require_note_of(organization_id uuid, user_id uuid, source jsonb) returns void
  language plpgsql stable set search_path = '' as $$
declare
  board public.boards;
begin
  -- Nothing is locked here: boards are locked after the task, which is not made yet.
  select b.* into board
  from public.boards b join public.board_records r on r.board_id = b.id
  where b.organization_id = require_note_of.organization_id and b.id::text = source ->> 'board_id'
    and r.record_id = source ->> 'note_id' and r.type = 'shape' and r.state ->> 'type' = 'note';
  if not found then
    perform private.refuse(404, 'board_note_not_found');
  end if;
  if not private.may_write_on(board, require_note_of.user_id) then
    perform private.refuse(403, 'board_locked');
  end if;
end $$;
comment on function private.require_note_of is 'Whether a task may be made of this note ({ board_id, note_id }): one of the organization, where the person may write, since the result will stand beside it.';

create function private.words_of_result(task public.tasks) returns text
  language sql stable set search_path = '' as $$
  select coalesce((select a.name || ': ' from public.agents a where a.id = task.agent_id), '')
    || case when plain = '' then 'Done' when char_length(plain) > 200 then regexp_replace(left(plain, 199), '\s+\S*$', '') || '…' else plain end
  from (select btrim(regexp_replace(regexp_replace(coalesce(task.result, ''), '\*\*|`|^#{1,6} ', '', 'gn'), '\s*\n\s*', e'\n', 'g'), e' \n')) r (plain)
$$;
comment on function private.words_of_result is 'As much of a result as a note holds, without Markdown''s marks.';

create function private.with_words(note jsonb, words text) returns jsonb
  language sql immutable set search_path = '' as $$
  select jsonb_set(note, '{props}', note -> 'props' || jsonb_build_object('size', 's', 'textLastEditedBy', null,
    -- At least thirteen letters stand in a line and six lines on a note, which grows with more.
    'growY', greatest(0, sum(ceil(greatest(char_length(line), 1) / 13.0)) - 6) * 25,
    'richText', jsonb_build_object('type', 'doc', 'content', jsonb_agg(jsonb_build_object('type', 'paragraph') ||
      case when line = '' then '{}' else jsonb_build_object('content',
        jsonb_build_array(jsonb_build_object('type', 'text', 'text', line))) end order by position))))
  from string_to_table(words, e'\n') with ordinality l (line, position)
$$;

create function private.make_result_card(board public.boards, note jsonb, task public.tasks, card_id text) returns jsonb
  language sql stable set search_path = '' as $$
  with recursive around (parent_id, x, y, depth) as (
    select note ->> 'parentId', (note ->> 'x')::numeric, (note ->> 'y')::numeric, 0
    union all
    -- Out of groups and frames, which would cut it off.
    select r.state ->> 'parentId', a.x + (r.state ->> 'x')::numeric, a.y + (r.state ->> 'y')::numeric, a.depth + 1
    from around a join public.board_records r on r.board_id = board.id and r.record_id = a.parent_id
    where a.parent_id not like 'page:%' and a.depth < 50
  ), earlier (count) as (
    select count(*) from public.board_records r where r.board_id = board.id and r.type = 'shape'
      and r.state ->> 'type' = 'note' and r.state #>> '{meta,note_id}' = note ->> 'id'
  )
  select note || jsonb_build_object('id', card_id, 'parentId', a.parent_id, 'x', a.x + 240 * scale * (1 + e.count), 'y', a.y,
    'rotation', 0, 'isLocked', false, 'opacity', 1,
    'meta', jsonb_build_object('task_id', task.id, 'note_id', note ->> 'id'),
    'props', note -> 'props' || jsonb_build_object('color', 'light-green', 'url',
      format('/%s/tasks/%s', (select o.slug from public.organizations o where o.id = task.organization_id), task.id)))
  from around a, earlier e, (select (note #>> '{props,scale}')::numeric) s (scale)
  where a.parent_id like 'page:%'
$$;
comment on function private.make_result_card is 'A note beside the one that a task was made of. It is a copy of that one, and so a record of whatever schema the board has.';

create function private.arrow_schema_version() returns int
  language sql immutable set search_path = '' as 'select 134';
comment on function private.arrow_schema_version is 'The version of tldraw''s schema that the records of private.make_result_arrow follow; a test holds it to the one that is installed.';

create function private.bind_arrow(arrow_id text, terminal text, shape_id text) returns jsonb
  language sql immutable set search_path = '' as $$
  select jsonb_build_object('id', replace(arrow_id, 'shape:', 'binding:') || '-' || terminal, 'typeName', 'binding', 'type', 'arrow',
    'fromId', arrow_id, 'toId', shape_id, 'meta', '{}'::jsonb, 'props', jsonb_build_object('terminal', terminal,
      'normalizedAnchor', '{"x": 0.5, "y": 0.5}'::jsonb, 'isExact', false, 'isPrecise', false, 'snap', 'none'))
$$;

create function private.make_result_arrow(note_id text, card jsonb, task_id uuid) returns jsonb
  language sql immutable set search_path = '' as $$
  select jsonb_build_array(
    jsonb_build_object('id', arrow_id, 'typeName', 'shape', 'type', 'arrow', 'parentId', card -> 'parentId',
      -- Right above both: where tldraw would put it.
      'index', (card ->> 'index') || '001', 'x', (card ->> 'x')::numeric - 40 * scale, 'y', (card ->> 'y')::numeric + 100 * scale,
      'rotation', 0, 'isLocked', false, 'opacity', 1, 'meta', jsonb_build_object('task_id', task_id),
      'props', jsonb_build_object('kind', 'arc', 'labelColor', 'black', 'color', 'grey', 'fill', 'none', 'dash', 'draw', 'size', 's',
        'arrowheadStart', 'none', 'arrowheadEnd', 'arrow', 'font', 'draw', 'bend', 0, 'labelPosition', 0.5, 'scale', scale,
        'elbowMidPoint', 0.5, 'richText', '{"type": "doc", "content": [{"type": "paragraph"}]}'::jsonb,
        -- Where nothing binds it any more.
        'start', '{"x": 0, "y": 0}'::jsonb, 'end', jsonb_build_object('x', 40 * scale, 'y', 0))),
    private.bind_arrow(arrow_id, 'start', note_id), private.bind_arrow(arrow_id, 'end', card ->> 'id'))
  from (select 'shape:result-' || task_id || '-arrow', (card #>> '{props,scale}')::numeric) of_card (arrow_id, scale)
$$;
comment on function private.make_result_arrow is 'An arrow from a note to the card of its result, and what binds it to both, so that it follows them.';

create function private.on_tasks_show_result() returns trigger
  -- definer: records are written by nobody else
  language plpgsql security definer set search_path = '' as $$
declare
  card_id constant text := 'shape:result-' || new.id;
  board public.boards;
  note jsonb;
  card jsonb;
  state jsonb;
  shown jsonb;
begin
  select b.* into board from public.boards b
  where b.organization_id = new.organization_id and b.id::text = new.source ->> 'board_id' for no key update;
  select r.state into note from public.board_records r
  where r.board_id = board.id and r.record_id = new.source ->> 'note_id' and r.type = 'shape' and r.state ->> 'type' = 'note';
  select r.state into card from public.board_records r where r.board_id = board.id and r.record_id = card_id;
  if note is null or card ->> 'type' <> 'note' or board.is_locked and not private.may_write_on(board, new.created_by)
    or card is null and (
      board.record_count >= private.most_board_records()
      -- Somebody has put it away.
      or exists (select from private.board_tombstones t where t.board_id = board.id and t.record_id = card_id)) then
    return null;
  end if;
  state := private.with_words(coalesce(card, private.make_result_card(board, note, new, card_id)), private.words_of_result(new));
  if state is not null and state is distinct from card then
    shown := jsonb_build_array(state);
    if card is null and board.schema_version = private.arrow_schema_version()
        and board.record_count + 4 <= private.most_board_records() then
      shown := shown || private.make_result_arrow(note ->> 'id', state, new.id);
    end if;
    board := private.write_board(board, null,
      (select jsonb_agg(jsonb_build_object('id', r ->> 'id', 'state', r)) from jsonb_array_elements(shown) r));
    perform private.keep_board(board);
    perform private.tell_board(board, jsonb_build_object('clock', board.clock, 'changes', jsonb_build_array(
      jsonb_build_object('clock', board.clock, 'diff',
        (select jsonb_object_agg(r ->> 'id', jsonb_build_array('put', r)) from jsonb_array_elements(shown) r)))));
  end if;
  return null;
end $$;
comment on function private.on_tasks_show_result is 'Puts the result of a task beside the note that it was made of, as one note to which an arrow leads, however often it is done. Nothing happens where board or note are gone.';
-- Named to come after tasks_office: boards are locked last.
create trigger tasks_show_result after update of status on public.tasks
  for each row when (new.status = 'completed' and old.status <> 'completed' and new.source ->> 'kind' = 'note')
  execute function private.on_tasks_show_result();

-- § Versions ---------------------------------------------------------------------------------------------------

create table public.board_snapshots (
  id uuid primary key default gen_random_uuid(),
  board_id uuid not null references public.boards (id) on delete cascade,
  -- The board's, for the policy.
  organization_id uuid not null,
  name text not null,
  clock bigint not null,
  schema jsonb,
  records jsonb not null,
  record_count int not null,
  created_by uuid references public.profiles (user_id) on delete set null,
  created_at timestamptz not null default now(),
  constraint board_snapshots_name_length check (char_length(btrim(name)) between 1 and 100)
);
comment on table public.board_snapshots is 'Versions of boards that someone gave a name. Restoring one is a push like any other.';
create index board_snapshots_board_index on public.board_snapshots (board_id, created_at desc);
create index board_snapshots_created_by_index on public.board_snapshots (created_by);
alter table public.board_snapshots enable row level security;
create policy "members read board snapshots" on public.board_snapshots
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
grant select on public.board_snapshots to authenticated;

create function public.save_board_snapshot(board_id uuid, name text) returns uuid
  -- definer: snapshots are not insertable by clients
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  most constant int := 100;
  board public.boards := private.open_board_for(save_board_snapshot.board_id, auth.uid(), false);
  snapshot uuid;
begin
  perform private.require_room(board.organization_id, 'board_versions', 1);
  if coalesce(char_length(btrim(save_board_snapshot.name)), 0) not between 1 and 100 then
    perform private.refuse(400, 'name_invalid');
  end if;
  if (select count(*) from public.board_snapshots s where s.board_id = board.id) >= most then
    perform private.refuse(409, 'too_many_board_snapshots', jsonb_build_object('limit', most));
  end if;
  insert into public.board_snapshots (board_id, organization_id, name, clock, schema, records, record_count, created_by)
  select board.id, board.organization_id, btrim(save_board_snapshot.name), board.clock, board.schema, coalesce(jsonb_agg(r.state), '[]'), count(*), auth.uid()
  from public.board_records r where r.board_id = board.id
  returning id into snapshot;
  return snapshot;
end $$;
comment on function public.save_board_snapshot is 'Keeps the board as it is now under a name; 402 where the plan has no versions. Answers its id.';

create function public.delete_board_snapshot(id uuid) returns void
  -- definer: snapshots are not deletable by clients
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  organization uuid;
begin
  select b.organization_id into organization
  from public.board_snapshots s join public.boards b on b.id = s.board_id
  where s.id = delete_board_snapshot.id and b.organization_id in (select private.my_organization_ids());
  if organization is null then
    perform private.refuse(404, 'board_snapshot_not_found');
  end if;
  perform private.require_role(organization, 'admin');
  delete from public.board_snapshots s where s.id = delete_board_snapshot.id;
end $$;
comment on function public.delete_board_snapshot is 'Forgets a version, by admins.';

create function public.export_board(board_id uuid) returns jsonb
  -- definer: the plan is asked, which the policies of records do not
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  board public.boards := private.open_board_for(export_board.board_id, auth.uid(), false);
begin
  perform private.require_room(board.organization_id, 'board_exports', 1);
  return jsonb_build_object('name', board.name, 'schema', board.schema, 'records', (
    select coalesce(jsonb_agg(r.state order by r.record_id), '[]') from public.board_records r where r.board_id = board.id));
end $$;
comment on function public.export_board is 'All of a board as tldraw''s records; 402 where the plan has no export.';
grant execute on function public.save_board_snapshot, public.delete_board_snapshot, public.export_board to authenticated;
