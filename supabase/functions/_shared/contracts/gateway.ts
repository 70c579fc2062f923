import { z } from 'zod';

/** Providers that a real key can be stored for. The sandbox has no key. */
export const Provider = z.enum(['openai', 'anthropic', 'moonshot']);
export type Provider = z.infer<typeof Provider>;

/** A key that a provider gave out. */
export const ApiKey = z
  .string()
  .trim()
  .min(8, 'A provider key has at least 8 characters.')
  .max(500, 'That is too long for a provider key.')
  .regex(/^[\x21-\x7e]+$/, 'A provider key has no spaces and only plain characters.');

export const CreateCredential = z.object({
  organizationId: z.uuid(),
  provider: Provider,
  name: z.string().trim().min(1, 'Give it a name.').max(100),
  apiKey: ApiKey,
});
export type CreateCredential = z.infer<typeof CreateCredential>;

export const RotateCredential = z.object({ apiKey: ApiKey });
export type RotateCredential = z.infer<typeof RotateCredential>;

/** What the provider said to a harmless request with the key; `error` is for people. */
export const CredentialTest = z.object({ ok: z.boolean(), error: z.string().nullable() });
export type CredentialTest = z.infer<typeof CredentialTest>;

export const StoredCredential = z.object({
  id: z.uuid(),
  lastFour: z.string().length(4),
  test: CredentialTest,
});
export type StoredCredential = z.infer<typeof StoredCredential>;

export const ProviderList = z.object({
  sandboxIsAvailable: z.boolean(),
  providers: z.array(
    z.object({ provider: Provider, name: z.string(), keyHint: z.string(), keysUrl: z.url() }),
  ),
});
export type ProviderList = z.infer<typeof ProviderList>;
