import { isIPv4, isIPv6 } from 'node:net';

/**
 * Whether an IP address is somebody's on the public internet: nothing private, local, shared, reserved, or that leads
 * there through a translation. By the special-purpose registries of IANA (RFC 6890).
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return isPublicIpv4(toNumber(address));
  if (!isIPv6(address)) return false;
  const groups = expandIpv6(address);
  if (groups === null) return false;
  const [first = 0, second = 0] = groups;
  const isGlobalUnicast = first >= 0x2000 && first <= 0x3fff;
  const isSpecial =
    // Protocol assignments (Teredo among them), documentation, and 6to4, which leads to any IPv4 address.
    (first === 0x2001 && second < 0x0200) ||
    (first === 0x2001 && second === 0x0db8) ||
    first === 0x2002 ||
    (first === 0x3fff && second < 0x1000);
  return isGlobalUnicast && !isSpecial;
}

/** Whether it is this machine itself, in either spelling. */
export function isLoopbackAddress(address: string): boolean {
  if (isIPv4(address)) return toNumber(address) >>> 24 === 127;
  const groups = isIPv6(address) ? expandIpv6(address) : null;
  return groups !== null && groups.slice(0, 7).every((group) => group === 0) && groups[7] === 1;
}

const closedIpv4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // A cloud's metadata answers here, and at the single address below.
  ['169.254.0.0', 16],
  ['168.63.129.16', 32],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

function isPublicIpv4(address: number): boolean {
  return !closedIpv4.some(([network, bits]) => {
    const shift = 32 - bits;
    return address >>> shift === toNumber(network) >>> shift;
  });
}

function toNumber(ipv4: string): number {
  return ipv4.split('.').reduce((value, part) => ((value << 8) | Number(part)) >>> 0, 0);
}

/** Its eight groups; null for what has a zone or is not written as it should be. */
function expandIpv6(address: string): number[] | null {
  if (address.includes('%')) return null;
  const [head = '', tail] = address.split('::');
  const before = toGroups(head);
  const after = tail === undefined ? [] : toGroups(tail);
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 0) return null;
  return [...before, ...Array.from({ length: missing }, () => 0), ...after];
}

/** The last group may be an IPv4 address, which takes the place of two. */
function toGroups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const value = toNumber(group);
    return [value >>> 16, value & 0xffff];
  });
}
