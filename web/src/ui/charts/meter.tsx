import classes from './meter.module.css';

type MeterProps = {
  label: string;
  /** What it says, for screen readers. */
  text: string;
  /** Parts of its length; what is beyond the end is not drawn. */
  solid: number;
  hatched?: number;
  /** Both together: 1 is full. */
  taken: number;
};

/** A bar that fills, and changes its color when little or nothing is left. */
export function Meter({ label, text, solid, hatched = 0, taken }: MeterProps) {
  const drawn = Math.min(solid, 1);
  return (
    <div
      className={classes.track}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(Math.min(taken, 1) * 100)}
      aria-valuetext={text}
      data-level={levelOf(taken)}
    >
      <span className={classes.solid} style={{ width: `${drawn * 100}%` }} />
      <span className={classes.hatched} style={{ width: `${Math.min(hatched, 1 - drawn) * 100}%` }} />
    </div>
  );
}

/** The color speaks only when there is something to say. */
export function levelOf(taken: number): 'calm' | 'near' | 'full' {
  if (taken >= 1) return 'full';
  return taken >= 0.8 ? 'near' : 'calm';
}
