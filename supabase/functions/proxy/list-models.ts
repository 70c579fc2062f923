import { identifyCaller } from '../_shared/identify-caller.ts';
import { AppError } from '../_shared/errors.ts';
import type { Arrival, Dialect } from './call.ts';
import { ownHeaders } from './client-headers.ts';
import type { Model } from './ledger.ts';
import type { Proxy } from './proxy.ts';
import { refusalOf } from './refusal-of.ts';

/** The models that this key may call on the dialect's endpoints, or the one that is asked for. No ledger row. */
export async function listModels(
  proxy: Proxy,
  request: Request,
  arrival: Arrival,
  modelId: string | null,
): Promise<Response> {
  const { keyId, keyHash } = identifyCaller(request.headers);
  const answer = await proxy.ledger.authenticate(keyId, keyHash).catch((cause: unknown) => {
    throw new AppError('ledger_unavailable', {}, { cause });
  });
  if (!answer.ok) throw refusalOf(proxy.config, answer);
  const { dialect } = arrival.route;
  // In OpenAI's dialect every model can be called.
  const models = answer.models.filter(({ provider }) => dialect === 'openai' || provider === 'anthropic');
  const headers: [string, string][] = [...ownHeaders(arrival), ['content-type', 'application/json']];
  return new Response(JSON.stringify(render(models, modelId, dialect)), { headers });
}

function render(models: readonly Model[], modelId: string | null, dialect: Dialect): unknown {
  if (modelId === null) return lists[dialect](models);
  const model = models.find(({ id, provider }) => id === modelId || `${provider}/${id}` === modelId);
  if (model === undefined) throw new AppError('model_not_found', { model: modelId });
  return entries[dialect](model);
}

const entries = {
  openai: ({ id, provider, created }: Model) => ({ id, object: 'model', created, owned_by: provider }),
  anthropic: ({ id, display_name, created }: Model) => ({
    type: 'model',
    id,
    display_name: display_name ?? id,
    created_at: new Date(created * 1000).toISOString(),
  }),
};

const lists = {
  openai: (models: readonly Model[]) => ({ object: 'list', data: models.map(entries.openai) }),
  anthropic: (models: readonly Model[]) => ({
    data: models.map(entries.anthropic),
    has_more: false,
    first_id: models.at(0)?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
  }),
};
