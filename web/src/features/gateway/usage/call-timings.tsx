import { formatLatency } from '@/lib/numbers.ts';
import classes from './call-drawer.module.css';
import type { CallDetail } from './call-queries.ts';
import { Fact, FactList, Facts } from './facts.tsx';
import { readAttempts } from './read-attempts.ts';

/** Where the time went: the proxy itself, waiting for the first byte, and the rest of the answer. */
export function CallTimings({ call }: { call: CallDetail }) {
  const { latency_ms: total, first_byte_ms: firstByte, overhead_ms: overhead } = call;
  if (total === null) return null;
  const earlierMs = readAttempts(call).reduce((sum, { latency_ms }) => sum + latency_ms, 0);
  const answering = firstByte === null ? null : Math.max(total - firstByte, 0);
  const speed = call.is_stream && answering ? (call.output_tokens / answering) * 1_000 : null;
  return (
    <Facts title="Time">
      {firstByte !== null && total > 0 && (
        <div className={classes.timeline} aria-hidden>
          <span
            className={classes.waiting}
            style={{ width: `${Math.min((firstByte / total) * 100, 100)}%` }}
          />
          <span className={classes.answering} />
        </div>
      )}
      <FactList>
        <Fact label="Until the first byte">
          {firstByte === null ? 'Not measured' : formatLatency(firstByte)}
        </Fact>
        {earlierMs > 0 && <Fact label="Earlier attempts, part of that">{formatLatency(earlierMs)}</Fact>}
        {answering !== null && <Fact label="Rest of the answer">{formatLatency(answering)}</Fact>}
        <Fact label="In all">{formatLatency(total)}</Fact>
        {overhead !== null && <Fact label="Added by the proxy">{formatLatency(overhead)}</Fact>}
        {speed !== null && speed > 0 && (
          <Fact label="Speed">{`${speed < 10 ? speed.toFixed(1) : Math.round(speed)} tokens a second`}</Fact>
        )}
      </FactList>
    </Facts>
  );
}
