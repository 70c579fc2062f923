import { z } from 'zod';

/** What the Data API answered instead of data: its status, our code, and what the code knows. */
export type Refusal = { status: number; code: string; details: unknown };

/** null where nothing was refused. */
export function refusalOf(answer: {
  status: number;
  error: { message: string; details: string | null } | null;
}): Refusal | null {
  if (answer.error === null) return null;
  const { message, details } = answer.error;
  return { status: answer.status, code: message, details: parseDetails(details) };
}

const Details = z.preprocess((text) => JSON.parse(String(text)), z.record(z.string(), z.unknown()));

function parseDetails(text: string | null): unknown {
  const parsed = Details.safeParse(text);
  return parsed.success ? parsed.data : text;
}
