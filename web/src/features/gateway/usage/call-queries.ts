import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { addDays, startOfDay } from '@/lib/dates.ts';
import { RequestError, unwrap } from '@/lib/errors.ts';
import { isUuid } from '@/lib/is-uuid.ts';
import { supabase } from '@/lib/supabase.ts';
import type { UsageFilters } from './usage-filters.ts';

/** Whose calls, in which zone the days of the filters are, and which of them. */
export type CallScope = { organizationId: string; timeZone: string; filters: UsageFilters };

/** Where a page ends: the next one begins after this call. */
export type CallCursor = { created_at: string; id: string };

export type Call = Awaited<ReturnType<typeof fetchCalls>>[number];

export type CallDetail = Awaited<ReturnType<typeof fetchCall>>;

export type ModelPrice = Awaited<ReturnType<typeof fetchModelPrice>>;

export const pageSize = 50;

export const callQueries = {
  all: (organizationId: string) => ['gateway', organizationId, 'calls'],
  /** Newest first. Pages stay as they were loaded; what is new comes by useLiveCalls. */
  pages: (scope: CallScope) =>
    infiniteQueryOptions({
      queryKey: [...callQueries.all(scope.organizationId), 'pages', scope.timeZone, scope.filters],
      queryFn: ({ pageParam }) => fetchCalls(scope, { after: pageParam, limit: pageSize }),
      initialPageParam: firstPage(),
      getNextPageParam: (page): CallCursor | undefined => (page.length < pageSize ? undefined : page.at(-1)),
      staleTime: Infinity,
      // Between visits calls were settled and made: begin anew.
      gcTime: 0,
    }),
  detail: (organizationId: string, id: string) =>
    queryOptions({
      queryKey: [...callQueries.all(organizationId), 'detail', id],
      queryFn: () => fetchCall(organizationId, id),
    }),
  price: (modelPriceId: number) =>
    queryOptions({
      queryKey: ['gateway', 'model-prices', modelPriceId],
      // Price rows are never changed.
      staleTime: Infinity,
      queryFn: () => fetchModelPrice(modelPriceId),
    }),
};

const firstPage = (): CallCursor | undefined => undefined;

// Money is asked for as text: a JSON number would be a float.
const columns =
  'id, created_at, settled_at, project_id, proxy_key_id, user_id, agent_id, task_id, dialect, operation, provider, model, model_alias, served_model, is_stream, is_sandbox, status, http_status, error_code, usage_source, input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens, cost_usd::text, held_usd::text, latency_ms, first_byte_ms, overhead_ms, attempts, is_cached, saved_usd::text, request_id';

const priceColumns =
  'id, provider, model, service_tier, valid_from, source, context_tiers, media_rates, input_usd_per_mtok::text, cache_read_usd_per_mtok::text, cache_write_5m_usd_per_mtok::text, cache_write_1h_usd_per_mtok::text, output_usd_per_mtok::text';

async function fetchCall(organizationId: string, id: string) {
  // An address that was typed wrong means no call; Postgres would call it a syntax error.
  if (!isUuid(id)) throw new RequestError({ code: 'not_found', status: 404, message: 'Not a call id.' });
  return unwrap(
    await supabase()
      .from('ai_usage')
      .select(`${columns}, raw_usage, tags, credential_id, model_price_id, upstream_request_id`)
      .eq('organization_id', organizationId)
      .eq('id', id)
      .maybeSingle(),
  );
}

async function fetchModelPrice(id: number) {
  return unwrap(await supabase().from('model_prices').select(priceColumns).eq('id', id).maybeSingle());
}

/** Calls in the order of the ledger, newest first. */
export async function fetchCalls(scope: CallScope, page: { after?: CallCursor | undefined; limit: number }) {
  let query = selectCalls(scope);
  if (page.after) {
    const { created_at: at, id } = page.after;
    query = query.lte('created_at', at).or(`created_at.lt."${at}",id.lt."${id}"`);
  }
  return unwrap(
    await query.order('created_at', { ascending: false }).order('id', { ascending: false }).limit(page.limit),
  );
}

/** The present state of calls that were loaded before. */
export async function fetchCallsById(organizationId: string, ids: readonly string[]): Promise<Call[]> {
  if (ids.length === 0) return [];
  return unwrap(
    await supabase().from('ai_usage').select(columns).eq('organization_id', organizationId).in('id', ids),
  );
}

function selectCalls({ organizationId, timeZone, filters }: CallScope) {
  let query = supabase().from('ai_usage').select(columns).eq('organization_id', organizationId);
  if (filters.from) query = query.gte('created_at', startOfDay(filters.from, timeZone).toISOString());
  if (filters.to) query = query.lt('created_at', startOfDay(addDays(filters.to, 1), timeZone).toISOString());
  if (filters.projects.length > 0) query = query.in('project_id', filters.projects);
  if (filters.keys.length > 0) query = query.in('proxy_key_id', filters.keys);
  if (filters.models.length > 0) query = query.in('model', filters.models);
  if (filters.statuses.length > 0) query = query.in('status', filters.statuses);
  if (filters.users.length > 0) query = query.or(oneOfOrNobody('user_id', filters.users));
  if (filters.agents.length > 0) query = query.or(oneOfOrNobody('agent_id', filters.agents));
  return query;
}

/** The ledger has null where the filters say ''. */
function oneOfOrNobody(column: string, values: readonly string[]): string {
  const named = values.filter((value) => value !== '').map((value) => `"${value.replace(/["\\]/g, '\\$&')}"`);
  return [
    ...(values.includes('') ? [`${column}.is.null`] : []),
    ...(named.length > 0 ? [`${column}.in.(${named.join(',')})`] : []),
  ].join(',');
}
