import { RotateCredential } from '@contracts/gateway.ts';

/** What is wrong with a provider key that was typed, by the rules that the server has too. */
export function explainApiKey(apiKey: string): string | null {
  const { error } = RotateCredential.safeParse({ apiKey });
  return error?.issues[0]?.message ?? null;
}
