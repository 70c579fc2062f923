import type { Call } from './call-queries.ts';
import { explainErrorCode, statusWords } from './call-words.ts';
import classes from './call-status.module.css';

/** A dot and a word; the reason on hover. */
export function CallStatus({ call }: { call: Pick<Call, 'status' | 'error_code'> }) {
  const { label, color, meaning } = statusWords[call.status];
  const reason = call.error_code === null ? meaning : explainErrorCode(call.error_code);
  return (
    <span className={classes.status} data-status={call.status} title={reason}>
      <span className={classes.dot} style={{ background: `var(--mantine-color-${color}-6)` }} aria-hidden />
      {label}
    </span>
  );
}
