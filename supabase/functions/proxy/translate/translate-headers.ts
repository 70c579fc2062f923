/** The headers of a call in OpenAI's dialect for Anthropic, which wants to know the version of its own. */
export function translateHeaders(headers: readonly [string, string][]): [string, string][] {
  const own = headers.filter(([name]) => !name.startsWith('openai-'));
  return own.some(([name]) => name === 'anthropic-version')
    ? own
    : [...own, ['anthropic-version', '2023-06-01']];
}
