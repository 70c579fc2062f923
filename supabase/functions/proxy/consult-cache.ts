import { describeError, log } from '../_shared/log.ts';
import type { Bytes } from './call.ts';
import type { CapturedBody } from './capture-bodies.ts';
import { type DigestCall, digestCall } from './digest-call.ts';
import { isSearching } from './may-repeat.ts';
import type { OpenCall } from './open-calls.ts';
import type { Proxy } from './proxy.ts';
import type { ReadCall } from './read-call.ts';
import { openAnswer } from './seal-answer.ts';
import { within } from './within.ts';

/** What a call that asks for the response cache is about to leave in it. */
export interface CacheEntry {
  readonly seconds: number;
  /** The call asks for that itself, not its key. */
  readonly isOwnWish: boolean;
  readonly digest: DigestCall;
  /** As its client gets it. */
  readonly answer: CapturedBody;
  contentType: string;
}

/** An answer of before, as it was. */
export interface FoundAnswer {
  readonly contentType: string;
  readonly bytes: Bytes;
  /** What the call cost whose answer it is; null where that had no price. */
  readonly costUsd: string | null;
}

/**
 * The answer that is remembered for an admitted call, where its key or the call itself asks for that. Null else, at no
 * cost. A cache that does not answer is none.
 */
export async function consultCache(
  proxy: Proxy,
  open: OpenCall,
  read: ReadCall,
  bytes: Bytes,
  incoming: Headers,
): Promise<FoundAnswer | null> {
  const { admitted, call, target } = open;
  const seconds = call.cacheSeconds ?? admitted.cache_seconds ?? 0;
  if (seconds === 0) return null;
  const isCacheable = call.mayRepeat && !isSearching(target.model);
  open.cacheMark = isCacheable ? 'miss' : 'bypass';
  if (!isCacheable) return null;
  try {
    const digest = await digestCall(bytes, read, incoming, admitted.project_id);
    const answer = { chunks: [], size: 0 };
    open.cacheEntry = { seconds, isOwnWish: call.cacheSeconds !== null, digest, answer, contentType: '' };
    const wished = await digest(target);
    const wish = { project_id: admitted.project_id, digest: wished.digest, max_age_seconds: seconds };
    const found = await within(proxy.ledger.findAnswer(admitted.organization_id, wish), maxWaitMs);
    if (found === null) return null;
    const { content_type: contentType, cost_usd: costUsd, body } = found;
    return { contentType, costUsd, bytes: await openAnswer(wished, body) };
  } catch (error) {
    const metadata = { error: describeError(error) };
    log({ level: 'warn', service: 'proxy', action: 'find_answer', requestId: call.id, metadata });
    return null;
  }
}

const maxWaitMs = 2_000;
