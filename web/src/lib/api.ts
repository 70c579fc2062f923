import { z } from 'zod';
import { RequestError } from './errors.ts';
import { env, supabase } from './supabase.ts';

const Success = z.object({ success: z.literal(true), data: z.unknown() });

const Failure = z.object({
  success: z.literal(false),
  // What else stands there are the facts of the refusal: limit, used, plan…
  error: z.looseObject({ message: z.string(), code: z.string(), requestId: z.string().optional() }),
});

type Call<Schema extends z.ZodType> = {
  /** Below /functions/v1, e.g. `/gateway/providers`. */
  path: string;
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: unknown;
  answer: Schema;
  /** For calls that somebody may not wait for. */
  signal?: AbortSignal;
};

/** Calls an edge function as the signed-in user and answers its `data`; throws RequestError for everything else. */
export async function callFunction<Schema extends z.ZodType>(call: Call<Schema>): Promise<z.infer<Schema>> {
  const response = await send(call);
  const requestId = response.headers.get('x-request-id') ?? undefined;
  const body: unknown = await response.json().catch(() => undefined);
  const success = Success.safeParse(body);
  if (response.ok && success.success) return call.answer.parse(success.data.data);
  const failure = Failure.safeParse(body);
  if (failure.success) {
    const { message, code, requestId: named, ...details } = failure.data.error;
    throw new RequestError({
      code,
      message,
      details,
      status: response.status,
      requestId: named ?? requestId,
      isForPeople: true,
    });
  }
  throw new RequestError({
    code: 'unexpected_answer',
    status: response.status,
    message: `The server answered ${response.status} without saying why.`,
    requestId,
  });
}

async function send({ path, method = 'GET', body, signal }: Call<z.ZodType>): Promise<Response> {
  const { data } = await supabase().auth.getSession();
  const { supabaseUrl, supabasePublishableKey } = env();
  try {
    return await fetch(`${supabaseUrl}/functions/v1${path}`, {
      method,
      headers: {
        apikey: supabasePublishableKey,
        authorization: `Bearer ${data.session?.access_token ?? supabasePublishableKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal ?? null,
    });
  } catch {
    throw new RequestError({ code: 'unreachable', status: 0, message: 'The server could not be reached.' });
  }
}
