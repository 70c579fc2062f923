import type { z } from 'zod';

/** Parses the environment once, at start. Throws one error that names every variable that is missing or wrong. */
export function readEnv<Schema extends z.ZodType>(
  schema: Schema,
  source: Readonly<Record<string, string>> = Deno.env.toObject(),
): z.infer<Schema> {
  // `KEY=` in an env file means that it is not set.
  const present = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0] ?? 'environment');
    return name in present ? `  ${name}: ${issue.message}` : `  ${name}: not set`;
  });
  throw new Error(`The environment is incomplete:\n${[...new Set(problems)].join('\n')}`);
}
