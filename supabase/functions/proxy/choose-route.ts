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
export function targetOf({ provider: name, model }: Candidate, route: Route): Target {
  const provider = all.find((one) => one.name === name);
  if (provider === undefined || !serves(provider, route)) {
    throw new AppError('wrong_endpoint', { model, endpoint: endpointOf(name) });
  }
  return { provider, model };
}

export function endpointOf(provider: unknown): string {
  return provider === 'anthropic' ? '/v1/messages' : '/v1/chat/completions';
}

const all: readonly Provider[] = [openai, anthropic, moonshot];

function serves(provider: Provider, { dialect }: Route): boolean {
  return provider.dialect === dialect;
}
