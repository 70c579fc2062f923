import { AppError } from '../_shared/errors.ts';
import type { SecretBox } from '../_shared/secret-box.ts';
import type { Admitted } from './ledger.ts';

/** The provider's key in plain text. Throws `credential_unreadable`. */
export type CredentialOpener = (admitted: Admitted) => Promise<string> | string;

/** Opens each ciphertext once and remembers what was inside, in this process's memory only. */
export function createCredentialOpener(box: SecretBox): CredentialOpener {
  const opened = new Map<string, string>();
  return ({ organization_id: organizationId, credential }) => {
    if (credential.is_sandbox) return sandboxKey;
    const { ciphertext } = credential;
    if (ciphertext === null) throw new AppError('credential_unreadable');
    // A ciphertext opens for one owner only, so the owner is part of what is remembered.
    const memo = `${organizationId}:${credential.id}:${ciphertext}`;
    const known = opened.get(memo);
    if (known !== undefined) return known;
    return box.open(ciphertext, { organizationId, credentialId: credential.id }).then(
      (key) => {
        if (opened.size >= maxRemembered) opened.clear();
        opened.set(memo, key);
        return key;
      },
      (error: unknown) => {
        throw new AppError('credential_unreadable', {}, { cause: error });
      },
    );
  };
}

const sandboxKey = 'sandbox';
const maxRemembered = 1_000;
