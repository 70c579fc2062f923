import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const ProductSecrets = z.object({
  encryptionKeyId: z.string(),
  encryptionKeys: z.string(),
  jobsSecret: z.string(),
  proxyDatabasePassword: z.string(),
  demoProxyKey: z.string().nullable(),
});
export type ProductSecrets = z.infer<typeof ProductSecrets>;

/** Secrets of this installation, made at the first start and kept in a file that only its owner reads. */
export function openProductSecrets(file: string): {
  secrets: ProductSecrets;
  save: (secrets: ProductSecrets) => void;
} {
  const save = (secrets: ProductSecrets): void =>
    writeFileSync(file, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  if (existsSync(file))
    return { secrets: ProductSecrets.parse(JSON.parse(readFileSync(file, 'utf8'))), save };
  const secrets: ProductSecrets = {
    encryptionKeyId: 'local',
    encryptionKeys: JSON.stringify({ local: randomBytes(32).toString('base64') }),
    jobsSecret: randomBytes(24).toString('hex'),
    proxyDatabasePassword: randomBytes(24).toString('hex'),
    demoProxyKey: null,
  };
  save(secrets);
  return { secrets, save };
}
