import { findProvider } from '@pydantic/genai-prices';
import type { Job } from '../../_shared/create-app.ts';
import { connectAsService, type Db, unwrap } from '../../_shared/db.ts';
import { describeError, log } from '../../_shared/log.ts';
import type { GatewayEnv } from '../env.ts';
import { PriceList, toImport } from '../price-list.ts';

/** Our names of the providers, and theirs. */
const providerIds = { openai: 'openai', anthropic: 'anthropic', moonshot: 'moonshotai' } as const;

/**
 * Imports models and prices from PRICES_URL, or from the copy inside the npm package when none is set, or it could never
 * be used yet. Adds rows for what is new or changed; running it twice adds nothing.
 */
export function refreshPrices(env: GatewayEnv): Job {
  return async () => {
    const db = connectAsService(env);
    const { PRICES_URL: url } = env;
    const fetched = url === undefined ? null : await fetchPriceList(url);
    const hasFailed = url !== undefined && fetched === null;
    if (hasFailed && (await wasRead(db, url)))
      return { models: 0, pricesAdded: 0, rejected: 0, usedFallback: 0, failed: 1 };
    const { models, prices, rejected } = toImport(fetched ?? bundledPriceList(), providerIds);
    const [counts] = unwrap(
      await db.rpc('import_model_prices', {
        models,
        prices,
        source: fetched === null ? 'npm:@pydantic/genai-prices' : (url ?? ''),
      }),
    );
    for (const reason of rejected) {
      log({ level: 'warn', service: 'gateway', action: 'refresh-prices', metadata: { rejected: reason } });
    }
    return {
      models: counts?.models_imported ?? 0,
      pricesAdded: counts?.prices_added ?? 0,
      rejected: rejected.length,
      usedFallback: hasFailed ? 1 : 0,
      failed: hasFailed ? 1 : 0,
    };
  };
}

/** Whether prices hold that came from this address: the package's, which are older, must not take their place. */
async function wasRead(db: Db, url: string): Promise<boolean> {
  return unwrap(await db.from('model_prices').select('id').eq('source', url).limit(1)).length > 0;
}

function bundledPriceList(): PriceList {
  return PriceList.parse(Object.values(providerIds).map((providerId) => findProvider({ providerId })));
}

async function fetchPriceList(url: string): Promise<PriceList | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
    if (!response.ok) throw new Error(`answered ${response.status}`);
    return PriceList.parse(await response.json());
  } catch (error) {
    log({
      level: 'warn',
      service: 'gateway',
      action: 'refresh-prices',
      metadata: { error: describeError(error) },
    });
    return null;
  }
}
