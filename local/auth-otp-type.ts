import { z } from 'zod';

const Verification = z.looseObject({ type: z.literal('email') });

/**
 * A code that came by mail is verified with type `email`, whatever mail it was. lite knows only the types of its
 * own mails: this tries them in turn. @returns undefined when the request is not about such a code
 */
export async function verifyEmailCode(
  request: Request,
  serve: (request: Request) => Response | Promise<Response>,
): Promise<Response | undefined> {
  if (request.method !== 'POST' || new URL(request.url).pathname !== '/auth/v1/verify') return undefined;
  const { success, data } = Verification.safeParse(await readJson(request.clone()));
  if (!success) return undefined;
  const attempt = (type: string) =>
    serve(
      new Request(request.url, {
        method: 'POST',
        headers: request.headers,
        body: JSON.stringify({ ...data, type }),
      }),
    );
  const answer = await attempt('magiclink');
  return answer.ok ? answer : attempt('signup');
}

async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    return undefined;
  }
}
