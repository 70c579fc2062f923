import { Text, Tooltip } from '@mantine/core';
import { formatMomentExact } from '@/lib/dates.ts';
import { formatDuration, formatPlural } from '@/lib/numbers.ts';
import { useSecond } from '@/lib/use-now.ts';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { explainErrorCode } from '../usage/call-words.ts';
import type { Credential, CredentialHealth } from './credential-queries.ts';
import classes from './credentials.module.css';

type CredentialStateProps = { credential: Credential; health: CredentialHealth | undefined };

/** What calls say of a credential comes before what its test said. */
export function CredentialState({ credential, health }: CredentialStateProps) {
  if (!credential.is_active) return <Labelled color="gray" label="Disabled" meaning="It is not used." />;
  if (health && health.failures_in_a_row > 0) return <Failing health={health} />;
  if (credential.tested_at === null) {
    return <Labelled color="gray" label="Not tested" meaning="The provider was not asked about it yet." />;
  }
  return credential.test_error === null ? (
    <Labelled
      color="teal"
      label="Working"
      meaning="No call failed with it since one succeeded, nor did its test."
    />
  ) : (
    <>
      <Labelled color="red" label="Test failed" meaning={credential.test_error} />
      <Text size="xs" c="dimmed" maw={320}>
        {credential.test_error}
      </Text>
    </>
  );
}

function Failing({ health }: { health: CredentialHealth }) {
  const { avoided_until, failures_in_a_row, last_error, last_failed_at } = health;
  const now = useSecond();
  const until = new Date(avoided_until ?? 0);
  const leftMs = until.getTime() - now.getTime();
  return (
    <>
      {leftMs > 0 ? (
        <Labelled
          color="orange"
          label={`Avoided for ${formatDuration(leftMs)}`}
          meaning={`Others come first until ${formatMomentExact(until)}. Where there is none, it is asked all the same.`}
        />
      ) : (
        <Labelled
          color="orange"
          label="Failing"
          meaning="It is asked in its turn. The next call that it serves makes it well again."
        />
      )}
      <Text size="xs" c="dimmed" maw={320}>
        {last_error !== null && `${explainErrorCode(last_error)} `}
        {formatPlural(failures_in_a_row, 'failure')} in a row
        {last_failed_at !== null && (
          <>
            , the last <RelativeTime at={last_failed_at} />
          </>
        )}
        .
      </Text>
    </>
  );
}

function Labelled({ color, label, meaning }: { color: string; label: string; meaning: string }) {
  return (
    <Tooltip label={meaning} multiline maw={320}>
      <span className={classes.state}>
        <span className={classes.dot} style={{ background: `var(--mantine-color-${color}-6)` }} aria-hidden />
        {label}
      </span>
    </Tooltip>
  );
}
