export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly service: string;
  readonly action: string;
  readonly requestId?: string | null;
  readonly userId?: string | null;
  readonly organizationId?: string | null;
  readonly durationMs?: number;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** One JSON line on stdout. Callers pass facts only: no secrets, no bodies. */
export function log(line: LogLine): void {
  console.log(
    JSON.stringify({
      timestamp: new Date().toISOString(),
      level: line.level,
      service: line.service,
      requestId: line.requestId ?? null,
      userId: line.userId ?? null,
      organizationId: line.organizationId ?? null,
      action: line.action,
      durationMs: line.durationMs ?? null,
      metadata: line.metadata ?? {},
    }),
  );
}

/** An error's words for the log: message and cause, never its stack or a query's parameters. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : ` (${describeError(error.cause)})`;
  return `${error.name}: ${error.message}${cause}`;
}
