import { describeSeverity } from './alert-words.ts';
import classes from './alerts.module.css';

/** A dot and a word. */
export function Severity({ severity }: { severity: string }) {
  const { label, color } = describeSeverity(severity);
  return (
    <span className={classes.severity}>
      <span className={classes.dot} style={{ background: `var(--mantine-color-${color}-6)` }} aria-hidden />
      {label}
    </span>
  );
}
