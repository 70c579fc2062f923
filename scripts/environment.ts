import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { z } from 'zod';

const Port = z.coerce.number().int().min(1).max(65_535);
const Url = z.url({ protocol: /^https?$/, error: 'is not an http(s) address' });

/** What `npm start` reads, from the environment or `.env`. Everything has a default: see `.env.example`. */
const StartEnvironment = z
  .object({
    STACK_PORT: Port.default(54321),
    STACK_DATA_DIR: z.string().default('.stack'),
    STACK_READY_FILE: z.string().optional(),
    STACK_PROXY_PROCESSES: z.coerce.number().int().min(1).max(32).default(1),
    HOLD_LEASE_SECONDS: z.coerce.number().positive().max(3600).default(60),
    STACK_AGENTS_PROCESSES: z.coerce.number().int().min(1).max(32).default(1),
    AGENTS_LEASE_SECONDS: z.string().optional(),
    AGENTS_FAIL_AT: z.string().optional(),
    PRICES_URL: Url.optional(),
    OPENAI_API_KEY: z.string().optional(),
    ANTHROPIC_API_KEY: z.string().optional(),
    MOONSHOT_API_KEY: z.string().optional(),
    OPENAI_BASE_URL: Url.optional(),
    ANTHROPIC_BASE_URL: Url.optional(),
    MOONSHOT_BASE_URL: Url.optional(),
    OPENAI_ADMIN_BASE_URL: Url.optional(),
    ANTHROPIC_ADMIN_BASE_URL: Url.optional(),
    MOONSHOT_ADMIN_BASE_URL: Url.optional(),
    SANDBOX_URL: Url.optional(),
    ENCRYPTION_KEYS: z.string().optional(),
    ENCRYPTION_KEY_ID: z.string().optional(),
    JOBS_SECRET: z.string().min(16, 'needs at least 16 characters').optional(),
    SMTP_URL: z.url().optional(),
    MAIL_FROM: z.string().optional(),
    WEBHOOKS_MAY_REACH_LOOPBACK: z.string().optional(),
    METRICS_TOKEN: z.string().min(16, 'needs at least 16 characters').optional(),
    OTEL_EXPORTER_OTLP_ENDPOINT: Url.optional(),
    OTEL_EXPORTER_OTLP_HEADERS: z.string().optional(),
    OTEL_SERVICE_NAME: z.string().optional(),
    GOOGLE_CLIENT_ID: z.string().optional(),
    GOOGLE_CLIENT_SECRET: z.string().optional(),
  })
  .refine((env) => (env.ENCRYPTION_KEYS === undefined) === (env.ENCRYPTION_KEY_ID === undefined), {
    path: ['ENCRYPTION_KEY_ID'],
    message: 'is set together with ENCRYPTION_KEYS, or not at all',
  })
  .refine((env) => (env.GOOGLE_CLIENT_ID === undefined) === (env.GOOGLE_CLIENT_SECRET === undefined), {
    path: ['GOOGLE_CLIENT_SECRET'],
    message: 'is set together with GOOGLE_CLIENT_ID, or not at all',
  });
export type StartEnvironment = z.infer<typeof StartEnvironment>;

/** Reads `.env` and the environment (which wins). Throws one error that names every variable that is wrong. */
export function readEnvironment(): StartEnvironment {
  if (existsSync('.env')) loadEnvFile('.env');
  const present = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
  const parsed = StartEnvironment.safeParse(present);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new Error(`The environment is not usable:\n${problems.join('\n')}\nSee .env.example.`);
}
