import { Hono } from 'hono';
import type { z } from 'zod';
import { AppError, toAppError } from './errors.ts';
import { answerData, answerError, preflight } from './http.ts';
import { describeError, log } from './log.ts';
import { readText } from './read-text.ts';
import { isSameSecret } from './secret-box.ts';

/** A job: does what is due and answers its counts. Idempotent, so that running it twice at once is harmless. */
export type Job = () => Promise<Readonly<Record<string, number>>>;

/**
 * The shape that every JSON function shares: paths below its slug, CORS, one log line a request, errors rendered
 * once in the envelope, and `POST /jobs/<verb>` for holders of the jobs secret.
 */
export function createApp(
  service: string,
  jobs: { secret: string; run: Readonly<Record<string, Job>> },
): Hono {
  const app = new Hono().basePath(`/${service}`);
  app.use(async (c, next) => {
    if (c.req.method === 'OPTIONS') return preflight(c.req.raw, 'GET, POST, PATCH, DELETE, OPTIONS');
    const startedAt = performance.now();
    const requestId = crypto.randomUUID();
    await next();
    // The proxy's answers carry the id of their row in the ledger.
    if (!c.res.headers.has('x-request-id')) c.header('x-request-id', requestId);
    const cause = c.error === undefined ? {} : { error: describeError(c.error) };
    log({
      level: c.res.status >= 500 ? 'error' : 'info',
      service,
      action: `${c.req.method} ${c.req.path}`,
      requestId: c.res.headers.get('x-request-id'),
      durationMs: Math.round(performance.now() - startedAt),
      metadata: { status: c.res.status, ...cause },
    });
    return undefined;
  });
  app.onError((error) => answerError(toAppError(error)));
  app.notFound(() => answerError(new AppError('not_found')));
  app.post('/jobs/:verb', async (c) => {
    const sent = sentSecret(c.req.raw);
    const job = Object.entries(jobs.run).find(([verb]) => verb === c.req.param('verb'))?.[1];
    if (!isSameSecret(sent, jobs.secret)) throw new AppError('unauthenticated');
    if (job === undefined) throw new AppError('not_found');
    return answerData(await job());
  });
  return app;
}

/** What a machine brings to show that it may: in a header of its own, or as a bearer token. */
export function sentSecret({ headers }: Request): string {
  return headers.get('x-jobs-secret') ?? headers.get('authorization')?.replace(/^Bearer\s+/i, '') ?? '';
}

const maxBodyMb = 20;

/** The body by its schema, of at most 20 MB; throws `invalid_request` with the first complaint. */
export async function readBody<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Promise<z.infer<Schema>> {
  return parseBody(await readText(request, maxBodyMb), schema);
}

/** As `readBody`, for a body whose very text was needed before. */
export function parseBody<Schema extends z.ZodType>(text: string, schema: Schema): z.infer<Schema> {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new AppError('invalid_request', { param: issue?.path.join('.') ?? '', reason: issue?.message });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError('invalid_json');
  }
}
