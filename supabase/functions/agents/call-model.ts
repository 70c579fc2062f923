import { z } from 'zod';
import type { TaskStep } from '../_shared/contracts/agents.ts';
import { createAnswerReader } from './read-answer.ts';
import type { Tool } from './tools/tool.ts';
import { toolsFor } from './tools/all-tools.ts';
import type { Work } from './work-on-task.ts';
import { writeConversation } from './write-conversation.ts';

/** What the proxy or the provider said instead of an answer. */
export interface CallFailure {
  readonly code: string;
  readonly message: string;
  readonly isFinal: boolean;
  readonly retryAfterSeconds: number | null;
}

/**
 * Makes the call under its id, and shows what comes while it comes. Null: it was answered, or broke off; what came of it
 * the ledger says. Throws when the time for the task is over; with the task the call is ended at the provider.
 */
export async function callModel(
  work: Work,
  stepNumber: number,
  callId: string,
  steps: readonly TaskStep[],
): Promise<CallFailure | null> {
  const { lease, failAt } = work;
  try {
    const response = await send(work, callId, steps);
    await failAt('call-sent');
    if (!response.ok) return await readFailure(response);
    const reader = createAnswerReader();
    for await (const text of (response.body ?? new Blob([]).stream()).pipeThrough(new TextDecoderStream())) {
      reader.push(text);
      lease.show(stepNumber, reader.content());
      await failAt('call-streaming');
    }
    await failAt('call-answered');
    return null;
  } catch (error) {
    lease.lost.throwIfAborted();
    lease.timeUp.throwIfAborted();
    const message = 'The proxy could not be reached, or broke off.';
    return error instanceof TypeError
      ? { code: 'proxy_unreachable', message, isFinal: false, retryAfterSeconds: null }
      : null;
  }
}

async function send(
  { parts, claimed, lease }: Work,
  callId: string,
  steps: readonly TaskStep[],
): Promise<Response> {
  const { agent, task } = claimed;
  const key = await parts.openKey(parts.db, agent.project_id);
  const tools = toolsFor(claimed).map(describeTool);
  return fetch(`${parts.proxyUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'x-khq-call': callId,
      'x-khq-agent': agent.id,
      'x-khq-task': task.id,
    },
    body: JSON.stringify({
      model: agent.model,
      stream: true,
      // Moonshot knows the older name only.
      [/^(?:moonshot\/|kimi|moonshot-)/.test(agent.model) ? 'max_tokens' : 'max_completion_tokens']:
        maxTokens,
      messages: writeConversation(claimed, steps),
      ...(tools.length > 0 && { tools }),
    }),
    signal: AbortSignal.any([lease.lost, lease.timeUp]),
  });
}

const maxTokens = 8192;

function describeTool({ name, description, parameters }: Tool) {
  const { $schema: _, ...schema } = z.toJSONSchema(parameters, { io: 'input' });
  return { type: 'function', function: { name, description, parameters: schema } };
}

const Refusal = z.object({ error: z.object({ message: z.string(), code: z.string().nullish() }) });

async function readFailure(response: Response): Promise<CallFailure> {
  const { data } = Refusal.safeParse(await response.json().catch(() => null));
  const wait = Number(response.headers.get('retry-after') ?? Number.NaN);
  return {
    code: response.headers.get('x-khq-error-code') ?? data?.error.code ?? `upstream_${response.status}`,
    message: data?.error.message ?? `The call was answered with ${response.status}.`,
    // What the request itself is to blame for.
    isFinal: [400, 404, 413, 422].includes(response.status),
    retryAfterSeconds: Number.isFinite(wait) ? wait : null,
  };
}
