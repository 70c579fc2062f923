import { randomUUID } from 'node:crypto';

export type Account = { fullName: string; email: string; password: string };

/** What someone who is new here fills in; the address is nobody else's. */
export function newAccount(fullName: string): Account {
  const [firstName = ''] = fullName.toLowerCase().split(' ');
  return {
    fullName,
    email: `${firstName}-${randomUUID().slice(0, 8)}@example.com`,
    password: randomUUID(),
  };
}
