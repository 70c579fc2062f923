const steps = [1, 2, 2.5, 5, 10] as const;
const mostIntervals = 4;

/** Round numbers from zero to at least the greatest value, in at most four steps. */
export function niceTicks(greatest: number): number[] {
  if (!(greatest > 0)) return [0, 1];
  const rough = greatest / mostIntervals;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = (steps.find((each) => each * magnitude >= rough * (1 - 1e-9)) ?? 10) * magnitude;
  const intervals = Math.max(Math.ceil(greatest / step - 1e-9), 1);
  // Twelve digits: multiples of 0.1 are not what they seem.
  return Array.from({ length: intervals + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}
