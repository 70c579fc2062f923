import { isCut } from './capture-bodies.ts';
import type { CacheEntry } from './consult-cache.ts';
import { after } from './deadlines.ts';
import type { Settled } from './ledger.ts';
import { isSearching } from './may-repeat.ts';
import type { OpenCall } from './open-calls.ts';
import type { Proxy } from './proxy.ts';
import { sealAnswer } from './seal-answer.ts';

/** Remembers the answer of a call that succeeded, once its client has it. What is too long, or fails, is not. */
export async function rememberAnswer(
  proxy: Proxy,
  open: OpenCall,
  { seconds, isOwnWish, digest, answer, contentType }: CacheEntry,
  { cost_usd }: Settled,
): Promise<void> {
  // Another attempt may have asked another model.
  if (answer.size === 0 || isCut(answer) || isSearching(open.target.model)) return;
  await new Promise<void>((resolve) => {
    after(0, resolve);
  });
  const asked = await digest(open.target);
  await proxy.ledger.rememberAnswer(open.admitted.organization_id, {
    call_id: open.call.id,
    project_id: open.admitted.project_id,
    key_id: open.reserved.key_id,
    is_own_wish: isOwnWish,
    digest: asked.digest,
    cost_usd,
    content_type: contentType,
    body: await sealAnswer(asked, answer.chunks),
    max_age_seconds: seconds,
  });
}
