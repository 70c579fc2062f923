import { z } from 'zod';
import { ReportError } from './report.ts';

/** More pages than a month of days could need: whoever sends them never ends. */
const maxPages = 200;
const timeoutMs = 30_000;

/** @throws ReportError */
export async function fetchReport<Schema extends z.ZodType>(
  url: string,
  headers: Readonly<Record<string, string>>,
  schema: Schema,
): Promise<z.infer<Schema>> {
  let response;
  try {
    // A key does not follow wherever it is sent.
    response = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
  } catch (cause) {
    throw new ReportError('The provider could not be reached.', { cause });
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new ReportError(explainStatus(response.status), { cause: response.status });
  }
  const parsed = schema.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success) {
    throw new ReportError('The provider answered something that is not its report.', { cause: parsed.error });
  }
  return parsed.data;
}

const page = { has_more: z.boolean().nullish(), next_page: z.string().nullish() };

/** All buckets of a report that comes in pages, each found by the token in the one before. @throws ReportError */
export async function fetchPages<Bucket extends z.ZodType>(
  url: URL,
  headers: Readonly<Record<string, string>>,
  bucket: Bucket,
): Promise<z.infer<Bucket>[]> {
  const buckets: z.infer<Bucket>[] = [];
  const Page = z.object({ ...page, data: z.array(bucket) });
  const seen = new Set<string>();
  for (;;) {
    const { data, has_more: hasMore, next_page: next } = await fetchReport(url.href, headers, Page);
    buckets.push(...data);
    if (hasMore === false || (hasMore == null && !next)) return buckets;
    if (!next || seen.has(next) || seen.size >= maxPages)
      throw new ReportError('The pages of the report do not come to an end.');
    seen.add(next);
    url.searchParams.set('page', next);
  }
}

/** Not everything that speaks a provider's protocol counts usage; its costs can be compared all the same. */
export function emptyWhereMissing(error: unknown): never[] {
  if (error instanceof ReportError && error.cause === 404) return [];
  throw error;
}

function explainStatus(status: number): string {
  if (status === 401 || status === 403) return 'The provider rejects this admin key.';
  if (status === 429) return 'The provider asks to come back later.';
  return `The provider answered ${status}.`;
}
