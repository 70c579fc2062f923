import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { z } from 'zod';

const Provider = z
  .object({
    enabled: z.boolean().default(false),
    client_id: z.string().default(''),
    secret: z.string().default(''),
    url: z.string().optional(),
    redirect_uri: z.string().optional(),
    skip_nonce_check: z.boolean().optional(),
  })
  .transform((provider) => ({ ...provider, enabled: provider.enabled && provider.client_id !== '' }));

const MailTemplates = z.record(
  z.string(),
  z.object({ subject: z.string().optional(), content_path: z.string().optional() }),
);
export type MailTemplates = z.infer<typeof MailTemplates>;

const Email = z.object({
  enable_signup: z.boolean().default(true),
  enable_confirmations: z.boolean().default(false),
  double_confirm_changes: z.boolean().default(true),
  max_frequency: z.string().default('1s'),
  otp_length: z.number().default(6),
  otp_expiry: z.number().default(3600),
  template: MailTemplates.optional(),
  // Only who sends: every mail goes to the local mailbox.
  smtp: z
    .object({
      admin_email: z.string().default('noreply@localhost.local'),
      sender_name: z.string().default('Supabase Auth'),
    })
    .prefault({}),
});

const Auth = z.object({
  site_url: z.string().default('http://127.0.0.1:3000'),
  additional_redirect_urls: z.array(z.string()).default([]),
  jwt_expiry: z.number().default(3600),
  enable_signup: z.boolean().default(true),
  enable_refresh_token_rotation: z.boolean().default(true),
  refresh_token_reuse_interval: z.number().default(10),
  minimum_password_length: z.number().default(6),
  password_requirements: z.string().optional(),
  sessions: z.object({ timebox: z.string(), inactivity_timeout: z.string() }).partial().optional(),
  email: Email.default(Email.parse({})),
  external: z.record(z.string(), z.unknown()).default({}),
});

const FunctionSettings = z.object({
  enabled: z.boolean().default(true),
  verify_jwt: z.boolean().default(true),
  import_map: z.string().optional(),
  entrypoint: z.string().optional(),
});
export type FunctionSettings = z.infer<typeof FunctionSettings>;

const ProjectConfig = z.object({
  project_id: z.string().optional(),
  api: z
    .object({
      schemas: z.array(z.string()).default(['public']),
      max_rows: z.number().default(1000),
    })
    .prefault({}),
  auth: Auth.prefault({}),
  db: z
    .object({
      seed: z
        .object({
          enabled: z.boolean().default(true),
          sql_paths: z.array(z.string()).default(['./seed.sql']),
        })
        .prefault({}),
    })
    .prefault({}),
  storage: z.object({ file_size_limit: z.string().default('50MiB') }).prefault({}),
  realtime: z.object({ enabled: z.boolean().default(true) }).prefault({}),
  functions: z.record(z.string(), FunctionSettings).default({}),
});
export type ProjectConfig = z.infer<typeof ProjectConfig>;

export const ExternalProviders = z.object({ google: Provider.optional(), github: Provider.optional() });
export type ExternalProviders = z.infer<typeof ExternalProviders>;

/** The part of supabase/config.toml that this stack acts on; `env(NAME)` is replaced from the environment. */
export function readProjectConfig(projectDir: string, environment: NodeJS.ProcessEnv): ProjectConfig {
  const file = join(projectDir, 'supabase', 'config.toml');
  if (!existsSync(file)) throw new Error(`${file} does not exist.`);
  try {
    return ProjectConfig.parse(substitute(parse(readFileSync(file, 'utf8')), environment));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new Error(`${file}: ${reason}`, { cause: error });
  }
}

export function functionSettings(config: ProjectConfig, slug: string): FunctionSettings {
  return config.functions[slug] ?? FunctionSettings.parse({});
}

/** A variable that is not set becomes the empty string: a provider without its id counts as switched off. */
function substitute(value: unknown, environment: NodeJS.ProcessEnv): unknown {
  if (typeof value === 'string') {
    const name = /^env\((\w+)\)$/.exec(value)?.[1];
    return name === undefined ? value : (environment[name] ?? '');
  }
  if (Array.isArray(value)) return value.map((item) => substitute(item, environment));
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, substitute(item, environment)]));
}
