/** The facts that the steps of the hot path hand on. Each step makes a new one; none is changed afterwards. */

export type Dialect = 'openai' | 'anthropic';
export type ProviderName = 'openai' | 'anthropic' | 'moonshot';
export type Operation =
  | 'chat.completions'
  | 'responses'
  | 'embeddings'
  | 'images.generations'
  | 'images.edits'
  | 'audio.transcriptions'
  | 'models'
  | 'messages'
  | 'count_tokens';

/** The buffer-backed byte array, spelled so that the compilers of Deno 2.1 and of today agree on it. */
export type Bytes = ReturnType<typeof Uint8Array.of>;

export interface Route {
  readonly dialect: Dialect;
  readonly operation: Operation;
}

/** What a request is before anything of it was read. `startedAt` is `performance.now()`. */
export interface Arrival {
  readonly id: string;
  readonly startedAt: number;
  readonly route: Route;
  readonly query: string;
  /** Made by the product itself, under an id that it chose; the answer is kept for it. */
  readonly isInternal?: boolean;
}

export interface Attribution {
  readonly userId: string | null;
  readonly agentId: string | null;
  readonly taskId: string | null;
  readonly tags: readonly string[];
}

export interface Call extends Arrival {
  /** As the client wrote it, with or without a `provider/` prefix. */
  readonly model: string;
  readonly stream: boolean;
  /** The client's own stream options settle whether usage is streamed; else we ask, and keep the answer to us. */
  readonly decidesUsage: boolean;
  readonly inputTokens: number;
  readonly maxOutputTokens: number | null;
  readonly attribution: Attribution;
  /** How old an answer it accepts in place of its own; 0: none. Null where it leaves that to its key. */
  readonly cacheSeconds: number | null;
  /** Its answer may be given again to the same call. */
  readonly mayRepeat: boolean;
}

/** Replace the bytes from `start` to `end` of the client's body by `text`. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}
