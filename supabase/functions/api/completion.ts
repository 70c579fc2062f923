import { z } from 'zod';
import type { AIRequest, ChatAnswer } from '../_shared/contracts/api.ts';
import { AppError } from '../_shared/errors.ts';

/** A request of this API as the chat completion that the proxy is asked for. */
export function writeCompletion(input: AIRequest): Readonly<Record<string, unknown>> {
  const { provider, model, messages, maxTokens, toolChoice } = input;
  const prefix = `${provider}/`;
  return {
    model: model.startsWith(prefix) ? model : prefix + model,
    messages,
    ...(input.stream !== undefined && { stream: input.stream }),
    // Moonshot knows the older name, OpenAI's reasoning models the newer one.
    ...(maxTokens !== undefined && {
      [provider === 'moonshot' ? 'max_tokens' : 'max_completion_tokens']: maxTokens,
    }),
    ...(input.temperature !== undefined && { temperature: input.temperature }),
    ...(input.tools !== undefined && { tools: input.tools }),
    ...(toolChoice !== undefined && { tool_choice: toolChoice }),
  };
}

/** The proxy's answer in this API's form. Throws `malformed_upstream_response`. */
export async function readCompletion(answer: Response, provider: AIRequest['provider']): Promise<ChatAnswer> {
  const parsed = Completion.safeParse(await answer.json().catch(() => null));
  const choice = parsed.data?.choices[0];
  if (!parsed.success || choice === undefined) throw new AppError('malformed_upstream_response');
  const { model, usage } = parsed.data;
  return {
    requestId: answer.headers.get('x-request-id') ?? '',
    provider,
    model,
    message: choice.message,
    finishReason: choice.finish_reason ?? null,
    usage: usage == null ? null : { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens },
    costUsd: answer.headers.get('x-khq-cost-usd'),
  };
}

const Completion = z.object({
  model: z.string(),
  choices: z.array(
    z.object({
      message: z.looseObject({
        role: z.literal('assistant'),
        content: z
          .string()
          .nullish()
          .transform((content) => content ?? null),
        tool_calls: z.array(z.looseObject({ id: z.string() })).optional(),
      }),
      finish_reason: z.string().nullish(),
    }),
  ),
  usage: z.object({ prompt_tokens: z.int(), completion_tokens: z.int() }).nullish(),
});
