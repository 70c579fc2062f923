import { z } from 'zod';

/** As many rows as one run answers, and as many seconds as it may take. */
export const reportLimits = { rows: 10_000, seconds: 30, queryLength: 20_000 } as const;

export const RunReport = z.object({
  organizationId: z.uuid(),
  /** Chosen by whoever asks, to cancel it by. */
  runId: z.uuid(),
  query: z
    .string()
    .regex(/\S/, 'Write a query first.')
    .max(reportLimits.queryLength, `A query has at most ${reportLimits.queryLength} characters.`),
});
export type RunReport = z.infer<typeof RunReport>;

/** What a column holds, as far as showing it goes. */
export const ColumnKind = z.enum(['number', 'time', 'text']);
export type ColumnKind = z.infer<typeof ColumnKind>;

export const ReportResult = z.object({
  columns: z.array(z.object({ name: z.string(), kind: ColumnKind })),
  /** Values as Postgres writes them: numbers keep every digit. */
  rows: z.array(z.array(z.string().nullable())),
  /** Whether there were more rows than one run answers. */
  isTruncated: z.boolean(),
  durationMs: z.number(),
});
export type ReportResult = z.infer<typeof ReportResult>;

/** What stands beside `query_failed`: where Postgres found fault, counted in characters from 1. */
export const QueryFault = z.object({
  reason: z.string(),
  sqlstate: z.string(),
  hint: z.string().optional(),
  position: z.number().optional(),
});
export type QueryFault = z.infer<typeof QueryFault>;
