import { z } from 'zod';
import { AppError, isErrorCode } from '../_shared/errors.ts';
import { answerJson } from '../_shared/http.ts';

/** A refusal of the proxy, or of the provider, which speaks OpenAI's dialect, in this API's envelope. */
export async function answerFailure(answer: Response): Promise<Response> {
  const { data } = OpenaiFailure.safeParse(await answer.json().catch(() => null));
  const ours = answer.headers.get('x-khq-error-code') ?? '';
  const isOurs = isErrorCode(ours);
  const error = {
    message: data?.error.message ?? `The provider answered ${answer.status}.`,
    code: isOurs ? ours : (data?.error.code ?? data?.error.type ?? `upstream_${answer.status}`),
    ...(typeof data?.error.param === 'string' && { param: data.error.param }),
  };
  // OpenAI's clients know a used up budget as 429; here it is what it is.
  const response = answerJson({ success: false, error }, isOurs ? new AppError(ours).status : answer.status);
  for (const name of ['x-request-id', 'retry-after', 'x-should-retry']) {
    const value = answer.headers.get(name);
    if (value !== null) response.headers.set(name, value);
  }
  return response;
}

const OpenaiFailure = z.object({
  error: z.object({
    message: z.string(),
    type: z.string().nullish(),
    param: z.unknown(),
    code: z.string().nullish(),
  }),
});
