import { AppError } from '../_shared/errors.ts';
import type { Call } from './call.ts';
import { anthropic } from './providers/anthropic.ts';
import { moonshot } from './providers/moonshot.ts';
import { openai } from './providers/openai.ts';
import type { Provider } from './providers/provider.ts';

/** Who serves a call. `model` is the name that the provider knows, without a prefix. */
export interface Target {
  readonly provider: Provider;
  readonly model: string;
}

/** The model's name chooses the provider. Throws `model_not_found`, or `wrong_endpoint` for the other dialect's. */
export function chooseRoute(call: Pick<Call, 'model' | 'route'>): Target {
  const target = findTarget(call.model);
  if (target === null) throw new AppError('model_not_found', { model: call.model });
  if (target.provider.dialect !== call.route.dialect) {
    throw new AppError('wrong_endpoint', {
      model: call.model,
      endpoint: target.provider.dialect === 'anthropic' ? '/v1/messages' : '/v1/chat/completions',
    });
  }
  return target;
}

const providers: readonly Provider[] = [openai, anthropic, moonshot];

function findTarget(name: string): Target | null {
  for (const provider of providers) {
    const prefix = `${provider.name}/`;
    if (name.startsWith(prefix) && name.length > prefix.length) {
      return { provider, model: name.slice(prefix.length) };
    }
    if (provider.models.test(name)) return { provider, model: name };
  }
  return null;
}
