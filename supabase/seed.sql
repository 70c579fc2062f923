-- The demo organization: a login, three projects, and thirty days of plausible history, so that charts are alive.
-- Its provider credentials and its proxy key are made by the start script, since secrets are not written in files.

insert into auth.users (id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data)
values ('00000000-0000-4000-8000-000000000001', 'authenticated', 'authenticated', 'demo@kreative.local',
  extensions.crypt('kreative-demo', extensions.gen_salt('bf', 10)), now(),
  '{"provider": "email", "providers": ["email"]}', '{"full_name": "Dana Demo", "organization_name": "Acme Robotics"}');

insert into auth.identities (id, user_id, provider, provider_id, identity_data)
values (gen_random_uuid(), '00000000-0000-4000-8000-000000000001', 'email', '00000000-0000-4000-8000-000000000001',
  '{"sub": "00000000-0000-4000-8000-000000000001", "email": "demo@kreative.local", "email_verified": true}');

-- Signing up made an organization; the demo's has a known id, which scripts and tests rely on.
delete from public.organizations where id in (
  select organization_id from public.organization_members where user_id = '00000000-0000-4000-8000-000000000001'
);
insert into public.organizations (id, name, slug, plan, time_zone)
values ('00000000-0000-4000-8000-0000000000a1', 'Acme Robotics', 'acme', 'enterprise', 'Europe/Berlin');
insert into public.organization_members (organization_id, user_id, role)
values ('00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-000000000001', 'owner');
insert into public.organization_plan_overrides (organization_id, resource, amount, reason)
values ('00000000-0000-4000-8000-0000000000a1', 'ai_budget_usd_month', 10000, 'Agreed for the demo');

insert into public.projects (id, organization_id, name, description) values
  ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'Support assistant', 'Answers customers in the help center.'),
  ('00000000-0000-4000-8000-0000000000b2', '00000000-0000-4000-8000-0000000000a1', 'Code review', 'Reads every pull request before people do.'),
  ('00000000-0000-4000-8000-0000000000b3', '00000000-0000-4000-8000-0000000000a1', 'Market research', 'Weekly reports on competitors.');

insert into public.provider_credentials (organization_id, provider, name)
values ('00000000-0000-4000-8000-0000000000a1', 'sandbox', 'Sandbox');

select private.mint_proxy_key_as('00000000-0000-4000-8000-000000000001', project_id::uuid, name, '{}') from (values
  ('00000000-0000-4000-8000-0000000000b1', 'help-center production'),
  ('00000000-0000-4000-8000-0000000000b1', 'help-center staging'),
  ('00000000-0000-4000-8000-0000000000b2', 'review bot'),
  ('00000000-0000-4000-8000-0000000000b3', 'report writer')
) as keys (project_id, name);

-- Prices of the models in the history, as the first price refresh will find them again.
select public.import_model_prices(
  jsonb_agg(jsonb_build_object('provider', provider, 'model', model, 'display_name', model,
    'name_match', jsonb_build_object('starts_with', model), 'position', 0)),
  jsonb_agg(jsonb_build_object('provider', provider, 'model', model, 'service_tier', 'standard',
    'valid_from', '1970-01-01T00:00:00Z', 'is_latest', true, 'input', input, 'cache_read', cache_read,
    'cache_write_5m', cache_write, 'cache_write_1h', cache_write_1h, 'output', output, 'context_tiers', '[]'::jsonb)),
  'seed')
from (values
  ('openai', 'gpt-4o-mini', 0.15, 0.075, null, null, 0.6),
  ('openai', 'gpt-5-mini', 0.25, 0.025, null, null, 2),
  ('openai', 'text-embedding-3-small', 0.02, null, null, null, null),
  ('anthropic', 'claude-haiku-4-5', 1, 0.1, 1.25, 2, 5),
  ('anthropic', 'claude-opus-4-5', 5, 0.5, 6.25, 10, 25),
  ('moonshot', 'kimi-k2-0905-preview', 0.6, 0.15, null, null, 2.5)
) as prices (provider, model, input, cache_read, cache_write, cache_write_1h, output);

select setseed(0.42);
with workloads (key_name, provider, model, dialect, operation, calls_a_day, typical_input, typical_output, cached_share, people) as (values
  ('help-center production', 'openai', 'gpt-5-mini', 'openai', 'chat.completions', 52, 18000, 2400, 0.55, array['maya@acme.test', 'jonas@acme.test', 'priya@acme.test']),
  ('help-center production', 'openai', 'text-embedding-3-small', 'openai', 'embeddings', 18, 900, 0, 0, array[null]),
  ('help-center staging', 'openai', 'gpt-4o-mini', 'openai', 'chat.completions', 9, 2400, 380, 0.2, array['jonas@acme.test']),
  ('review bot', 'anthropic', 'claude-opus-4-5', 'anthropic', 'messages', 14, 24000, 2600, 0.6, array['tom@acme.test', 'maya@acme.test', 'lea@acme.test']),
  ('review bot', 'anthropic', 'claude-haiku-4-5', 'anthropic', 'messages', 30, 26000, 2200, 0.6, array['tom@acme.test', 'lea@acme.test']),
  ('report writer', 'moonshot', 'kimi-k2-0905-preview', 'openai', 'chat.completions', 24, 42000, 5200, 0.3, array['priya@acme.test'])
), ticks as (
  -- Weekdays are busy, weekends quiet, and use grows a little over the month.
  select w.*, day, n, random() as r_time, random() as r_size, random() as r_output, random() as r_fate, random() as r_person
  from workloads w
  cross join generate_series(0, 29) as day
  cross join lateral generate_series(1, greatest(1, round(w.calls_a_day
    * case when extract(isodow from now() - make_interval(days => day)) >= 6 then 0.3 else 1 end
    * (1.25 - day / 60.0) * (0.8 + 0.4 * abs(sin(day * 1.7)))))::int) as n
), timed as (
  select t.*, date_trunc('day', now()) - make_interval(days => day)
    -- Most work happens between eight and eighteen.
    + make_interval(secs => 3600 * (6 + 13 * (0.5 + 0.5 * sin((r_time - 0.5) * 3.0)))) as at
  from ticks t
), calls as (
  select t.*, k.id as proxy_key_id, k.project_id, p as price,
    case when r_fate > 0.985 then 'failed' when r_fate > 0.975 then 'aborted' else 'succeeded' end as status,
    round(typical_input * (0.35 + 1.3 * r_size))::bigint as input_tokens,
    round(typical_output * (0.3 + 1.4 * r_output))::bigint as output_tokens
  from timed t
  join public.proxy_keys k on k.name = t.key_name and k.organization_id = '00000000-0000-4000-8000-0000000000a1'
  join public.model_prices p on p.provider = t.provider and p.model = t.model and p.service_tier = 'standard'
  where t.at < now() - interval '10 minutes'
), metered as (
  select c.*, case when status = 'failed' then row(0, 0, 0, 0, 0)::private.token_usage
    else row(input_tokens, round(input_tokens * cached_share * r_size)::bigint, 0, 0,
      case when status = 'aborted' then output_tokens / 3 else output_tokens end)::private.token_usage end as tokens
  from calls c
)
insert into public.ai_usage (id, organization_id, project_id, proxy_key_id, user_id, dialect, operation, provider, model,
  served_model, is_stream, is_sandbox, status, http_status, error_code, usage_source, input_tokens, cache_read_tokens,
  output_tokens, cost_usd, held_usd, model_price_id, latency_ms, first_byte_ms, overhead_ms, request_id, created_at, settled_at)
select id, '00000000-0000-4000-8000-0000000000a1', project_id, proxy_key_id,
  people[1 + floor(r_person * cardinality(people))::int], dialect, operation, provider, model, model,
  operation <> 'embeddings', true, status::public.call_status,
  case status when 'failed' then 503 else 200 end, case status when 'failed' then 'overloaded' when 'aborted' then 'client_closed' end,
  'reported', (tokens).input_tokens, (tokens).cache_read_tokens, (tokens).output_tokens,
  private.price_usage(price, tokens), private.price_usage(price, tokens) * 1.2, (price).id,
  round((260 + (tokens).output_tokens * (6 + 8 * r_output) + 500 * r_size)::numeric, 2), round((180 + 420 * r_size)::numeric, 2),
  round((0.7 + r_time)::numeric, 2), id::text, at,
  at + make_interval(secs => (260 + (tokens).output_tokens * (6 + 8 * r_output) + 500 * r_size) / 1000)
from (select metered.*, gen_random_uuid() as id from metered) as history;

select private.write_deltas(array[u], 1) from public.ai_usage u where u.organization_id = '00000000-0000-4000-8000-0000000000a1';
select private.fold_usage();

select private.open_window('00000000-0000-4000-8000-0000000000a1', now());
update private.spend_counters c set spent_usd = (
  select coalesce(sum(u.cost_usd), 0) from public.ai_usage u
  where u.organization_id = c.organization_id and u.created_at >= c.window_start
)
where c.organization_id = '00000000-0000-4000-8000-0000000000a1';

insert into public.model_aliases (organization_id, name, targets) values
  ('00000000-0000-4000-8000-0000000000a1', 'fast', array['openai/gpt-5-mini', 'openai/gpt-4o-mini']),
  ('00000000-0000-4000-8000-0000000000a1', 'smart', array['anthropic/claude-opus-4-5', 'anthropic/claude-haiku-4-5']);

-- So wide that benchmarks of the demo organization measure the proxy.
update public.rate_limits set requests_per_minute = 1000000
where organization_id = '00000000-0000-4000-8000-0000000000a1';

-- After the counter, so that they know what was spent.
insert into public.budgets (organization_id, scope, scope_id, period, limit_usd, mode) values
  ('00000000-0000-4000-8000-0000000000a1', 'organization', '00000000-0000-4000-8000-0000000000a1', 'month', 2000, 'hard'),
  ('00000000-0000-4000-8000-0000000000a1', 'project', '00000000-0000-4000-8000-0000000000b1', 'month', 12, 'soft'),
  ('00000000-0000-4000-8000-0000000000a1', 'project', '00000000-0000-4000-8000-0000000000b3', 'week', 4, 'soft');

-- Agents, and tasks that they work on in the sandbox as soon as the stack runs.
insert into public.agents (id, organization_id, project_id, name, role, avatar, model, system_prompt, created_by) values
  ('00000000-0000-4000-8000-0000000000c1', '00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-0000000000b3',
    'Ada', 'Researcher', 'search', 'fast', 'You find out what is known, and say how sure you are.', '00000000-0000-4000-8000-000000000001'),
  ('00000000-0000-4000-8000-0000000000c2', '00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-0000000000b1',
    'Grace', 'Editor', 'pencil', 'smart', 'You write plainly, in short sentences, for busy people.', '00000000-0000-4000-8000-000000000001'),
  ('00000000-0000-4000-8000-0000000000c3', '00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-0000000000b2',
    'Linus', 'Code reviewer', 'code', 'smart', 'You look for what breaks, and leave taste to others.', '00000000-0000-4000-8000-000000000001');
insert into public.budgets (organization_id, scope, scope_id, period, limit_usd)
select a.organization_id, 'agent', a.id::text, 'month', 25 from public.agents a
where a.organization_id = '00000000-0000-4000-8000-0000000000a1';
insert into public.tasks (organization_id, agent_id, title, description, needs_approval, created_by) values
  ('00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-0000000000c1', 'What did AI cost us this month, and for what?',
    'Name the three models that cost most, and whether one of them could be a cheaper one.', false, '00000000-0000-4000-8000-000000000001'),
  ('00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-0000000000c2', 'Draft this week''s note to customers',
    'Five sentences: what is new in the help center, and what comes next.', true, '00000000-0000-4000-8000-000000000001'),
  ('00000000-0000-4000-8000-0000000000a1', null, 'Review the retry policy of the help center', '', false,
    '00000000-0000-4000-8000-000000000001');
