/** Every zone that the browser knows, UTC, and the one in use, whoever set it. */
export function timeZones(current: string): string[] {
  return [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone'), current])].toSorted();
}
