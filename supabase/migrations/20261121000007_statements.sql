-- Statements: a calendar month of an organization closed for good, charged to projects, people and tags.
--
-- What happens to a month after it was closed (an estimate replaced, a call priced again) is not written into it: the
-- next statement has the difference as an adjustment. Up to its end the statements therefore always add up to the
-- ledger, whatever was corrected and even where the organization moved to another time zone.

create table public.statements (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  -- Its first day. Which instants it spans the zone of that time decides.
  month date not null,
  time_zone text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  -- Calls that were let through, and their cost: of the month itself, and what was corrected of earlier ones.
  calls bigint not null,
  usage_usd numeric(20, 10) not null,
  adjustments_usd numeric(20, 10) not null,
  total_usd numeric(20, 10) not null generated always as (usage_usd + adjustments_usd) stored,
  -- SHA-256 of what statement_csv answers, byte for byte.
  checksum text not null,
  -- No foreign key: who closed it stays known.
  closed_by uuid,
  closed_by_email text,
  closed_at timestamptz not null default now(),
  constraint statements_month_is_first_day check (extract(day from month) = 1),
  constraint statements_checksum_is_sha256 check (checksum ~ '^[0-9a-f]{64}$'),
  constraint statements_unique unique (organization_id, month)
);
comment on table public.statements is 'Months that an admin has closed. Neither changed nor deleted, unless the organization is.';
create trigger statements_audit after insert on public.statements
  for each row execute function private.on_audited_change('statement');
alter table public.statements enable row level security;
create policy "admins read statements" on public.statements
  for select to authenticated using (organization_id in (select private.organizations_where_i_am('admin')));
grant select on public.statements to authenticated;

create table public.statement_lines (
  statement_id uuid not null references public.statements (id) on delete cascade,
  position int not null,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  -- organization (all of it), project, user or tag: each breaks the same total down, but that a call counts with each of
  -- its tags.
  dimension text not null,
  -- The project's id, the user or tag as calls name them; '' where they name none.
  key text not null,
  -- As it was called when the month was closed.
  label text not null,
  -- The statement's month: usage. An earlier one: an adjustment of it.
  usage_month date not null,
  calls bigint not null,
  input_tokens bigint not null,
  output_tokens bigint not null,
  cost_usd numeric(20, 10) not null,
  primary key (statement_id, position)
);
comment on table public.statement_lines is 'What a statement charges to whom.';
create index statement_lines_organization_index on public.statement_lines (organization_id, dimension, key, usage_month);
alter table public.statement_lines enable row level security;
create policy "admins read statement lines" on public.statement_lines
  for select to authenticated using (organization_id in (select private.organizations_where_i_am('admin')));
grant select on public.statement_lines to authenticated;

create function private.on_statements_change() returns trigger
  language plpgsql set search_path = '' as $$
begin
  if tg_op = 'UPDATE' or exists (select from public.organizations o where o.id = old.organization_id) then
    perform private.refuse(409, 'statement_is_final');
  end if;
  return old;
end $$;
create trigger statements_final before update or delete on public.statements
  for each row execute function private.on_statements_change();
create trigger statement_lines_final before update or delete on public.statement_lines
  for each row execute function private.on_statements_change();

-- § What is due ------------------------------------------------------------------------------------------------

create function private.usage_by_month(organization_id uuid, zone text, before timestamptz)
  returns table (dimension text, key text, usage_month date, calls bigint, input_tokens bigint, output_tokens bigint,
    cost_usd numeric)
  language sql stable set search_path = '' as $$
  with calendar as (
    select exists (select from private.usage_calendars c
      where c.organization_id = usage_by_month.organization_id and c.time_zone = zone) as has_days
  ), facts as (
    select s.dimension, s.key, s.day, s.calls - s.refusals as calls, s.input_tokens, s.output_tokens, s.cost_usd
    from public.usage_sums s
    where s.organization_id = usage_by_month.organization_id and s.dimension in ('all', 'project', 'user', 'tag')
      and s.span_days = 1 and s.day < (before at time zone zone)::date and (select c.has_days from calendar c)
    union all
    -- What is not folded yet; where the days are not of this zone yet, everything.
    select k.dimension, k.key, (u.bucket_at at time zone zone)::date, u.calls, u.input_tokens, u.output_tokens, u.cost_usd
    from (
      select d.bucket_at, d.project_id, d.user_id, d.tags, d.calls - d.refusals as calls, d.input_tokens, d.output_tokens,
        d.cost_usd
      from private.usage_deltas d where d.organization_id = usage_by_month.organization_id
      union all
      select r.bucket_at, r.project_id, r.user_id, null, r.calls - r.refusals, r.input_tokens, r.output_tokens, r.cost_usd
      from public.usage_rollups r
      where r.organization_id = usage_by_month.organization_id and not (select c.has_days from calendar c)
    ) u
    cross join lateral (
      values ('all', ''), ('project', u.project_id::text), ('user', u.user_id)
      union all select 'tag', t from private.tags_or_none(u.tags) t
    ) k (dimension, key)
    -- By the day, not the instant: there are midnights that come twice.
    where (u.bucket_at at time zone zone)::date < (before at time zone zone)::date
    union all
    select 'tag', t.tag, (t.bucket_at at time zone zone)::date, t.calls - t.refusals, t.input_tokens, t.output_tokens,
      t.cost_usd
    from public.usage_tag_rollups t
    where t.organization_id = usage_by_month.organization_id
      and (t.bucket_at at time zone zone)::date < (before at time zone zone)::date and not (select c.has_days from calendar c)
  )
  select case f.dimension when 'all' then 'organization' else f.dimension end,
    case f.dimension when 'all' then usage_by_month.organization_id::text else f.key end,
    date_trunc('month', f.day::timestamp)::date, sum(f.calls)::bigint, sum(f.input_tokens)::bigint,
    sum(f.output_tokens)::bigint, sum(f.cost_usd)
  from facts f group by 1, 2, 3
$$;
comment on function private.usage_by_month is 'Settled calls before the beginning of a day as the rollups have them now, by month in a zone, of one snapshot.';

create function private.name_of_statement_key(organization_id uuid, dimension text, key text) returns text
  language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  person constant uuid := case when dimension = 'user' and pg_input_is_valid(key, 'uuid') then key::uuid end;
begin
  return coalesce(
    case when key = '' then case dimension when 'tag' then 'Without a tag' else 'Not attributed' end end,
    (select o.name from public.organizations o where dimension = 'organization' and o.id = name_of_statement_key.organization_id),
    (select p.name from public.projects p where dimension = 'project' and p.id::text = key
      and p.organization_id = name_of_statement_key.organization_id),
    -- Only of people who are or were here: calls may name anybody.
    (select coalesce(nullif(p.full_name, ''), p.email) from public.profiles p
      where (p.user_id = person or (dimension = 'user' and p.email = key))
        and (exists (select from public.organization_members m
            where m.organization_id = name_of_statement_key.organization_id and m.user_id = p.user_id)
          or exists (select from public.proxy_keys k
            where k.organization_id = name_of_statement_key.organization_id and k.member_id = p.user_id))
      limit 1),
    key);
end $$;

create function private.draft_statement(organization_id uuid, month date, zone text, ends_at timestamptz)
  returns public.statement_lines[]
  language sql stable set search_path = '' as $$
  with due as (
    -- dimension, key and usage_month are of either: what was stated may be of another month now.
    select dimension, key, usage_month, coalesce(u.calls, 0) - coalesce(s.calls, 0) as calls,
      coalesce(u.input_tokens, 0) - coalesce(s.input_tokens, 0) as input_tokens,
      coalesce(u.output_tokens, 0) - coalesce(s.output_tokens, 0) as output_tokens,
      coalesce(u.cost_usd, 0) - coalesce(s.cost_usd, 0) as cost_usd
    from private.usage_by_month(draft_statement.organization_id, zone, draft_statement.ends_at) u
    full join (
      select l.dimension, l.key, l.usage_month, sum(l.calls)::bigint as calls, sum(l.input_tokens)::bigint as input_tokens,
        sum(l.output_tokens)::bigint as output_tokens, sum(l.cost_usd) as cost_usd
      from public.statement_lines l where l.organization_id = draft_statement.organization_id group by 1, 2, 3
    ) s using (dimension, key, usage_month)
  ), named as (
    select d.*, private.name_of_statement_key(draft_statement.organization_id, d.dimension, d.key) as label from due d
    where d.cost_usd <> 0 or d.calls <> 0 or d.input_tokens <> 0 or d.output_tokens <> 0
  ), placed as (
    select n.*, row_number() over (order by array_position(array['organization', 'project', 'user', 'tag'], n.dimension),
      n.usage_month desc, n.cost_usd desc, n.key collate "C")::int as position
    from named n
  )
  select coalesce(array_agg(row(null, p.position, draft_statement.organization_id, p.dimension, p.key, p.label, p.usage_month,
    p.calls, p.input_tokens, p.output_tokens, p.cost_usd)::public.statement_lines order by p.position), '{}')
  from placed p
$$;
comment on function private.draft_statement is 'The lines of a month that is not closed yet: its usage, and of earlier months what differs from what was stated.';

create function private.csv_cell(cell text) returns text
  language plpgsql immutable set search_path = '' as $$
begin
  -- Spreadsheets run what begins like a formula, and callers choose their tags.
  if cell ~ '^[=+\-@\t\r]' then
    cell := '''' || cell;
  end if;
  return case when cell ~ '[",\r\n]' then '"' || replace(cell, '"', '""') || '"' else cell end;
end $$;

create function private.write_statement_csv(month date, lines public.statement_lines[]) returns text
  language sql immutable set search_path = '' as $$
  select 'statement,dimension,key,label,usage_month,kind,calls,input_tokens,output_tokens,cost_usd' || e'\r\n'
    || coalesce(string_agg(concat_ws(',', to_char(write_statement_csv.month, 'YYYY-MM'), l.dimension, private.csv_cell(l.key),
      private.csv_cell(l.label), to_char(l.usage_month, 'YYYY-MM'),
      case when l.usage_month = write_statement_csv.month then 'usage' else 'adjustment' end,
      l.calls, l.input_tokens, l.output_tokens, round(l.cost_usd, 10)) || e'\r\n', '' order by l.position), '')
  from unnest(lines) l
$$;

create function private.next_statement(organization_id uuid, out month date, out time_zone text, out starts_at timestamptz,
  out ends_at timestamptz)
  language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  select o.time_zone into time_zone from public.organizations o where o.id = next_statement.organization_id;
  month := coalesce(
    (select max(s.month) + interval '1 month' from public.statements s where s.organization_id = next_statement.organization_id),
    date_trunc('month', least(
      (select min(q.bucket_at) from public.usage_quarters q where q.organization_id = next_statement.organization_id),
      (select min(d.bucket_at) from private.usage_deltas d where d.organization_id = next_statement.organization_id))
      at time zone next_statement.time_zone));
  starts_at := private.day_start(month, time_zone);
  ends_at := private.day_start((month + interval '1 month')::date, time_zone);
end $$;
comment on function private.next_statement is 'The month to be closed next: after the last one that was, else the first with a call. Null where there was none.';

-- § For admins -------------------------------------------------------------------------------------------------

create function public.next_statement(organization_id uuid)
  returns table (month date, starts_at timestamptz, ends_at timestamptz, is_over boolean)
  -- definer: what is due does not end with the history that the plan shows
  language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  perform private.require_role(next_statement.organization_id, 'admin');
  return query select n.month, n.starts_at, n.ends_at, n.ends_at <= now()
    from private.next_statement(next_statement.organization_id) n where n.month is not null;
end $$;
comment on function public.next_statement is 'The month that can be closed next, once it is over; no row before the first call.';

create function public.preview_statement(organization_id uuid)
  returns table (line int, dimension text, key text, label text, usage_month date, calls bigint, input_tokens bigint,
    output_tokens bigint, cost_usd text)
  -- definer: as above
  language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  next record;
begin
  perform private.require_role(preview_statement.organization_id, 'admin');
  next := private.next_statement(preview_statement.organization_id);
  return query select l.position, l.dimension, l.key, l.label, l.usage_month, l.calls, l.input_tokens, l.output_tokens,
      l.cost_usd::text
    from unnest(private.draft_statement(preview_statement.organization_id, next.month, next.time_zone, next.ends_at)) l;
end $$;
comment on function public.preview_statement is 'The lines that closing the next month now would make.';

create function public.close_month(organization_id uuid, month date) returns uuid
  -- definer: statements are not writable by clients
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  next record;
  lines public.statement_lines[];
  statement uuid;
begin
  perform private.require_role(close_month.organization_id, 'admin');
  -- Of two who close at once the second sees what the first did.
  perform from public.organizations o where o.id = close_month.organization_id for no key update;
  next := private.next_statement(close_month.organization_id);
  if close_month.month < next.month then
    perform private.refuse(409, 'month_is_closed');
  end if;
  if close_month.month is distinct from next.month then
    perform private.refuse(409, 'close_earlier_first', jsonb_build_object('month', next.month));
  end if;
  if next.ends_at > now() then
    perform private.refuse(409, 'month_not_over', jsonb_build_object('ends_at', next.ends_at));
  end if;
  lines := private.draft_statement(close_month.organization_id, next.month, next.time_zone, next.ends_at);
  insert into public.statements (organization_id, month, time_zone, starts_at, ends_at, calls, usage_usd, adjustments_usd,
    checksum, closed_by, closed_by_email)
  select close_month.organization_id, next.month, next.time_zone, next.starts_at, next.ends_at,
    coalesce(sum(l.calls) filter (where l.usage_month = next.month), 0),
    coalesce(sum(l.cost_usd) filter (where l.usage_month = next.month), 0),
    coalesce(sum(l.cost_usd) filter (where l.usage_month <> next.month), 0),
    encode(sha256(convert_to(private.write_statement_csv(next.month, lines), 'utf8')), 'hex'),
    auth.uid(), (select p.email from public.profiles p where p.user_id = auth.uid())
  from unnest(lines) l where l.dimension = 'organization'
  returning id into statement;
  insert into public.statement_lines
  select statement, l.position, l.organization_id, l.dimension, l.key, l.label, l.usage_month, l.calls, l.input_tokens,
    l.output_tokens, l.cost_usd
  from unnest(lines) l;
  return statement;
end $$;
comment on function public.close_month is 'Closes the next month for good and answers the statement''s id. Months are closed in order, each after its end.';

create function public.statement_csv(id uuid) returns text
  language plpgsql stable set search_path = '' as $$
declare
  statement public.statements;
begin
  -- As the caller: RLS shows statements to admins only.
  select * into statement from public.statements s where s.id = statement_csv.id;
  if not found then
    perform private.refuse(404, 'statement_not_found');
  end if;
  return private.write_statement_csv(statement.month, coalesce((select array_agg(l order by l.position)
    from public.statement_lines l where l.statement_id = statement.id), '{}'));
end $$;
comment on function public.statement_csv is 'A statement''s lines as CSV (RFC 4180, UTF-8). The SHA-256 of these bytes is its checksum.';
grant execute on function private.csv_cell, private.write_statement_csv to authenticated;
grant execute on function public.next_statement, public.preview_statement, public.close_month, public.statement_csv
  to authenticated;
