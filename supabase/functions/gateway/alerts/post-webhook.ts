import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isLoopbackAddress, isPublicAddress } from './is-public-address.ts';
import { hostnameOf, postPinned } from './post-pinned.ts';

/** Why a webhook cannot be told something, in words for its admins. Final: trying again would change nothing. */
export class WebhookFailure extends Error {
  override readonly name = 'WebhookFailure';
  readonly isFinal: boolean;

  constructor(message: string, { isFinal = false, cause }: { isFinal?: boolean; cause?: unknown } = {}) {
    super(message, { cause });
    this.isFinal = isFinal;
  }
}

export interface WebhookPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface WebhookRules {
  /** For development and tests: plain http to this machine itself, and nothing else. */
  readonly mayReachLoopback: boolean;
}

/** POSTs to an address that a tenant chose. Throws WebhookFailure unless it answers 2xx within ten seconds. */
export async function postWebhook(post: WebhookPost, rules: WebhookRules): Promise<void> {
  const { url, address } = await findWebhookAddress(post.url, rules);
  const { headers, body } = post;
  const status = await postPinned({ url, address, headers, body, timeoutMs }).catch((cause: unknown) => {
    throw new WebhookFailure(explain(cause), { cause });
  });
  if (status >= 300 && status < 400)
    throw new WebhookFailure(`It answered ${status}, a redirect, which is not followed.`);
  if (status < 200 || status > 299) throw new WebhookFailure(`It answered ${status}.`);
}

const timeoutMs = 10_000;

/**
 * The address to connect to: https only, and every address that the name has must be public, so that no answer of a
 * name server leads inside. Throws WebhookFailure.
 */
export async function findWebhookAddress(
  text: string,
  { mayReachLoopback }: WebhookRules,
): Promise<{ url: URL; address: string }> {
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    throw new WebhookFailure('An address with a user name or password is not used.', { isFinal: true });
  const addresses = await resolve(hostnameOf(url));
  const isLocal = mayReachLoopback && addresses.every(isLoopbackAddress);
  if (url.protocol !== 'https:' && !isLocal)
    throw new WebhookFailure('Only addresses that begin with https:// are used.', { isFinal: true });
  if (!isLocal && !addresses.every(isPublicAddress))
    throw new WebhookFailure('This address does not lead to the public internet.', { isFinal: true });
  // Not every host that runs functions has IPv6.
  const address = addresses.find((each) => isIP(each) === 4) ?? addresses[0];
  if (address === undefined) throw new WebhookFailure('Its name has no address.');
  return { url, address };
}

async function resolve(hostname: string): Promise<string[]> {
  if (isIP(hostname) !== 0) return [hostname];
  const found = await lookup(hostname, { all: true }).catch((cause: unknown) => {
    throw new WebhookFailure('Its name could not be resolved.', { cause });
  });
  return found.map(({ address }) => address);
}

function explain(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : '';
  if (message === 'timeout') return 'It did not answer within ten seconds.';
  if (/cert|self.signed|issuer/i.test(message)) return 'Its certificate could not be verified.';
  if (message === 'closed' || message === 'no status line') return 'It did not answer in HTTP.';
  return 'It could not be reached.';
}
