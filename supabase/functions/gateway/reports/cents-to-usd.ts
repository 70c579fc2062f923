/** Moves the point of a decimal by two places, so that nothing is rounded: `123.456` cents are `1.23456` dollars. */
export function centsToUsd(cents: string): string {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(cents) ?? [];
  const digits = whole.padStart(3, '0');
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}${fraction}`;
}
