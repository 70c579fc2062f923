import { AppError } from '../_shared/errors.ts';
import type { Call, ProviderName, Route } from './call.ts';
import type { Candidate } from './ledger.ts';
import { anthropic } from './providers/anthropic.ts';
import { moonshot } from './providers/moonshot.ts';
import { openai } from './providers/openai.ts';
import type { Provider } from './providers/provider.ts';

/** What a model's name says by itself; an alias of the organization may say otherwise. */
export interface Wish {
  /** Null for a name that no provider is known by. */
  readonly provider: ProviderName | null;
  /** Without a prefix. */
  readonly model: string;
  /** Who serves this endpoint at all. */
  readonly providers: readonly ProviderName[];
}

/** Who serves a call. `model` is the name that the provider knows, without a prefix. */
export interface Target {
  readonly provider: Provider;
  readonly model: string;
  /** The call is not in the provider's own dialect: it is written anew, and so is the answer. */
  readonly isTranslated: boolean;
}

/** Reads the model's name; whether there is such a model, and who is asked, the ledger decides. */
export function chooseRoute({ model: name, route }: Pick<Call, 'model' | 'route'>): Wish {
  const providers = all.filter((provider) => serves(provider, route)).map((provider) => provider.name);
  for (const provider of all) {
    const prefix = `${provider.name}/`;
    if (name.startsWith(prefix) && name.length > prefix.length)
      return { provider: provider.name, model: name.slice(prefix.length), providers };
    if (provider.models.test(name)) return { provider: provider.name, model: name, providers };
  }
  return { provider: null, model: name, providers };
}

/** The candidate that the ledger named. Throws `wrong_endpoint` where it does not serve the call's. */
export function targetOf(
  { provider: name, model }: Pick<Candidate, 'provider' | 'model'>,
  route: Route,
): Target {
  const provider = all.find((one) => one.name === name);
  if (provider === undefined || !serves(provider, route)) {
    throw new AppError('wrong_endpoint', { model, endpoint: usualEndpoint });
  }
  return { provider, model, isTranslated: !provider.serves.includes(route.operation) };
}

/** Where any model is served. */
export const usualEndpoint = '/v1/chat/completions';

const all: readonly Provider[] = [openai, anthropic, moonshot];

/** As it is, or by translation: any model can be chatted with in OpenAI's dialect. */
function serves(provider: Provider, { operation }: Route): boolean {
  return provider.serves.includes(operation) || operation === 'chat.completions';
}
