import { Text } from '@mantine/core';
import { formatPercent } from '@/lib/numbers.ts';
import type { Turn } from './turns-of.ts';

/** `First`, and how many of the calls where equals share them; a dash for what is not asked. */
export function CredentialTurn({ turn }: { turn: Turn | undefined }) {
  if (!turn) {
    return (
      <Text span inherit c="dimmed" aria-label="Not asked">
        –
      </Text>
    );
  }
  const { rank, share } = turn;
  return (
    <>
      {['First', 'Second', 'Third'][rank - 1] ?? `${rank}th`}
      {share < 1 && (
        <Text span inherit c="dimmed">
          {`, ${formatPercent(share)} of ${rank === 1 ? 'calls' : 'those'}`}
        </Text>
      )}
    </>
  );
}
