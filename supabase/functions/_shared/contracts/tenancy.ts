import { z } from 'zod';

export const Role = z.enum(['owner', 'admin', 'member']);
export type Role = z.infer<typeof Role>;

export const CreateInvitation = z.object({
  organizationId: z.uuid(),
  email: z.email('That is not an email address.').max(320),
  role: z.enum(['admin', 'member']),
});
export type CreateInvitation = z.infer<typeof CreateInvitation>;

/** `link` holds the token and is answered this once; `isMailed` is false where no mail server is configured. */
export const SentInvitation = z.object({
  id: z.uuid(),
  expiresAt: z.string(),
  link: z.url(),
  isMailed: z.boolean(),
});
export type SentInvitation = z.infer<typeof SentInvitation>;
