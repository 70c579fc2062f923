import { randomUUID } from 'node:crypto';
import { isObject } from './decode-frame.ts';

/** What a client asks for when it joins. */
export type JoinConfig = {
  isPrivate: boolean;
  ack: boolean;
  self: boolean;
  presenceKey: string;
  isPresenceEnabled: boolean;
  replay: unknown;
  wantsReplicationReady: boolean;
  wantsChanges: boolean;
  /** undefined: the one that the socket was opened with */
  token: string | undefined;
};

/** As lenient as hosted Realtime: what is no valid part counts as not given. */
export function readJoinConfig(payload: unknown): JoinConfig {
  const given = isObject(payload) ? payload : {};
  const config = partOf(given, 'config');
  const broadcast = partOf(config, 'broadcast');
  const presence = partOf(config, 'presence');
  const { key } = presence;
  return {
    isPrivate: isTrue(config['private']),
    ack: isTrue(broadcast['ack']),
    self: isTrue(broadcast['self']),
    presenceKey: typeof key === 'string' && key !== '' ? key : randomUUID(),
    isPresenceEnabled: isTrue(presence['enabled']),
    replay: broadcast['replay'],
    wantsReplicationReady: isTrue(broadcast['replication_ready']),
    wantsChanges: Array.isArray(config['postgres_changes']) && config['postgres_changes'].length > 0,
    token: tokenOf(given['user_token']) ?? tokenOf(given['access_token']),
  };
}

/** Opaque keys are no tokens: they stand for the one that the socket was opened with. */
export function tokenOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && !value.startsWith('sb_') ? value : undefined;
}

function partOf(value: Record<string, unknown>, name: string): Record<string, unknown> {
  const part = value[name];
  return isObject(part) ? part : {};
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
