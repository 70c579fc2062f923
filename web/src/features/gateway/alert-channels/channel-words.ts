import type { AlertChannelType } from '@contracts/alerts.ts';
import type { AlertChannel } from './alert-channel-queries.ts';

export const channelTypeWords: Readonly<Record<AlertChannelType, string>> = {
  mail: 'Mail',
  slack: 'Slack',
  webhook: 'Signed webhook',
};

export const isChannelType = (text: unknown): text is AlertChannelType =>
  text === 'mail' || text === 'slack' || text === 'webhook';

export const describeChannelType = (type: string): string =>
  isChannelType(type) ? channelTypeWords[type] : type;

/** Where it speaks to. */
export function describeTarget({ type, addresses, url_host: host }: AlertChannel): string {
  if (type !== 'mail') return host ?? '';
  return addresses.length === 0 ? 'All owners and admins' : addresses.join(', ');
}
