import { doneEvent, encodeEvents, openaiChunks, openaiUsageChunk } from './provider-answers.ts';
import { bytesStep } from './upstream-client.ts';
import type { Script } from './upstream.ts';

export const taskModel = 'gpt-4o-mini';

/** An agent's model that says this, piece by piece. */
export function sayScript(pieces: readonly string[], waitMs = 1): Script {
  return script(
    pieces.map((content) => ({ content })),
    waitMs,
  );
}

/** An agent's model that asks for a tool. */
export function toolScript(name: string, given: object, outputTokens = 20): Script {
  const call = {
    index: 0,
    id: `call_${name}`,
    type: 'function',
    function: { name, arguments: JSON.stringify(given) },
  };
  return script([{ tool_calls: [call] }], 1, outputTokens);
}

function script(deltas: readonly object[], waitMs: number, outputTokens = 20): Script {
  const usage = { prompt_tokens: 100, completion_tokens: outputTokens, total_tokens: 100 + outputTokens };
  const events = [...openaiChunks(taskModel, deltas), openaiUsageChunk(taskModel, usage), doneEvent];
  return {
    headers: { 'content-type': 'text/event-stream' },
    steps: events.flatMap((event) => [bytesStep(encodeEvents([event])), { waitMs }]),
  };
}
