import { pause } from './pause.ts';

/**
 * Sends items in arrays, one array under way per lane: a lone item goes at once, those that arrive meanwhile go
 * together next. A lane whose rows are locked by its own call in flight so waits outside the database. With `lingerMs`
 * the lone item waits that long for company: for what nobody waits for.
 */
export function createLanes<Item, Answer>(
  run: (items: readonly Item[]) => Promise<readonly Answer[]>,
  options: LaneOptions = {},
): (lane: string, item: Item) => Promise<Answer> {
  const { maxItems = 64, lingerMs = 0, isItemsFault = () => false } = options;
  const lines = new Map<string, Waiting<Item, Answer>[]>();

  const send = async (batch: readonly Waiting<Item, Answer>[]): Promise<void> => {
    try {
      const answers = await run(batch.map(({ item }) => item));
      if (answers.length !== batch.length) throw new Error('The ledger answered another number of calls.');
      batch.forEach(({ resolve }, i) => resolve(pick(answers, i)));
    } catch (error) {
      if (batch.length === 1 || !isItemsFault(error)) {
        for (const { reject } of batch) reject(error);
        return;
      }
      // One item's fault undid them all: each for itself, so that only the guilty one fails.
      for (const one of batch) await send([one]);
    }
  };
  const drain = async (lane: string, line: Waiting<Item, Answer>[]): Promise<void> => {
    while (line.length > 0) {
      if (lingerMs > 0 && line.length < maxItems) await pause(lingerMs);
      await send(line.splice(0, maxItems));
    }
    lines.delete(lane);
  };
  return (lane, item) =>
    new Promise((resolve, reject) => {
      const line = lines.get(lane);
      if (line !== undefined) {
        line.push({ item, resolve, reject });
        return;
      }
      const opened = [{ item, resolve, reject }];
      lines.set(lane, opened);
      void drain(lane, opened); // `send` turns every failure into its items' rejections
    });
}

export interface LaneOptions {
  readonly maxItems?: number;
  readonly lingerMs?: number;
  /** True for a failure that the items caused, not the connection. */
  readonly isItemsFault?: (error: unknown) => boolean;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** Guarantee: `i` is below the length, which the caller compared. */
function pick<Answer>(answers: readonly Answer[], i: number): Answer {
  return answers[i] as Answer;
}
