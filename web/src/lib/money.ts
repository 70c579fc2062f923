/**
 * Dollars as decimal strings, the way SQL writes `numeric`. Sums and products are exact: they are made of integers
 * that count 10^-16 dollars, fine enough for tokens times a rate per million.
 */
export type Usd = string;

const scale = 16;
const one = 10n ** BigInt(scale);
const perMillion = 1_000_000n;
const ledgerDecimals = 10;

export const zeroUsd: Usd = '0';

export function sumUsd(amounts: Iterable<Usd>): Usd {
  let units = 0n;
  for (const amount of amounts) units += toUnits(amount);
  return fromUnits(units);
}

export function subtractUsd(amount: Usd, subtracted: Usd): Usd {
  return fromUnits(toUnits(amount) - toUnits(subtracted));
}

/** By a number that is an estimate itself; to the ledger's ten decimals. */
export function multiplyUsd(amount: Usd, factor: number): Usd {
  const units = (toUnits(amount) * BigInt(Math.round(factor * 1e6))) / 1_000_000n;
  return fromUnits(roundUnits(units, ledgerDecimals));
}

/** Negative, zero or positive, for sorting. */
export function compareUsd(left: Usd, right: Usd): number {
  const difference = toUnits(left) - toUnits(right);
  return difference < 0n ? -1 : Number(difference > 0n);
}

export const isZeroUsd = (amount: Usd): boolean => toUnits(amount) === 0n;

/** What tokens cost at a rate in dollars per million tokens, unrounded. */
export function priceTokens(tokens: number, usdPerMtok: Usd): Usd {
  return fromUnits((BigInt(tokens) * toUnits(usdPerMtok)) / perMillion);
}

/** Half away from zero, like SQL's `round`; the ledger keeps ten decimals. */
export function roundUsd(amount: Usd, decimals = ledgerDecimals): Usd {
  return fromUnits(roundUnits(toUnits(amount), decimals));
}

/** Part of a whole as a number for bars and percentages; 0 when the whole is nothing. */
export function shareOf(part: Usd, whole: Usd): number {
  const wholeUnits = toUnits(whole);
  if (wholeUnits === 0n) return 0;
  return Number((toUnits(part) * one) / wholeUnits) / Number(one);
}

/** A float: for lengths on a screen, never for arithmetic. */
export const lengthOfUsd = (amount: Usd): number => Number(amount);

/** $12.40, $0.0031: two decimals, below ten cents as many as the first two significant ones. */
export function formatUsd(amount: Usd): string {
  const units = toUnits(amount);
  const rounded = roundUnits(units, decimalsFor(units));
  // 0.0996 becomes 0.10: rounding may take a decimal away.
  return print(rounded, decimalsFor(rounded));
}

/** Every decimal that is there, at least two. */
export const formatUsdExact = (amount: Usd): string => print(toUnits(amount));

/** For axes: $0.50, $40, $1.2k. */
export function formatUsdTick(amount: number): string {
  if (amount === 0) return '$0';
  if (amount >= 1_000) {
    return `$${new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 }).format(amount).toLowerCase()}`;
  }
  if (Number.isInteger(amount)) return `$${amount}`;
  return formatUsdExact(amount.toFixed(ledgerDecimals));
}

function decimalsFor(units: bigint): number {
  const size = units < 0n ? -units : units;
  if (size === 0n || size * 10n >= one) return 2;
  const leadingZeros = scale - size.toString().length;
  return leadingZeros + 2;
}

function roundUnits(units: bigint, decimals: number): bigint {
  if (decimals >= scale) return units;
  const step = 10n ** BigInt(scale - decimals);
  const half = units < 0n ? -step / 2n : step / 2n;
  return ((units + half) / step) * step;
}

function print(units: bigint, decimals = 2): string {
  const [whole = '0', fraction = ''] = fromUnits(units < 0n ? -units : units).split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return `${units < 0n ? '-' : ''}$${grouped}.${fraction.padEnd(Math.min(decimals, scale), '0')}`;
}

function toUnits(text: Usd): bigint {
  const match = /^(-?)(\d+)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text);
  if (!match) throw new RangeError(`Not a decimal: ${text}`);
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const shift = scale - fraction.length + Number(exponent);
  const digits = BigInt(whole + fraction);
  const units = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
  return sign === '-' ? -units : units;
}

function fromUnits(units: bigint): Usd {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const fraction = digits.slice(-scale).replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -scale)}${fraction ? `.${fraction}` : ''}`;
}
