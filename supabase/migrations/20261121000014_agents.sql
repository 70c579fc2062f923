-- Agents: who works, at what, what it did and cost, and the log of it that the office is drawn from.
--
-- Whatever decides is here: functions/agents claims a task under a lease, and each of its writes names the lease's token,
-- so that of two executors one is refused. A step is a row before it is done. A model call has its id before it is made,
-- which private.internal_calls admits once and keeps the answer of; so whoever takes over asks for the answer, not again.
-- Locks are taken in one order: organization, task, counter of spending, internal call, the counter of office events, and a
-- board last.

insert into public.plan_limits (plan, resource, amount, is_unlimited) values
  -- Each time that one is begun counts: when it is assigned, restarted, or sent back.
  ('free', 'tasks_month', 10, false), ('pro', 'tasks_month', 100, false), ('enterprise', 'tasks_month', 1000, false),
  -- Less than one executor carries: nobody takes all of it.
  ('free', 'tasks_at_once', 2, false), ('pro', 'tasks_at_once', 4, false), ('enterprise', 'tasks_at_once', 6, false);

-- § Agents -----------------------------------------------------------------------------------------------------

create table public.agents (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  -- Whose money it spends.
  project_id uuid not null references public.projects (id) on delete cascade,
  name text not null,
  role text not null default '',
  avatar text not null default 'robot',
  -- As calls name it: a model with or without its provider, or an alias.
  model text not null,
  system_prompt text not null default '',
  uses_tools boolean not null default true,
  -- Paused, it takes up nothing and lays down what it has.
  is_active boolean not null default true,
  -- Of one task, from its beginning or latest restart.
  max_steps int not null default 25,
  max_task_usd numeric(20, 10) not null default 1,
  max_minutes int not null default 30,
  archived_at timestamptz,
  created_by uuid references public.profiles (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint agents_name_length check (char_length(btrim(name)) between 1 and 60),
  constraint agents_role_length check (char_length(role) <= 100),
  constraint agents_avatar_format check (avatar ~ '^[a-z][a-z0-9-]{0,39}$'),
  constraint agents_model_length check (char_length(btrim(model)) between 1 and 200),
  constraint agents_system_prompt_length check (char_length(system_prompt) <= 20000),
  constraint agents_max_steps_range check (max_steps between 1 and 200),
  constraint agents_max_task_usd_positive check (max_task_usd > 0 and max_task_usd < 'NaN'),
  constraint agents_max_minutes_range check (max_minutes between 1 and 1440)
);
comment on table public.agents is 'Those who work on tasks. Each has a budget of its own: a row of public.budgets with scope agent and its id.';
create unique index agents_name_unique on public.agents (organization_id, lower(name)) where archived_at is null;
create index agents_project_index on public.agents (project_id);
create index agents_created_by_index on public.agents (created_by);
create trigger agents_touch before update on public.agents
  for each row execute function private.touch_updated_at();
create trigger agents_audit after insert or update or delete on public.agents
  for each row execute function private.on_audited_change('agent');
alter table public.agents enable row level security;
create policy "members read agents" on public.agents
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
create policy "admins change agents" on public.agents
  for update to authenticated
  using (organization_id in (select private.organizations_where_i_am('admin')))
  with check (organization_id in (select private.organizations_where_i_am('admin')) and exists (
    select from public.projects p where p.id = project_id and p.organization_id = agents.organization_id));
grant select, update (project_id, name, role, avatar, model, system_prompt, uses_tools, is_active, max_steps, max_task_usd,
  max_minutes, archived_at) on public.agents to authenticated;

create function public.create_agent(project_id uuid, name text, model text, budget_usd numeric, role text default '',
  system_prompt text default '', avatar text default 'robot', budget_period text default 'month') returns uuid
  -- definer: an agent and its budget are made together
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  organization constant uuid := (select p.organization_id from public.projects p
    where p.id = create_agent.project_id and p.archived_at is null);
  agent constant uuid := gen_random_uuid();
begin
  if organization is null or organization not in (select private.my_organization_ids()) then
    perform private.refuse(404, 'project_not_found');
  end if;
  perform private.require_role(organization, 'admin');
  if coalesce(char_length(btrim(create_agent.name)), 0) not between 1 and 60 then
    perform private.refuse(400, 'name_invalid');
  end if;
  -- First, since the counter of spending is locked before the one of office events.
  insert into public.budgets (organization_id, scope, scope_id, period, limit_usd)
  values (organization, 'agent', agent::text, create_agent.budget_period, create_agent.budget_usd);
  insert into public.agents (id, organization_id, project_id, name, role, avatar, model, system_prompt, created_by)
  values (agent, organization, create_agent.project_id, btrim(create_agent.name), create_agent.role, create_agent.avatar,
    btrim(create_agent.model), create_agent.system_prompt, auth.uid());
  return agent;
end $$;
comment on function public.create_agent is 'A new agent, paid from a project, with a hard budget of its own. Answers its id.';

-- § Tasks ------------------------------------------------------------------------------------------------------

create type public.task_status as enum ('pending', 'in_progress', 'awaiting_approval', 'completed', 'failed', 'cancelled');

create function private.blocking_codes() returns text[]
  language sql immutable set search_path = '' as $$
  select array['budget_exceeded', 'agent_budget_missing', 'frozen', 'no_provider_credential', 'project_archived']
$$;
comment on function private.blocking_codes is 'Why a task stops that nothing is wrong with: there is no room for it, until a person makes some.';

create table public.tasks (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  -- Null: nobody has it yet.
  agent_id uuid references public.agents (id) on delete set null,
  -- What an agent hands on to another.
  parent_id uuid references public.tasks (id) on delete set null,
  -- The step that made it, which makes it once. No foreign key: the table of steps needs this one first.
  parent_step_id bigint,
  title text not null,
  description text not null default '',
  -- Where it came from: {"kind": "note", "board_id": …, "note_id": …}.
  source jsonb not null default '{}',
  needs_approval boolean not null default false,
  -- Who is asked to approve; null: any member may.
  approver_id uuid references public.profiles (user_id) on delete set null,
  status public.task_status not null default 'pending',
  -- Markdown.
  result text,
  -- What is approved is exactly this.
  result_hash text generated always as (private.hash_token(result)) stored,
  cost_usd numeric(20, 10) not null default 0,
  -- Why it failed, or why it waits to be tried again.
  failure_code text,
  failure_message text,
  is_blocked boolean not null generated always as
    (status = 'failed' and coalesce(failure_code, '') = any (private.blocking_codes())) stored,
  -- Tries that failed since its beginning or latest restart; too many, and it waits for a person.
  attempts int not null default 0,
  -- When it is taken up next. Who holds it moves this to the end of the lease.
  due_at timestamptz not null default now(),
  lease_token uuid,
  lease_until timestamptz,
  -- How often it was taken up, and how often it had been when it last came further or was laid down.
  claims int not null default 0,
  claims_before int not null default 0,
  -- When it was taken up last, by which organizations take turns.
  claimed_at timestamptz,
  -- Since its beginning or latest restart, which is what an agent's caps are of.
  run_started_at timestamptz,
  run_first_step int not null default 1,
  run_base_usd numeric(20, 10) not null default 0,
  created_by uuid references public.profiles (user_id) on delete set null,
  -- Who approved it or sent it back last.
  decided_by uuid references public.profiles (user_id) on delete set null,
  started_at timestamptz,
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint tasks_title_length check (char_length(btrim(title)) between 1 and 200),
  constraint tasks_description_length check (char_length(description) <= 20000),
  constraint tasks_source_is_small_object check (jsonb_typeof(source) = 'object' and pg_column_size(source) <= 4000),
  constraint tasks_result_length check (char_length(result) <= 200000),
  constraint tasks_lease_while_in_progress check ((lease_token is null) = (lease_until is null)
    and (lease_token is null or status = 'in_progress')),
  constraint tasks_finished_has_time check ((finished_at is not null) = (status in ('completed', 'failed', 'cancelled')))
);
comment on table public.tasks is 'What agents are to do, how far it is, and what came of it. Written by RPCs only.';
create index tasks_organization_index on public.tasks (organization_id, created_at desc, id desc);
create index tasks_agent_index on public.tasks (agent_id);
create index tasks_parent_index on public.tasks (parent_id);
create unique index tasks_parent_step_unique on public.tasks (parent_step_id) where parent_step_id is not null;
create index tasks_created_by_index on public.tasks (created_by);
create index tasks_approver_index on public.tasks (approver_id);
create index tasks_decided_by_index on public.tasks (decided_by);
create index tasks_turn_index on public.tasks (organization_id, claimed_at) where claimed_at is not null;
create index tasks_due_index on public.tasks (due_at) where status in ('pending', 'in_progress');
create trigger tasks_touch before update on public.tasks
  for each row execute function private.touch_updated_at();
alter table public.tasks enable row level security;
create policy "members read tasks" on public.tasks
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
grant select on public.tasks to authenticated;

create table public.task_steps (
  id bigint generated always as identity primary key,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  task_id uuid not null references public.tasks (id) on delete cascade,
  agent_id uuid references public.agents (id) on delete set null,
  number int not null,
  -- A model's answer, a tool that it uses, or what a person says when sending the task back.
  kind text not null,
  status text not null default 'running',
  tool text,
  input jsonb,
  -- What a model said so far, what a tool answered, or the comment.
  text text not null default '',
  -- As the conversation goes on with it.
  output jsonb,
  -- Of the model call, in the ledger: the latest, where one had to be made anew.
  call_id uuid,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  -- Of all its calls.
  cost_usd numeric(20, 10) not null default 0,
  created_by uuid references public.profiles (user_id) on delete set null,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint task_steps_number_unique unique (task_id, number),
  constraint task_steps_call_unique unique (call_id),
  constraint task_steps_kind_known check (kind in ('model', 'tool', 'comment')),
  constraint task_steps_status_known check (status in ('running', 'done', 'interrupted')),
  constraint task_steps_call_of_model check ((call_id is not null) = (kind = 'model')),
  constraint task_steps_done_has_time check ((finished_at is not null) = (status = 'done'))
);
comment on table public.task_steps is 'What was done for a task, each step once: its number is taken before it is begun.';
create index task_steps_organization_index on public.task_steps (organization_id);
create index task_steps_agent_index on public.task_steps (agent_id);
create index task_steps_created_by_index on public.task_steps (created_by);
alter table public.task_steps enable row level security;
create policy "members read task steps" on public.task_steps
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
grant select on public.task_steps to authenticated;

-- § Office events ----------------------------------------------------------------------------------------------

create table private.office_counters (
  organization_id uuid primary key references public.organizations (id) on delete cascade,
  seq bigint not null
) with (fillfactor = 50);
comment on table private.office_counters is 'The latest number of an organization''s office events. Its lock makes them follow each other without a gap, in the order of commits.';
alter table private.office_counters enable row level security;

create table public.office_events (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  seq bigint not null,
  kind text not null,
  agent_id uuid,
  task_id uuid,
  -- What the task has cost so far.
  cost_usd numeric(20, 10),
  details jsonb not null default '{}',
  at timestamptz not null default clock_timestamp(),
  primary key (organization_id, seq),
  constraint office_events_kind_known check (kind in ('agent_created', 'agent_changed', 'task_created', 'task_assigned',
    'task_started', 'task_waits', 'task_awaits_approval', 'task_completed', 'task_returned', 'task_failed', 'task_stopped',
    'task_restarted', 'task_cost', 'step_started', 'step_done'))
);
comment on table public.office_events is 'What happened in the office, in order. Written by triggers, never changed; each is also sent on the topic office, which may be missed.';
create index office_events_at_index on public.office_events (organization_id, at);
create index office_events_task_index on public.office_events (organization_id, task_id, seq);
create index office_events_reruns_index on public.office_events (organization_id, at)
  where kind in ('task_returned', 'task_restarted');
create index office_events_old_index on public.office_events (at);
alter table public.office_events enable row level security;
create policy "members read office events" on public.office_events
  for select to authenticated using (organization_id in (select private.my_organization_ids()));
grant select on public.office_events to authenticated;

create function private.append_office_event(organization_id uuid, kind text, agent_id uuid, task_id uuid, cost_usd numeric,
  details jsonb) returns void
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  event public.office_events;
begin
  insert into private.office_counters as c (organization_id, seq) values (append_office_event.organization_id, 1)
  on conflict (organization_id) do update set seq = c.seq + 1
  returning c.organization_id, c.seq into event.organization_id, event.seq;
  insert into public.office_events (organization_id, seq, kind, agent_id, task_id, cost_usd, details)
  values (event.organization_id, event.seq, append_office_event.kind, append_office_event.agent_id,
    append_office_event.task_id, append_office_event.cost_usd, append_office_event.details)
  returning * into event;
  perform private.send_to_organization(event.organization_id, 'office', 'event',
    to_jsonb(event) || jsonb_build_object('cost_usd', event.cost_usd::text));
end $$;
comment on function private.append_office_event is 'Numbers and keeps an event, and tells whoever has the office open.';

create function private.on_agents_office_change() returns trigger
  -- definer: events are written by nobody else
  language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'UPDATE' and row(new.name, new.role, new.avatar, new.model, new.is_active, new.archived_at)
      is not distinct from row(old.name, old.role, old.avatar, old.model, old.is_active, old.archived_at) then
    return null;
  end if;
  perform private.append_office_event(new.organization_id, case tg_op when 'INSERT' then 'agent_created' else 'agent_changed' end,
    new.id, null, null, jsonb_build_object('name', new.name, 'role', new.role, 'avatar', new.avatar, 'model', new.model,
      'is_active', new.is_active, 'archived_at', new.archived_at));
  return null;
end $$;
create trigger agents_office after insert or update on public.agents
  for each row execute function private.on_agents_office_change();

create function private.describe_task_change(was public.tasks, now_is public.tasks) returns text
  language sql immutable set search_path = '' as $$
  select case
    when was.id is null then 'task_created'
    when now_is.status <> was.status then case now_is.status
      when 'in_progress' then 'task_started'
      when 'awaiting_approval' then 'task_awaits_approval'
      when 'completed' then 'task_completed'
      when 'failed' then 'task_failed'
      when 'cancelled' then 'task_stopped'
      else case when was.status in ('awaiting_approval', 'completed') then 'task_returned'
        when was.status = 'in_progress' then 'task_waits' else 'task_restarted' end end
    when now_is.agent_id is distinct from was.agent_id then 'task_assigned'
    when now_is.cost_usd <> was.cost_usd then 'task_cost'
  end
$$;
comment on function private.describe_task_change is 'What the office calls that a task became this; null for what is nobody''s business.';

create function private.on_tasks_office_change() returns trigger
  -- definer: events are written by nobody else
  language plpgsql security definer set search_path = '' as $$
declare
  kind constant text := private.describe_task_change(case when tg_op = 'UPDATE' then old end, new);
begin
  if kind is not null then
    perform private.append_office_event(new.organization_id, kind, new.agent_id, new.id, new.cost_usd,
      jsonb_strip_nulls(jsonb_build_object('title', new.title, 'status', new.status, 'is_blocked', new.is_blocked,
        'failure_code', new.failure_code, 'parent_id', new.parent_id, 'created_by', new.created_by,
        'approver_id', new.approver_id, 'decided_by', new.decided_by,
        'previous_agent_id', case when tg_op = 'UPDATE' and old.agent_id is distinct from new.agent_id then old.agent_id end)));
  end if;
  return null;
end $$;
create trigger tasks_office after insert or update on public.tasks
  for each row execute function private.on_tasks_office_change();

create function private.on_task_steps_office_change() returns trigger
  -- definer: as above
  language plpgsql security definer set search_path = '' as $$
declare
  task public.tasks;
begin
  if tg_op = 'UPDATE' and new.status = old.status or new.status = 'interrupted' then
    return null;
  end if;
  select * into task from public.tasks t where t.id = new.task_id;
  perform private.append_office_event(new.organization_id, case new.status when 'done' then 'step_done' else 'step_started' end,
    task.agent_id, new.task_id, task.cost_usd, jsonb_strip_nulls(jsonb_build_object('number', new.number, 'kind', new.kind,
      'tool', new.tool, 'text', left(new.text, 200), 'title', task.title, 'status', task.status)));
  return null;
end $$;
create trigger task_steps_office after insert or update of status on public.task_steps
  for each row execute function private.on_task_steps_office_change();

create function private.on_tasks_notify() returns trigger
  -- definer: notifications are written by nobody else
  language plpgsql security definer set search_path = '' as $$
declare
  kind constant text := case new.status when 'completed' then 'task_completed' when 'failed' then 'task_failed'
    when 'awaiting_approval' then 'approval_needed' end;
  -- Whoever left is not told; then it is the admins' business.
  person constant uuid := (select m.user_id from public.organization_members m
    where m.organization_id = new.organization_id
      and m.user_id = case when kind = 'approval_needed' then coalesce(new.approver_id, new.created_by) else new.created_by end);
begin
  if old.status = 'awaiting_approval' then
    perform private.close_notifications('approval_needed', new.id::text);
  end if;
  -- Who decided it knows.
  if kind is not null and (kind <> 'task_completed' or old.status <> 'awaiting_approval') then
    perform private.notify(new.organization_id, m.user_id, kind, new.id::text, jsonb_build_object('title', new.title,
      'agent', (select a.name from public.agents a where a.id = new.agent_id), 'cost_usd', new.cost_usd::text,
      'reason', case when kind = 'task_failed' then new.failure_message end))
    from public.organization_members m
    where m.organization_id = new.organization_id
      and (m.user_id = person or person is null and m.role in ('owner', 'admin'));
  end if;
  return null;
end $$;
create trigger tasks_notify after update of status on public.tasks
  for each row when (new.status <> old.status) execute function private.on_tasks_notify();

create function private.forget_office_events(at timestamptz) returns int
  language plpgsql set search_path = '' as $$
declare
  forgotten int;
begin
  delete from public.office_events e where (e.organization_id, e.seq) in (
    select old.organization_id, old.seq from public.office_events old where old.at < forget_office_events.at - interval '90 days'
    order by old.at limit 10000);
  get diagnostics forgotten = row_count;
  return forgotten;
end $$;
comment on function private.forget_office_events is 'Deletes events that are older than ninety days, some thousands at a time; answers how many.';
select cron.schedule('forget-office-events', '17 * * * *', 'select private.forget_office_events(now())');

-- § Starting work ----------------------------------------------------------------------------------------------

create function private.call_executor() returns void
  language plpgsql set search_path = '' as $$
declare
  transaction constant text := pg_current_xact_id()::text;
begin
  -- Once in a transaction: the executor takes all that is due.
  if current_setting('private.executor_called_in', true) is distinct from transaction then
    perform set_config('private.executor_called_in', transaction, true);
    perform private.call_job('agents', 'run-due-tasks');
  end if;
end $$;

create function private.on_tasks_due() returns trigger
  -- definer: the vault is readable by nobody else
  language plpgsql security definer set search_path = '' as $$
begin
  perform private.call_executor();
  return null;
end $$;
create trigger tasks_due_insert after insert on public.tasks
  for each row when (new.status = 'pending' and new.agent_id is not null) execute function private.on_tasks_due();
create trigger tasks_due_update after update of status, agent_id, due_at on public.tasks
  for each row when (new.status = 'pending' and new.agent_id is not null and new.due_at <= clock_timestamp())
  execute function private.on_tasks_due();
create trigger agents_due after update of is_active on public.agents
  for each row when (new.is_active and not old.is_active) execute function private.on_tasks_due();

create function private.start_due_tasks(at timestamptz) returns int
  language plpgsql set search_path = '' as $$
declare
  due int;
begin
  select count(*) into due from (
    select from public.tasks t join public.agents a on a.id = t.agent_id
    where t.status in ('pending', 'in_progress') and t.due_at <= at and a.is_active and a.archived_at is null limit 100
  ) waiting;
  if due > 0 or exists (select from private.internal_calls i where i.settled_at is not null
      and i.counted_usd is distinct from i.cost_usd) then
    perform private.call_executor();
  end if;
  return due;
end $$;
comment on function private.start_due_tasks is 'Calls the executor if anything is due: retries whose time has come, and what a dead process held. Answers how much.';
select cron.schedule('start-due-tasks', '10 seconds', 'select private.start_due_tasks(now())');

-- § What people do with tasks ----------------------------------------------------------------------------------

create function private.require_agent(organization_id uuid, agent_id uuid) returns void
  language plpgsql set search_path = '' as $$
begin
  if agent_id is not null and not exists (select from public.agents a
      where a.id = require_agent.agent_id and a.organization_id = require_agent.organization_id and a.archived_at is null) then
    perform private.refuse(404, 'agent_not_found');
  end if;
end $$;

create function private.require_run(organization_id uuid) returns void
  language plpgsql set search_path = '' as $$
declare
  month_start constant timestamptz := (select w.window_start from public.organizations o
    cross join lateral private.budget_window('month', o.time_zone, now()) w where o.id = require_run.organization_id);
begin
  perform private.require_room(require_run.organization_id, 'tasks_month', 1
    + (select count(*) from public.tasks t where t.organization_id = require_run.organization_id and t.created_at >= month_start)
    + (select count(*) from public.office_events e where e.organization_id = require_run.organization_id
      and e.kind in ('task_returned', 'task_restarted') and e.at >= month_start));
end $$;
comment on function private.require_run is 'Refuses with 402 to begin one more task, or one once more, than the plan has in a month. Call it after locking the organization.';

create function private.assign_task_as(creator_id uuid, task public.tasks) returns uuid
  language plpgsql set search_path = '' as $$
begin
  perform private.require_agent(task.organization_id, task.agent_id);
  if coalesce(char_length(btrim(task.title)), 0) not between 1 and 200 then
    perform private.refuse(400, 'title_invalid');
  end if;
  if char_length(task.description) > 20000 then
    perform private.refuse(400, 'description_too_long', '{"limit": 20000}');
  end if;
  if jsonb_typeof(task.source) <> 'object' or pg_column_size(task.source) > 4000 then
    perform private.refuse(400, 'source_invalid');
  end if;
  if task.source ->> 'kind' = 'note' then
    perform private.require_note_of(task.organization_id, creator_id, task.source);
  end if;
  perform from public.organizations o where o.id = task.organization_id for no key update;
  perform private.require_run(task.organization_id);
  if task.approver_id is not null and not exists (select from public.organization_members m
      where m.organization_id = task.organization_id and m.user_id = task.approver_id) then
    perform private.refuse(404, 'member_not_found');
  end if;
  insert into public.tasks (organization_id, agent_id, parent_id, parent_step_id, title, description, source, needs_approval,
    approver_id, created_by)
  values (task.organization_id, task.agent_id, task.parent_id, task.parent_step_id, btrim(task.title),
    coalesce(task.description, ''), coalesce(task.source, '{}'),
    coalesce(task.needs_approval, false) or task.approver_id is not null, task.approver_id, creator_id)
  returning id into task.id;
  return task.id;
end $$;
comment on function private.assign_task_as is 'Makes a task within the plan''s tasks of a month (402). Its agent begins at once.';

create function public.assign_task(organization_id uuid, title text, agent_id uuid default null, description text default '',
  needs_approval boolean default false, source jsonb default '{}', approver_id uuid default null) returns uuid
  -- definer: tasks are not writable by clients
  language plpgsql security definer set search_path = '' as $$
declare
  task public.tasks;
begin
  perform private.require_role(assign_task.organization_id, 'member');
  task.organization_id := assign_task.organization_id;
  task.title := assign_task.title;
  task.agent_id := assign_task.agent_id;
  task.description := assign_task.description;
  task.needs_approval := assign_task.needs_approval;
  task.source := assign_task.source;
  task.approver_id := assign_task.approver_id;
  return private.assign_task_as(auth.uid(), task);
end $$;
comment on function public.assign_task is 'A new task for an agent, who begins at once, or for nobody yet. 402 with limit, used and plan when the month''s tasks are used up. Answers its id.';

create function private.lock_my_task(id uuid) returns public.tasks
  language plpgsql set search_path = '' as $$
declare
  task public.tasks;
begin
  select * into task from public.tasks t
  where t.id = lock_my_task.id and t.organization_id in (select private.my_organization_ids()) for no key update;
  if not found then
    perform private.refuse(404, 'task_not_found');
  end if;
  return task;
end $$;

create function private.lock_my_task_to_rerun(id uuid) returns public.tasks
  language plpgsql set search_path = '' as $$
begin
  -- Organizations are locked before their tasks.
  perform from public.organizations o
  where o.id in (select private.my_organization_ids())
    and o.id = (select t.organization_id from public.tasks t where t.id = lock_my_task_to_rerun.id) for no key update;
  return private.lock_my_task(lock_my_task_to_rerun.id);
end $$;

create function private.require_status(task public.tasks, variadic statuses public.task_status[]) returns void
  language plpgsql set search_path = '' as $$
begin
  if task.status <> all (statuses) then
    perform private.refuse(409, 'task_status', jsonb_build_object('status', task.status));
  end if;
end $$;

create function private.interrupt_step(task_id uuid) returns void
  language plpgsql set search_path = '' as $$
declare
  step public.task_steps;
begin
  update public.task_steps s set status = 'interrupted'
  where s.task_id = interrupt_step.task_id and s.status = 'running' returning * into step;
  if step.call_id is not null then
    perform private.cancel_internal_call(step.call_id, step.organization_id, step.task_id::text);
  end if;
end $$;
comment on function private.interrupt_step is 'Ends the step that is under way; its model call is cut off where it is made.';

create function public.stop_task(id uuid) returns void
  -- definer: tasks are not writable by clients
  language plpgsql security definer set search_path = '' as $$
declare
  task constant public.tasks := private.lock_my_task(stop_task.id);
begin
  perform private.require_status(task, 'pending', 'in_progress', 'awaiting_approval', 'failed');
  perform private.interrupt_step(task.id);
  update public.tasks t set status = 'cancelled', finished_at = clock_timestamp(), lease_token = null, lease_until = null,
    decided_by = auth.uid()
  where t.id = task.id;
end $$;
comment on function public.stop_task is 'Stops a task, and at once the model call that is under way for it; lays one that failed aside. It can be restarted.';

create function public.approve_task(id uuid, result_hash text) returns void
  -- definer: tasks are not writable by clients
  language plpgsql security definer set search_path = '' as $$
declare
  task constant public.tasks := private.lock_my_task(approve_task.id);
begin
  perform private.require_status(task, 'awaiting_approval');
  if task.approver_id <> auth.uid() then
    perform private.require_role(task.organization_id, 'admin');
  end if;
  if task.result_hash is distinct from approve_task.result_hash then
    perform private.refuse(409, 'result_changed');
  end if;
  update public.tasks t set status = 'completed', finished_at = clock_timestamp(), decided_by = auth.uid() where t.id = task.id;
end $$;
comment on function public.approve_task is 'Accepts exactly the result that has this hash; 409 when it is another by now. Where somebody is named to approve, they or an admin.';

create function private.rerun_task(task public.tasks, comment text) returns void
  language plpgsql set search_path = '' as $$
declare
  next_number constant int := 1 + coalesce((select max(s.number) from public.task_steps s where s.task_id = task.id), 0);
begin
  perform private.require_run(task.organization_id);
  update public.tasks t set status = 'pending', finished_at = null, result = null, failure_code = null,
    failure_message = null, attempts = 0, claims_before = t.claims, due_at = clock_timestamp(), run_started_at = null,
    run_first_step = next_number, run_base_usd = t.cost_usd, decided_by = auth.uid()
  where t.id = task.id;
  if rerun_task.comment is not null then
    insert into public.task_steps (organization_id, task_id, agent_id, number, kind, status, text, created_by, finished_at)
    values (task.organization_id, task.id, task.agent_id, next_number, 'comment', 'done', rerun_task.comment, auth.uid(), now());
  end if;
end $$;
comment on function private.rerun_task is 'Lets a task go on from where it is, its caps counted anew. It counts as one more of the month''s tasks (402).';

create function public.return_task(id uuid, comment text) returns void
  -- definer: tasks are not writable by clients
  language plpgsql security definer set search_path = '' as $$
declare
  task constant public.tasks := private.lock_my_task_to_rerun(return_task.id);
begin
  perform private.require_status(task, 'awaiting_approval', 'completed');
  if task.approver_id <> auth.uid() then
    perform private.require_role(task.organization_id, 'admin');
  end if;
  if coalesce(char_length(btrim(return_task.comment)), 0) not between 1 and 5000 then
    perform private.refuse(400, 'comment_invalid');
  end if;
  perform private.rerun_task(task, btrim(return_task.comment));
end $$;
comment on function public.return_task is 'Sends a result back with what is to be better; the agent goes on with that. 402 when the month''s tasks are used up.';

create function public.restart_task(id uuid) returns void
  -- definer: tasks are not writable by clients
  language plpgsql security definer set search_path = '' as $$
declare
  task constant public.tasks := private.lock_my_task_to_rerun(restart_task.id);
begin
  perform private.require_status(task, 'failed', 'cancelled');
  perform private.rerun_task(task, null);
end $$;
comment on function public.restart_task is 'Lets a failed or stopped task go on from its last step. 402 when the month''s tasks are used up.';

create function public.reassign_task(id uuid, agent_id uuid) returns void
  -- definer: tasks are not writable by clients
  language plpgsql security definer set search_path = '' as $$
declare
  task constant public.tasks := private.lock_my_task(reassign_task.id);
begin
  perform private.require_agent(task.organization_id, reassign_task.agent_id);
  perform private.require_status(task, 'pending', 'in_progress', 'failed', 'cancelled');
  if task.agent_id is not distinct from reassign_task.agent_id then
    return;
  end if;
  perform private.interrupt_step(task.id);
  update public.tasks t set agent_id = reassign_task.agent_id, lease_token = null, lease_until = null,
    status = case t.status when 'in_progress' then 'pending' else t.status end, due_at = clock_timestamp(), claims_before = t.claims
  where t.id = task.id;
end $$;
comment on function public.reassign_task is 'Gives a task that is not done to another agent, or to nobody (null); who worked on it stops at once.';

grant execute on function public.create_agent, public.assign_task, public.stop_task, public.approve_task, public.return_task,
  public.restart_task, public.reassign_task to authenticated;

-- § The executor -----------------------------------------------------------------------------------------------
-- For functions/agents with the service role. Everything after the claim names the lease's token.

create function private.describe_step(step public.task_steps) returns jsonb
  language sql stable set search_path = '' as $$
  select jsonb_build_object('id', step.id, 'number', step.number, 'kind', step.kind, 'status', step.status, 'tool', step.tool,
    'input', step.input, 'text', step.text, 'output', step.output, 'call_id', step.call_id)
$$;

create function private.fail_task(task public.tasks, code text, message text) returns void
  language plpgsql set search_path = '' as $$
begin
  perform private.interrupt_step(task.id);
  update public.tasks t set status = 'failed', failure_code = code, failure_message = left(message, 1000),
    finished_at = clock_timestamp(), lease_token = null, lease_until = null
  where t.id = task.id;
end $$;
comment on function private.fail_task is 'Ends a task that cannot go on, with the reason; what was done stays, and a person may restart it.';

create function private.lock_due_task(at timestamptz) returns setof public.tasks
  language sql set search_path = '' as $$
  with due as materialized (
    select t.id, t.organization_id from public.tasks t
    where t.status in ('pending', 'in_progress') and t.due_at <= lock_due_task.at
      and exists (select from public.agents a where a.id = t.agent_id and a.is_active and a.archived_at is null)
  ), running as materialized (
    -- Who holds a task moves its due time to the end of the lease.
    select t.organization_id, count(*) as tasks from public.tasks t
    where t.status = 'in_progress' and t.due_at > lock_due_task.at and t.lease_until > lock_due_task.at
    group by t.organization_id
  ), turns as materialized (
    select o.organization_id, coalesce(r.tasks, 0) as running,
      (select max(t.claimed_at) from public.tasks t where t.organization_id = o.organization_id) as last_at
    from (select distinct d.organization_id from due d) o
    left join running r on r.organization_id = o.organization_id
    cross join lateral private.limit_of(o.organization_id, 'tasks_at_once') l
    where l.is_unlimited or coalesce(r.tasks, 0) < l.amount
  )
  select t.* from public.tasks t
  join due d on d.id = t.id
  join turns u on u.organization_id = t.organization_id
  where t.status in ('pending', 'in_progress') and t.due_at <= lock_due_task.at
  order by u.running, u.last_at nulls first, t.due_at, t.id limit 1
  for no key update of t skip locked
$$;
comment on function private.lock_due_task is 'What is due longest of the organization that has least under way, and among those was served least lately; none of one that has as much under way as its plan allows.';

create function public.claim_task(lease_seconds int) returns jsonb
  -- definer: tasks are written by nobody else
  language plpgsql security definer set search_path = '' as $$
declare
  at constant timestamptz := clock_timestamp();
  task public.tasks;
  agent public.agents;
begin
  -- One after the other, so that what is under way is counted exactly.
  perform pg_advisory_xact_lock(hashtextextended('private.claim_task', 0));
  loop
    select * into task from private.lock_due_task(at);
    if not found then
      return null;
    end if;
    if task.claims - task.claims_before >= 12 then
      perform private.fail_task(task, 'executor_crashed', 'Whoever worked on it ended twelve times without coming a step further.');
      continue;
    end if;
    select * into agent from public.agents a where a.id = task.agent_id;
    update public.tasks t set status = 'in_progress', lease_token = gen_random_uuid(),
      lease_until = at + make_interval(secs => lease_seconds), due_at = at + make_interval(secs => lease_seconds),
      claims = t.claims + 1, claimed_at = at, run_started_at = coalesce(t.run_started_at, at), started_at = coalesce(t.started_at, at)
    where t.id = task.id returning * into task;
    return jsonb_build_object('lease_token', task.lease_token, 'claims', task.claims,
      'seconds_left', extract(epoch from task.run_started_at + make_interval(mins => agent.max_minutes) - at),
      'task', jsonb_build_object('id', task.id, 'organization_id', task.organization_id, 'parent_id', task.parent_id,
        'title', task.title, 'description', task.description, 'attempts', task.attempts),
      'agent', jsonb_build_object('id', agent.id, 'project_id', agent.project_id, 'name', agent.name, 'role', agent.role,
        'model', agent.model, 'system_prompt', agent.system_prompt, 'uses_tools', agent.uses_tools),
      'steps', (select coalesce(jsonb_agg(private.describe_step(s) order by s.number), '[]')
        from public.task_steps s where s.task_id = task.id));
  end loop;
end $$;
comment on function public.claim_task is 'Takes a task that is due for the time of the lease, with all that was done of it and how long its agent may still work on it. Organizations take turns. Null: nothing is due.';

create function private.hold_task(task_id uuid, lease_token uuid) returns public.tasks
  language plpgsql set search_path = '' as $$
declare
  task public.tasks;
begin
  select * into task from public.tasks t
  where t.id = hold_task.task_id and t.lease_token = hold_task.lease_token and t.lease_until > clock_timestamp()
  for no key update;
  if not found then
    perform private.refuse(409, 'lease_lost');
  end if;
  return task;
end $$;
comment on function private.hold_task is 'The task, locked, to whoever holds its lease; 409 to everybody else.';

create function public.renew_task(task_id uuid, lease_token uuid, lease_seconds int, step_number int default null,
  step_text text default null) returns void
  -- definer: tasks are written by nobody else
  language plpgsql security definer set search_path = '' as $$
declare
  task constant public.tasks := private.hold_task(renew_task.task_id, renew_task.lease_token);
  until constant timestamptz := clock_timestamp() + make_interval(secs => lease_seconds);
begin
  update public.tasks t set lease_until = until, due_at = until where t.id = task.id;
  if step_text is not null then
    update public.task_steps s set text = left(step_text, 100000)
    where s.task_id = task.id and s.number = step_number and s.status = 'running';
    perform private.send_to_organization(task.organization_id, 'office', 'progress', jsonb_build_object('task_id', task.id,
      'agent_id', task.agent_id, 'number', step_number, 'text', right(step_text, 2000)));
  end if;
end $$;
comment on function public.renew_task is 'Keeps a lease, and shows what a model said so far. 409 when the lease is lost, which is how an executor learns that it is to stop.';

create function private.find_internal_call(call_id uuid) returns jsonb
  language plpgsql stable set search_path = '' as $$
declare
  call private.internal_calls;
  refused public.ai_usage;
begin
  select * into call from private.internal_calls i where i.call_id = find_internal_call.call_id;
  if found then
    return jsonb_build_object('state', case when call.settled_at is not null then 'settled'
        -- Cut off before it was made.
        when call.created_at is null then 'refused' else 'open' end,
      'status', call.status, 'code', case when call.created_at is null then 'call_cancelled' else call.error_code end,
      'answer', call.answer);
  end if;
  select * into refused from public.ai_usage u where u.id = find_internal_call.call_id and u.settled_at is not null
    and u.settled_at < 'infinity' limit 1;
  return case when found then jsonb_build_object('state', 'refused', 'code', refused.error_code)
    else '{"state": "none"}' end;
end $$;
comment on function private.find_internal_call is 'What became of a call: none (never admitted), refused, open, or settled with its answer.';

create function private.count_internal_call(task public.tasks, call_id uuid) returns void
  language plpgsql set search_path = '' as $$
declare
  call private.internal_calls;
  added numeric;
begin
  select * into call from private.internal_calls i
  where i.call_id = count_internal_call.call_id and i.settled_at is not null for no key update;
  if call.call_id is null or call.counted_usd is not distinct from call.cost_usd then
    return;
  end if;
  added := call.cost_usd - coalesce(call.counted_usd, 0);
  update private.internal_calls i set counted_usd = call.cost_usd where i.call_id = call.call_id;
  update public.task_steps s set cost_usd = s.cost_usd + added,
    input_tokens = s.input_tokens + case when call.counted_usd is null then call.input_tokens else 0 end,
    output_tokens = s.output_tokens + case when call.counted_usd is null then call.output_tokens else 0 end
  where s.call_id = call.call_id;
  update public.tasks t set cost_usd = t.cost_usd + added where t.id = task.id;
end $$;
comment on function private.count_internal_call is 'Adds what a settled call cost to its step and its task, once; a late settlement adds the difference.';

create function public.count_ended_call() returns boolean
  -- definer: as above
  language plpgsql security definer set search_path = '' as $$
declare
  candidate record;
  task public.tasks;
begin
  for candidate in
    select i.call_id, case when pg_input_is_valid(i.task_id, 'uuid') then i.task_id::uuid end as task_id
    from private.internal_calls i
    where i.settled_at is not null and i.counted_usd is distinct from i.cost_usd
    order by i.settled_at limit 20
  loop
    select * into task from public.tasks t where t.id = candidate.task_id for no key update skip locked;
    -- Who holds the task counts its calls.
    continue when found and task.lease_until > clock_timestamp();
    if task.id is null then
      delete from private.internal_calls i where i.call_id = candidate.call_id
        and not exists (select from public.tasks t where t.id = candidate.task_id);
      continue;
    end if;
    perform private.count_internal_call(task, candidate.call_id);
    return true;
  end loop;
  return false;
end $$;
comment on function public.count_ended_call is 'Counts one call whose task has ended, or whose settlement came late. False: none is left.';

create function private.cap_reached(task public.tasks, agent public.agents, next_number int) returns text
  language plpgsql stable set search_path = '' as $$
begin
  return case
    when not agent.is_active or agent.archived_at is not null then 'agent_paused'
    when next_number - task.run_first_step >= agent.max_steps then 'step_limit'
    when task.cost_usd - task.run_base_usd >= agent.max_task_usd then 'task_spend_limit'
    when clock_timestamp() > task.run_started_at + make_interval(mins => agent.max_minutes) then 'time_limit'
    when not exists (select from public.budgets b
      where b.organization_id = task.organization_id and b.scope_key = 'agent:' || agent.id and b.limit_usd > 0
        and b.mode = 'hard') then 'agent_budget_missing'
  end;
end $$;
comment on function private.cap_reached is 'Which of the agent''s limits on one task is reached; null while it may go on.';

create function private.repeats_itself(task public.tasks, tool text, input jsonb) returns boolean
  language sql stable set search_path = '' as $$
  select count(*) >= 3 from public.task_steps s
  where s.task_id = task.id and s.number >= task.run_first_step and s.tool = repeats_itself.tool
    and s.input -> 'arguments' is not distinct from repeats_itself.input -> 'arguments'
$$;

create function public.begin_step(task_id uuid, lease_token uuid, kind text, call_id uuid default null, tool text default null,
  input jsonb default null) returns jsonb
  -- definer: steps are written by nobody else
  language plpgsql security definer set search_path = '' as $$
declare
  task constant public.tasks := private.hold_task(begin_step.task_id, begin_step.lease_token);
  agent constant public.agents := (select a from public.agents a where a.id = task.agent_id);
  step public.task_steps;
  call jsonb;
  limit_code text;
begin
  select * into step from public.task_steps s where s.task_id = task.id order by s.number desc limit 1;
  limit_code := private.cap_reached(task, agent, case when step.status <> 'done' then step.number else coalesce(step.number, 0) + 1 end);
  if step.status <> 'done' then
    call := private.find_internal_call(step.call_id);
    if call ->> 'state' in ('settled', 'refused') and call ->> 'answer' is null then
      -- It will not answer any more. What it cost is the step's, which goes on with another call.
      perform private.count_internal_call(task, step.call_id);
      update public.task_steps s set call_id = begin_step.call_id, text = '' where s.id = step.id and limit_code is null
      returning * into step;
      call := '{"state": "none"}';
    end if;
    if limit_code is null or call ->> 'state' = 'settled' then
      update public.task_steps s set status = 'running' where s.id = step.id returning * into step;
      return jsonb_build_object('step', private.describe_step(step), 'call', call);
    end if;
  elsif limit_code is null and begin_step.kind = 'tool'
      and private.repeats_itself(task, begin_step.tool, begin_step.input) then
    limit_code := 'repeats_itself';
  end if;
  if limit_code is not null then
    return jsonb_build_object('limit', limit_code);
  end if;
  insert into public.task_steps (organization_id, task_id, agent_id, number, kind, tool, input, call_id)
  values (task.organization_id, task.id, task.agent_id, coalesce(step.number, 0) + 1, begin_step.kind, begin_step.tool,
    begin_step.input, begin_step.call_id)
  returning * into step;
  return jsonb_build_object('step', private.describe_step(step), 'call', '{"state": "none"}'::jsonb);
end $$;
comment on function public.begin_step is 'Takes the next number for a step, or answers the one that was begun and not done. Of a model''s call it says what became of it; one that cannot answer any more is replaced by the id that is given.';

create function public.read_step_call(task_id uuid, lease_token uuid, step_number int) returns jsonb
  -- definer: answers are readable by nobody else
  language plpgsql security definer set search_path = '' as $$
declare
  task constant public.tasks := private.hold_task(read_step_call.task_id, read_step_call.lease_token);
begin
  return private.find_internal_call((select s.call_id from public.task_steps s
    where s.task_id = task.id and s.number = read_step_call.step_number));
end $$;
comment on function public.read_step_call is 'What became of a step''s model call: none, refused, open, or settled with its answer.';

create function public.finish_step(task_id uuid, lease_token uuid, step_number int, text text, output jsonb) returns void
  -- definer: steps are written by nobody else
  language plpgsql security definer set search_path = '' as $$
declare
  task constant public.tasks := private.hold_task(finish_step.task_id, finish_step.lease_token);
  step public.task_steps;
begin
  select * into step from public.task_steps s where s.task_id = task.id and s.number = finish_step.step_number for no key update;
  if step.status = 'done' then
    return;
  end if;
  if step.call_id is not null then
    if not exists (select from private.internal_calls i where i.call_id = step.call_id and i.settled_at is not null) then
      perform private.refuse(409, 'call_not_settled');
    end if;
    perform private.count_internal_call(task, step.call_id);
    update private.internal_calls i set answer = null where i.call_id = step.call_id;
  end if;
  update public.tasks t set claims_before = t.claims, attempts = 0, failure_code = null, failure_message = null where t.id = task.id;
  update public.task_steps s set status = 'done', finished_at = clock_timestamp(), text = left(finish_step.text, 100000),
    output = finish_step.output
  where s.id = step.id;
end $$;
comment on function public.finish_step is 'Writes down what a step came to and what its calls cost. A second time changes nothing.';

create function public.hand_in_task(task_id uuid, lease_token uuid, result text, asks_approval boolean default false)
  returns public.task_status
  -- definer: tasks are written by nobody else
  language plpgsql security definer set search_path = '' as $$
declare
  task constant public.tasks := private.hold_task(hand_in_task.task_id, hand_in_task.lease_token);
  is_done constant boolean := not (task.needs_approval or coalesce(asks_approval, false));
begin
  update public.tasks t set result = left(hand_in_task.result, 200000), lease_token = null, lease_until = null,
    failure_code = null, failure_message = null,
    status = case when is_done then 'completed' else 'awaiting_approval' end::public.task_status,
    finished_at = case when is_done then clock_timestamp() end
  where t.id = task.id;
  return case when is_done then 'completed' else 'awaiting_approval' end;
end $$;
comment on function public.hand_in_task is 'Ends the work on a task with its result, which a person may have to approve.';

create function public.give_up_task(task_id uuid, lease_token uuid, code text, message text, is_final boolean default false,
  retry_after_seconds numeric default null) returns public.task_status
  -- definer: tasks are written by nobody else
  language plpgsql security definer set search_path = '' as $$
declare
  task constant public.tasks := private.hold_task(give_up_task.task_id, give_up_task.lease_token);
begin
  if is_final or task.attempts >= 4 then
    perform private.fail_task(task, give_up_task.code, give_up_task.message);
    return 'failed';
  end if;
  -- Five seconds, doubled each time, a fifth more or less, so that what failed together does not return together.
  update public.tasks t set status = 'pending', attempts = t.attempts + 1, claims_before = t.claims, lease_token = null, lease_until = null,
    failure_code = give_up_task.code, failure_message = left(give_up_task.message, 1000),
    due_at = clock_timestamp() + greatest(least(coalesce(retry_after_seconds, 0), 3600),
      5 * 2 ^ t.attempts * (0.8 + 0.4 * random())) * interval '1 second'
  where t.id = task.id;
  return 'pending';
end $$;
comment on function public.give_up_task is 'A try failed: it is tried again later, five times in a row at most; at last, or where trying is no use, the task fails and waits for a person.';

create function public.release_task(task_id uuid, lease_token uuid) returns void
  -- definer: tasks are written by nobody else
  language plpgsql security definer set search_path = '' as $$
declare
  task constant public.tasks := private.hold_task(release_task.task_id, release_task.lease_token);
begin
  update public.tasks t set status = 'pending', lease_token = null, lease_until = null, due_at = clock_timestamp(),
    claims_before = t.claims
  where t.id = task.id;
end $$;
comment on function public.release_task is 'Lays a task down between two steps, for another executor to go on with: its own time is over.';

create function public.hand_on_task(task_id uuid, lease_token uuid, step_number int, title text, description text,
  agent_name text default null) returns jsonb
  -- definer: tasks are written by nobody else
  language plpgsql security definer set search_path = '' as $$
declare
  task public.tasks;
  step public.task_steps;
  made public.tasks;
begin
  -- Organizations are locked before their tasks.
  perform from public.organizations o
  where o.id = (select t.organization_id from public.tasks t where t.id = hand_on_task.task_id) for no key update;
  task := private.hold_task(hand_on_task.task_id, hand_on_task.lease_token);
  select * into step from public.task_steps s where s.task_id = task.id and s.number = hand_on_task.step_number;
  select * into made from public.tasks t where t.parent_step_id = step.id;
  if not found then
    if task.parent_id is not null then
      perform private.refuse(409, 'task_too_deep');
    end if;
    if (select count(*) from public.tasks t where t.parent_id = task.id) >= 5 then
      perform private.refuse(409, 'too_many_subtasks');
    end if;
    made.organization_id := task.organization_id;
    made.parent_id := task.id;
    -- What somebody is to approve is approved where it is handed on, too.
    made.needs_approval := task.needs_approval;
    made.approver_id := task.approver_id;
    made.parent_step_id := step.id;
    made.title := left(btrim(hand_on_task.title), 200);
    made.description := left(hand_on_task.description, 20000);
    made.source := jsonb_build_object('kind', 'task', 'task_id', task.id);
    made.agent_id := (select a.id from public.agents a where a.organization_id = task.organization_id
      and lower(a.name) = lower(btrim(hand_on_task.agent_name)) and a.archived_at is null);
    made.id := private.assign_task_as(task.created_by, made);
  end if;
  return jsonb_build_object('task_id', made.id, 'agent_id', made.agent_id);
end $$;
comment on function public.hand_on_task is 'The tool create_task: a task of its own below this one, made once per step. A task that was handed on hands on nothing.';

create function public.read_for_agent(organization_id uuid, what text) returns jsonb
  -- definer: reads one organization for its agent
  language plpgsql stable security definer set search_path = '' as $$
begin
  return case what
    when 'tasks' then (select coalesce(jsonb_agg(t), '[]') from (
      select t.title, t.status, a.name as agent, t.created_at, left(t.result, 500) as result
      from public.tasks t left join public.agents a on a.id = t.agent_id
      where t.organization_id = read_for_agent.organization_id order by t.created_at desc limit 30) t)
    when 'agents' then (select coalesce(jsonb_agg(a), '[]') from (
      select a.name, a.role, a.is_active from public.agents a
      where a.organization_id = read_for_agent.organization_id and a.archived_at is null order by a.name) a)
    when 'spending' then (select jsonb_build_object('month_usd', c.spent_usd::text, 'held_usd', c.held_usd::text,
        'month_started_at', c.window_start, 'by_model', (select coalesce(jsonb_agg(m), '[]') from (
          select f.key as model, f.cost_usd::text as cost_usd, f.calls
          from private.sum_usage(read_for_agent.organization_id, 'model', c.window_start, 'infinity') f
          order by f.cost_usd desc limit 10) m))
      from private.spend_counters c where c.organization_id = read_for_agent.organization_id)
    when 'notes' then private.recent_notes(read_for_agent.organization_id)
  end;
end $$;
comment on function public.read_for_agent is 'What agents'' tools read of their own organization: tasks, agents, spending or the notes on its boards.';

-- § The executor's keys ----------------------------------------------------------------------------------------

grant execute on function public.claim_task, public.renew_task, public.count_ended_call, public.begin_step,
  public.read_step_call, public.finish_step, public.hand_in_task, public.give_up_task, public.release_task,
  public.hand_on_task, public.read_for_agent to service_role;

create function public.register_internal_key(project_id uuid, public_id text, key_hash text) returns void
  -- definer: keys are not insertable otherwise
  language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  proxy_key uuid;
begin
  if register_internal_key.public_id !~ '^internal-' then
    perform private.refuse(400, 'key_invalid');
  end if;
  perform from public.projects p where p.id = register_internal_key.project_id for no key update;
  if not found then
    perform private.refuse(404, 'project_not_found');
  end if;
  select k.id into proxy_key from public.proxy_keys k where k.project_id = register_internal_key.project_id and k.is_internal;
  if not found then
    insert into public.proxy_keys (organization_id, project_id, name, public_id, is_internal)
    select p.organization_id, p.id, 'Agents', register_internal_key.public_id, true from public.projects p
    where p.id = register_internal_key.project_id
    returning id into proxy_key;
  end if;
  -- Under another master key it is another secret; those before it end by and by, as when any key is rotated.
  update private.proxy_key_hashes h set valid_until = coalesce(h.valid_until, now() + interval '1 day')
  where h.proxy_key_id = proxy_key and h.public_id <> register_internal_key.public_id;
  insert into private.proxy_key_hashes (public_id, proxy_key_id, key_hash)
  values (register_internal_key.public_id, proxy_key, register_internal_key.key_hash)
  on conflict (public_id) do update set valid_until = null where proxy_key_hashes.key_hash = excluded.key_hash;
  update public.proxy_keys k set public_id = register_internal_key.public_id, rotated_at = now()
  where k.id = proxy_key and k.public_id <> register_internal_key.public_id;
end $$;
comment on function public.register_internal_key is 'Makes the key by which a project''s agents call the proxy. Its secret follows from the master key, so only its hash is kept and nobody can read it.';
grant execute on function public.register_internal_key to service_role;
