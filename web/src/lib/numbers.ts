const grouped = new Intl.NumberFormat('en-US');

/** 12,345 */
export const formatCount = (count: number): string => grouped.format(count);

const steps = [
  { size: 1_000_000_000, unit: 'B' },
  { size: 1_000_000, unit: 'M' },
  { size: 1_000, unit: 'k' },
] as const;

/** 940, 12.3 k, 1.2 M, with a space that does not break. */
export function formatCompact(count: number): string {
  // What would be printed as 1000.0 belongs to the next unit.
  const step = steps.find(({ size }) => Math.abs(count) >= size * 0.99995);
  if (!step) return grouped.format(count);
  const scaled = count / step.size;
  return `${scaled >= 100 ? Math.round(scaled) : trimZero(scaled.toFixed(1))}\u00a0${step.unit}`;
}

/** 840 ms, 1.84 s, 2 min 05 s */
export function formatLatency(ms: number): string {
  if (ms < 10) return `${trimZero(ms.toFixed(1))}\u00a0ms`;
  if (ms < 999.5) return `${Math.round(ms)}\u00a0ms`;
  if (ms < 59_995) return `${(ms / 1000).toFixed(ms < 9_995 ? 2 : 1)}\u00a0s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}\u00a0min ${String(seconds % 60).padStart(2, '0')}\u00a0s`;
}

/** 24 s, 2 min 05 s: what is counted up or down by the second. */
export function formatDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return seconds < 60 ? `${seconds}\u00a0s` : formatLatency(seconds * 1000);
}

/** 0.123 is 12 %; below ten percent one decimal; what is not nothing is never shown as nothing. */
export function formatPercent(ratio: number): string {
  const percent = ratio * 100;
  if (percent > 0 && percent < 0.1) return '<0.1%';
  return `${percent < 9.95 ? trimZero(percent.toFixed(1)) : Math.round(percent)}%`;
}

/** `1 call`, `2 calls`, `1,000 calls`. */
export function formatPlural(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

const trimZero = (text: string): string => text.replace(/\.0$/, '');
