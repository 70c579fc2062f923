import type { Hono } from 'hono';
import { authenticate, type User } from '../../_shared/auth.ts';
import { CreateInvitation, type SentInvitation } from '../../_shared/contracts/tenancy.ts';
import { readBody } from '../../_shared/create-app.ts';
import { unwrap } from '../../_shared/db.ts';
import { AppError } from '../../_shared/errors.ts';
import { answerData } from '../../_shared/http.ts';
import { describeError, log } from '../../_shared/log.ts';
import type { SendMail } from '../../_shared/mail.ts';
import type { TenancyEnv } from '../env.ts';

/** Invitations are made in SQL, as the caller; here they are mailed. */
export function addInvitationRoutes(app: Hono, env: TenancyEnv, sendMail: SendMail | null): void {
  app.post('/invitations', async (c) => {
    const user = await authenticate(env, c.req.raw);
    const input = await readBody(c.req.raw, CreateInvitation);
    return answerData(await invite(user, input, env, sendMail), 201);
  });

  app.post('/invitations/:id/resend', async (c) => {
    const user = await authenticate(env, c.req.raw);
    const open = unwrap(
      await user.db
        .from('invitations')
        .select('organization_id, email, role')
        .eq('id', c.req.param('id'))
        .is('accepted_at', null),
    )[0];
    if (open === undefined) throw new AppError('invitation_not_found');
    const input = CreateInvitation.parse({
      organizationId: open.organization_id,
      email: open.email,
      role: open.role,
    });
    // Inviting the same address again replaces the earlier token.
    return answerData(await invite(user, input, env, sendMail));
  });
}

async function invite(
  user: User,
  input: CreateInvitation,
  env: TenancyEnv,
  sendMail: SendMail | null,
): Promise<SentInvitation> {
  const [invitation] = unwrap(
    await user.db.rpc('create_invitation', {
      organization_id: input.organizationId,
      email: input.email,
      role: input.role,
    }),
  );
  if (invitation === undefined) throw new AppError('internal');
  const link = `${env.APP_URL}/invitations/${invitation.token}`;
  const isMailed = sendMail !== null && (await mailInvitation(user, input, link, sendMail));
  return { id: invitation.id, expiresAt: invitation.expires_at, link, isMailed };
}

async function mailInvitation(
  user: User,
  input: CreateInvitation,
  link: string,
  sendMail: SendMail,
): Promise<boolean> {
  const [organization, inviter] = await Promise.all([
    user.db.from('organizations').select('name').eq('id', input.organizationId).single(),
    user.db.from('profiles').select('full_name, email').eq('user_id', user.id).single(),
  ]);
  const name = organization.data?.name ?? 'an organization';
  const who = inviter.data?.full_name || inviter.data?.email || 'A colleague';
  try {
    await sendMail({
      to: input.email,
      subject: `${who} invites you to ${name} on Kreative HQ`,
      paragraphs: [
        `${who} invites you to join ${name} on Kreative HQ as ${input.role === 'admin' ? 'an admin' : 'a member'}.`,
        'The link is for you alone and works for seven days.',
      ],
      action: { label: `Join ${name}`, url: link },
    });
    return true;
  } catch (error) {
    log({
      level: 'warn',
      service: 'tenancy',
      action: 'mail-invitation',
      metadata: { error: describeError(error) },
    });
    return false;
  }
}
