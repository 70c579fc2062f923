import type { ReactNode } from 'react';
import { Text } from '@mantine/core';
import { formatUsd, formatUsdExact, type Usd } from '@/lib/money.ts';
import { formatDuration, formatLatency } from '@/lib/numbers.ts';
import { providerLabel } from '../credentials/provider-label.ts';
import { useCredentialName } from '../credentials/use-credential-name.ts';
import classes from './call-attempts.module.css';
import type { CallDetail } from './call-queries.ts';
import { explainErrorCode, statusWords } from './call-words.ts';
import { Fact, FactList, Facts } from './facts.tsx';
import { type Attempt, costOfLastAttempt, readAttempts } from './read-attempts.ts';

/** Who was asked one after the other, what came back, how long it took and what it cost; nothing for a single attempt. */
export function CallAttempts({ call }: { call: CallDetail }) {
  const credentialName = useCredentialName();
  const attempts = readAttempts(call);
  if (attempts.length === 0) return null;
  return (
    <Facts title="Attempts">
      <ol className={classes.attempts} aria-label="Attempts">
        {attempts.map((attempt, index) => (
          // An attempt has no id, and none ever comes before another that is there.
          <li key={index} className={classes.attempt}>
            <Line
              model={attempt.model}
              side={<Cost usd={attempt.cost_usd} isEstimated={attempt.usage_source === 'estimated'} />}
            />
            <Asked
              provider={attempt.provider}
              credential={credentialName(attempt.credential_id)}
              took={formatLatency(attempt.latency_ms)}
            />
            <Outcome color="red">{explainFailure(attempt)}</Outcome>
          </li>
        ))}
        <li className={classes.attempt}>
          <LastAttempt call={call} attempts={attempts} credential={credentialName(call.credential_id)} />
        </li>
      </ol>
      {call.status !== 'reserved' && (
        <FactList>
          <Fact label="Together">
            <Cost usd={call.cost_usd} isEstimated={call.usage_source === 'estimated'} isExact />
          </Fact>
        </FactList>
      )}
    </Facts>
  );
}

type LastAttemptProps = {
  call: CallDetail;
  attempts: readonly Attempt[];
  credential: string | undefined;
};

/** The row's own: it has what the others leave of the call's time and cost. */
function LastAttempt({ call, attempts, credential }: LastAttemptProps) {
  const { color, meaning } = statusWords[call.status];
  const isRunning = call.status === 'reserved';
  const earlierMs = attempts.reduce((sum, { latency_ms }) => sum + latency_ms, 0);
  const took = call.latency_ms === null ? undefined : Math.max(call.latency_ms - earlierMs, 0);
  // One estimated attempt makes the row so; an answer in full was counted by the provider.
  const isEstimated =
    call.usage_source === 'estimated' &&
    (call.status !== 'succeeded' || attempts.every(({ usage_source }) => usage_source !== 'estimated'));
  return (
    <>
      <Line
        model={call.model}
        side={
          isRunning ? null : (
            <Cost usd={costOfLastAttempt(call.cost_usd, attempts)} isEstimated={isEstimated} />
          )
        }
      />
      <Asked
        provider={call.provider}
        credential={credential}
        took={
          took === undefined
            ? undefined
            : `${formatLatency(took)}${isRepeated(call, attempts) ? ' with the pause before' : ''}`
        }
      />
      <Outcome color={color}>
        {isRunning || call.error_code === null ? meaning : explainErrorCode(call.error_code)}
      </Outcome>
    </>
  );
}

/** Whoever failed is given a moment before being asked again. */
function isRepeated({ credential_id, model }: CallDetail, attempts: readonly Attempt[]): boolean {
  const before = attempts.at(-1);
  return before?.credential_id === credential_id && before.model === model;
}

function explainFailure({ code, retry_after_seconds: seconds }: Attempt): string {
  const words = explainErrorCode(code);
  return seconds
    ? `${words} It asked to be left alone for ${formatDuration(Math.ceil(seconds) * 1000)}.`
    : words;
}

function Line({ model, side }: { model: string; side: ReactNode }) {
  return (
    <div className={classes.line}>
      <span className={classes.model}>{model}</span>
      {side}
    </div>
  );
}

type AskedProps = { provider: string; credential: string | undefined; took: string | undefined };

function Asked({ provider, credential, took }: AskedProps) {
  return (
    <Text size="sm" c="dimmed">
      {providerLabel(provider)}
      {credential === undefined ? '' : ` with ${credential}`}
      {took === undefined ? '' : `, ${took}`}
    </Text>
  );
}

function Outcome({ color, children }: { color: string; children: ReactNode }) {
  return (
    <div className={classes.outcome}>
      <span className={classes.dot} style={{ background: `var(--mantine-color-${color}-6)` }} aria-hidden />
      {children}
    </div>
  );
}

type CostProps = { usd: Usd | null; isEstimated: boolean; isExact?: boolean };

function Cost({ usd, isEstimated, isExact = false }: CostProps) {
  if (usd === null) return <span>No price</span>;
  return (
    <span className={classes.cost} title={formatUsdExact(usd)}>
      {isExact ? formatUsdExact(usd) : formatUsd(usd)}
      {isEstimated && ', estimated'}
    </span>
  );
}
