import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { portOf } from './upstream.ts';

const tokens = z.int().default(0);

/** What a provider has on its books for the account of an admin key. Days are UTC; dollars and cents as each reports. */
export const Books = z.object({
  /** Buckets on a page, however many were asked for. */
  pageSize: z.int().default(7),
  /** Answers this instead of anything. */
  status: z.int().optional(),
  costs: z
    .array(
      z.object({
        day: z.iso.date(),
        item: z.string(),
        /** Dollars at OpenAI, cents at Anthropic. */
        amount: z.string(),
        model: z.string().nullable().default(null),
        tier: z.string().nullable().default(null),
      }),
    )
    .default([]),
  usage: z
    .array(
      z.object({
        day: z.iso.date(),
        model: z.string(),
        tier: z.string().default('default'),
        requests: tokens,
        /** Neither read from nor written to a cache. */
        fresh: tokens,
        read: tokens,
        write5m: tokens,
        write1h: tokens,
        output: tokens,
      }),
    )
    .default([]),
  /** Moonshot's. */
  available: z.number().default(0),
});
export type Books = z.infer<typeof Books>;

export const booksPath = '/_books/';

export type ProviderReports = { url: string; close: () => Promise<void> };

/**
 * Stands in for the report APIs of OpenAI, Anthropic and Moonshot, in the shapes that they document: in pages, with the
 * admin key checked, grouped as asked. Tests in other processes keep its books over HTTP (`keepBooks`).
 */
export async function startProviderReports(): Promise<ProviderReports> {
  const books = new Map<string, Books>();
  const server = createServer((request, response) => {
    answer(books, request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function answer(
  books: Map<string, Books>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '', 'http://localhost');
  if (request.method === 'PUT') {
    books.set(decodeURIComponent(url.pathname.slice(booksPath.length)), Books.parse(await json(request)));
    response.writeHead(204).end();
    return;
  }
  const theirs = books.get(adminKeyOf(request, url) ?? '');
  const report = reports[url.pathname];
  const status = theirs === undefined ? 401 : (theirs.status ?? (report ? 200 : 404));
  response.writeHead(status, { 'content-type': 'application/json' });
  if (status !== 200 || !theirs || !report) {
    response.end(JSON.stringify({ error: { message: 'No.', type: 'invalid_request_error' } }));
  } else response.end(JSON.stringify(report(theirs, url.searchParams)));
}

/** Anthropic wants its version named, too. */
function adminKeyOf({ headers }: IncomingMessage, url: URL): string | undefined {
  if (!url.pathname.startsWith('/v1/organizations/')) return headers.authorization?.replace(/^Bearer /, '');
  const [key] = [headers['x-api-key']].flat();
  return headers['anthropic-version'] === undefined ? undefined : key;
}

type Report = (books: Books, query: URLSearchParams) => unknown;

const reports: Readonly<Record<string, Report>> = {
  '/v1/organization/costs': (books, query) =>
    openAiPage(books, query, (day) =>
      grouped(
        books.costs.filter((cost) => cost.day === day),
        ({ item }) => (query.getAll('group_by').includes('line_item') ? item : null),
      ).map(([line_item, costs]) => ({
        object: 'organization.costs.result',
        amount: { value: costs.reduce((sum, { amount }) => sum + Number(amount), 0), currency: 'usd' },
        line_item,
        project_id: null,
      })),
    ),
  '/v1/organization/usage/completions': (books, query) =>
    openAiPage(books, query, (day) =>
      books.usage
        .filter((usage) => usage.day === day)
        .map((usage) => ({
          object: 'organization.usage.completions.result',
          input_tokens: usage.fresh + usage.read + usage.write5m + usage.write1h,
          input_cached_tokens: usage.read,
          output_tokens: usage.output,
          num_model_requests: usage.requests,
          model: usage.model,
          service_tier: usage.tier,
          batch: false,
          project_id: null,
        })),
    ),
  '/v1/organizations/cost_report': (books, query) =>
    anthropicPage(books, query, (day) =>
      books.costs
        .filter((cost) => cost.day === day)
        .map(({ amount, item, model, tier }) => ({
          currency: 'USD',
          amount,
          workspace_id: null,
          description: item,
          cost_type: model === null ? 'web_search' : 'tokens',
          context_window: '0-200k',
          model,
          service_tier: tier,
          token_type: null,
        })),
    ),
  '/v1/organizations/usage_report/messages': (books, query) =>
    anthropicPage(books, query, (day) =>
      books.usage
        .filter((usage) => usage.day === day)
        .map((usage) => ({
          uncached_input_tokens: usage.fresh,
          cache_read_input_tokens: usage.read,
          cache_creation: {
            ephemeral_5m_input_tokens: usage.write5m,
            ephemeral_1h_input_tokens: usage.write1h,
          },
          output_tokens: usage.output,
          server_tool_use: { web_search_requests: 0 },
          model: usage.model,
          service_tier: usage.tier,
          workspace_id: null,
        })),
    ),
  '/v1/users/me/balance': ({ available }) => ({
    code: 0,
    data: { available_balance: available, voucher_balance: 0, cash_balance: available },
    scode: '0x0',
    status: true,
  }),
};

function openAiPage(books: Books, query: URLSearchParams, resultsOf: (day: string) => unknown): unknown {
  const [from, to] = [Number(query.get('start_time')) * 1000, Number(query.get('end_time')) * 1000];
  const { days, ...page } = turn(books, query, from, to);
  const seconds = (day: string): number => Date.parse(day) / 1000;
  const data = days.map((day) => ({
    object: 'bucket',
    start_time: seconds(day),
    end_time: seconds(day) + 86_400,
    results: resultsOf(day),
  }));
  return { object: 'page', data, ...page };
}

function anthropicPage(books: Books, query: URLSearchParams, resultsOf: (day: string) => unknown): unknown {
  const [from, to] = [Date.parse(query.get('starting_at') ?? ''), Date.parse(query.get('ending_at') ?? '')];
  const { days, ...page } = turn(books, query, from, to);
  const data = days.map((day) => ({
    starting_at: `${day}T00:00:00Z`,
    ending_at: new Date(Date.parse(day) + 86_400_000).toISOString(),
    results: resultsOf(day),
  }));
  return { data, ...page };
}

/** The days on the page that is asked for. */
function turn({ pageSize }: Books, query: URLSearchParams, from: number, to: number) {
  const all: string[] = [];
  for (let at = from; at < to; at += 86_400_000) all.push(new Date(at).toISOString().slice(0, 10));
  const start = Number(/^page_(\d+)$/.exec(query.get('page') ?? '')?.[1] ?? 0);
  const end = start + Math.min(pageSize, Number(query.get('limit') ?? 7));
  const hasMore = end < all.length;
  return { days: all.slice(start, end), has_more: hasMore, next_page: hasMore ? `page_${end}` : null };
}

function grouped<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string | null,
): [string | null, Item[]][] {
  return [...Map.groupBy(items, nameOf)];
}
