/** `openai/gpt-5-mini`: the provider ends at the first slash. */
export function readTarget(target: string): { provider: string; model: string } {
  const slash = target.indexOf('/');
  return { provider: target.slice(0, slash), model: target.slice(slash + 1) };
}

export const writeTarget = ({ provider, model }: { provider: string; model: string }): string =>
  `${provider}/${model}`;
