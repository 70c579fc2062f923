import { notifications } from '@mantine/notifications';
import type { RefusedRecord } from '@contracts/whiteboard.ts';

const reasons = new Map([
  ['plan_limit_exceeded', 'Images, videos, bookmarks and embeds are not part of this plan.'],
  [
    'record_too_large',
    'A single thing on a board has 256 KB at most. Draw it in several strokes, or make it smaller.',
  ],
  ['board_full', 'The board holds 20,000 things, and that is full. Delete some, or begin another board.'],
  ['too_much_at_once', 'It was more than can be changed at once. Change less of the board at a time.'],
  ['board_locked', 'An admin has locked the board: only admins change it.'],
]);

/** Says what was taken back from the board, and why. The rest of what was done stays. */
export function explainRefused(refused: readonly RefusedRecord[]): void {
  for (const [code, these] of Map.groupBy(refused, (each) => each.code)) {
    notifications.show({
      title: these.length === 1 ? 'One thing was not saved' : `${these.length} things were not saved`,
      message: reasons.get(code) ?? 'It was not something that a board can hold.',
      color: 'orange',
      withBorder: true,
      autoClose: 10_000,
    });
  }
}
