/** Why Claude stopped, in OpenAI's words. */
export function finishReason(stopReason: unknown): string {
  return reasons.get(stopReason) ?? 'stop';
}

const reasons: ReadonlyMap<unknown, string> = new Map([
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool_calls'],
  ['refusal', 'content_filter'],
]);
