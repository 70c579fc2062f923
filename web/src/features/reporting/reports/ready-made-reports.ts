import type { ChartKind } from './chart-kinds.ts';

export type ReadyMadeReport = {
  /** Its part of the address. */
  id: string;
  name: string;
  description: string;
  chart: ChartKind;
  query: string;
};

/** Reports that come along. Each asks for a span that the indexes know. */
export const readyMadeReports: readonly ReadyMadeReport[] = [
  {
    id: 'spend-by-day',
    name: 'Spend by day and model',
    description: 'What each model cost on each of the last 30 days.',
    chart: 'bars',
    query: `select day, model, sum(cost_usd) as cost_usd, sum(calls) as calls
from model_costs
where day > current_date - 30
group by day, model
order by day, cost_usd desc`,
  },
  {
    id: 'spend-by-project',
    name: 'Spend by month and project',
    description: 'What each project cost in each of the last twelve months.',
    chart: 'bars',
    query: `select date_trunc('month', day)::date as month, coalesce(project, project_id::text) as project,
  sum(cost_usd) as cost_usd, sum(calls) as calls
from project_costs
where day >= (date_trunc('month', current_date) - interval '11 months')::date
group by 1, 2
order by 1, 3 desc`,
  },
  {
    id: 'spend-by-key',
    name: 'Spend by key',
    description:
      'What each proxy key cost in the last 30 days, and when it was last used; keys without calls too.',
    chart: 'none',
    query: `select k.name as proxy_key, k.project, coalesce(sum(c.cost_usd), 0) as cost_usd, coalesce(sum(c.calls), 0) as calls,
  k.last_used_at, k.expires_at, k.revoked_at
from proxy_keys k
left join (select * from proxy_key_costs where day > current_date - 30) c on c.proxy_key_id = k.id
group by k.id, k.name, k.project, k.last_used_at, k.expires_at, k.revoked_at
order by cost_usd desc`,
  },
  {
    id: 'spend-by-user',
    name: 'Spend by user',
    description: 'Who cost most in the last 30 days, and what one of their calls costs.',
    chart: 'none',
    query: `select coalesce(user_id, '(nobody)') as user_id, sum(cost_usd) as cost_usd, sum(calls) as calls,
  round(sum(cost_usd) / nullif(sum(calls), 0), 6) as cost_per_call_usd, max(day) as last_day
from user_costs
where day > current_date - 30
group by 1
order by cost_usd desc
limit 100`,
  },
  {
    id: 'spend-by-agent',
    name: 'Spend by agent',
    description: 'What each agent cost in each of the last 12 weeks.',
    chart: 'bars',
    query: `select date_trunc('week', day)::date as week, coalesce(agent_id, '(none)') as agent_id,
  sum(cost_usd) as cost_usd, sum(calls) as calls
from agent_costs
where day >= (date_trunc('week', current_date) - interval '11 weeks')::date
group by 1, 2
order by 1, 3 desc`,
  },
  {
    id: 'spend-by-tag',
    name: 'Spend by tag',
    description: 'What calls with each tag cost in the last 30 days. A call with two tags counts at both.',
    chart: 'none',
    query: `select tag, sum(cost_usd) as cost_usd, sum(calls) as calls
from tag_costs
where day > current_date - 30
group by tag
order by cost_usd desc`,
  },
  {
    id: 'latency',
    name: 'Latency by day',
    description: 'Half, and 95 of 100, of the succeeded calls of each day took no longer than this.',
    chart: 'lines',
    query: `with ranked as (
  select day, to_ms, calls, sum(calls) over (partition by day order by to_ms) as so_far,
    sum(calls) over (partition by day) as total
  from daily_latencies
  where day > current_date - 14
)
select day, min(to_ms) filter (where so_far >= 0.5 * total) as median_ms,
  min(to_ms) filter (where so_far >= 0.95 * total) as p95_ms
from ranked
group by day
order by day`,
  },
  {
    id: 'errors',
    name: 'Errors by day and model',
    description: 'How many of the calls of the last 14 days failed at the provider, in percent.',
    chart: 'lines',
    query: `select day, model, round(100.0 * sum(errors) / nullif(sum(calls), 0), 2) as percent_failed, sum(errors) as errors,
  sum(calls) as calls
from model_costs
where day > current_date - 14
group by day, model
order by day, model`,
  },
  {
    id: 'costliest-calls',
    name: 'Costliest calls',
    description: 'The 50 calls of the last 24 hours that cost most.',
    chart: 'none',
    query: `select created_at, model, project, proxy_key, user_id, agent_id, input_tokens, cache_read_tokens, output_tokens,
  cost_usd, id
from usage
where created_at > now() - interval '24 hours' and cost_usd is not null
order by cost_usd desc
limit 50`,
  },
  {
    id: 'budgets',
    name: 'Budgets as they stand',
    description: 'How full each budget is, the fullest first.',
    chart: 'none',
    query: `select scope, scope_name, period, mode, limit_usd, spent_usd, held_usd, left_usd,
  round(100 * spent_usd / nullif(limit_usd, 0), 1) as percent_spent, window_end
from budgets
order by percent_spent desc nulls first`,
  },
];
