import type { Caller } from './caller.ts';
import { readJournal, readUpstreamUrl } from './upstream-client.ts';

/** The JSON body of the last request that the stand-in got with the caller's provider key. */
export async function receivedBody({ upstreamKey }: Pick<Caller, 'upstreamKey'>): Promise<unknown> {
  const request = (await readJournal(readUpstreamUrl(), upstreamKey)).at(-1);
  return JSON.parse(Buffer.from(request?.body ?? '', 'base64').toString());
}
