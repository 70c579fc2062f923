/** Why a task does not go on now, in words for people. Final: trying again by itself is no use. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly code: string;
  readonly isFinal: boolean;
  readonly retryAfterSeconds: number | null;

  constructor(
    code: string,
    message: string,
    options: { readonly isFinal: boolean; readonly retryAfterSeconds?: number | null },
  ) {
    super(message);
    this.code = code;
    this.isFinal = options.isFinal;
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
  }
}
