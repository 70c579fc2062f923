/** $12.40, $0.0031: as many decimals as the first two significant ones, at least two. For words, never for sums. */
export function formatDollars(amount: number): string {
  const size = Math.abs(amount);
  const decimals = size === 0 || size >= 0.1 ? 2 : Math.min(10, 1 - Math.floor(Math.log10(size)));
  return `$${amount.toFixed(decimals)}`;
}
