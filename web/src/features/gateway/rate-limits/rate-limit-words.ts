import { scopeWords } from '../budgets/budget-words.ts';

export const rateScopes = ['organization', 'project', 'proxy_key', 'credential'] as const;
export type RateScope = (typeof rateScopes)[number];

/** What people add a limit to, and may take it from again; the others always have one. */
export const optionalScopes = ['project', 'proxy_key'] as const satisfies readonly RateScope[];
export type OptionalScope = (typeof optionalScopes)[number];

export const rateScopeWords: Readonly<Record<RateScope, string>> = {
  organization: scopeWords.organization,
  project: scopeWords.project,
  proxy_key: scopeWords.proxy_key,
  credential: 'Provider credential',
};

export const isRateScope = (text: string): text is RateScope => rateScopes.some((each) => each === text);
export const isOptionalScope = (text: unknown): text is OptionalScope =>
  optionalScopes.some((each) => each === text);
